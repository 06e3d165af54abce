"""Make a reward of named parts, with weights and gates, that keeps every part visible.

The total is the sum of weight x value over the parts whose gate is open. What each part gave stands
in a companion beside the `Reward` record; its keys are the names of the parts, always all of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TypeAlias

from rm_rewards.network import Network
from rm_rewards.part import Part, check, values_of
from rm_rewards.parts import KINDS, Aside, Sample
from rm_rewards.records import Question, RecordError, Reward
from rm_rewards.scoring import score_group
from rm_rewards.specs import SPECS, RewardSpec

_SLACK = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """What one part gave to one reply: `given` = weight x value, or 0 behind a closed gate."""

    value: float
    given: float
    open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A reward with its companion: every part by name, in the order of the composition."""

    reward: Reward
    components: Mapping[str, Component]


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """A reward made of parts.

    Raises:
        RecordError: If two parts share a name, a gate names no earlier part, a number is not
            finite, an option is unknown, or a wrong reply could beat a right one to the same
            question (unless `inversions` allows it).

    Attributes:
        name, semver: What it is called, and the version of its rules.
        parts: The parts in order.
        base: Reads and judges each reply; parts look at what it found.
        inversions: Accept that a wrong reply may earn more than a right one.
    """

    name: str
    parts: tuple[Part, ...]
    semver: str = "1.0.0"
    base: RewardSpec = field(default_factory=lambda: SPECS["rewardmap"])
    inversions: bool = False

    def __post_init__(self) -> None:
        if not self.parts:
            raise RecordError("parts", (), "at least one part")
        for i, part in enumerate(self.parts):
            check(part, [earlier.name for earlier in self.parts[:i]])
        least = sum(self._lead(part) for part in self.parts)
        if least < -_SLACK and not self.inversions:
            raise RecordError(
                "parts",
                f"a right reply {-least:g} points below a wrong one",
                "weights with which no wrong reply beats a right one "
                "(gate what is not about content by correctness, or set inversions = true)",
            )

    def _lead(self, part: Part) -> float:
        """The least that the part can put a right reply above a wrong one."""
        low, high = part.given
        if part.gate is None:
            lead = part.kind.lead
            if part.kind is KINDS["detail"] and self.base.grader != "repaired":
                lead = (-1.0, 1.0)  # there a wrong reply may have more detail than a right one
            elif part.kind.anew and not self._judges_as_usual:
                lead = replace(part.kind, gap=None).lead
            return min(part.weight * lead[0], part.weight * lead[1])
        gate = next(p for p in self.parts if p.name == part.gate)
        if gate.kind.gap == (1.0, 1.0) and gate.gate is None and 0.0 < part.gate_at <= 1.0:
            return low
        return min(low, 0.0) - max(high, 0.0)

    @property
    def _judges_as_usual(self) -> bool:
        """Whether a reply is right just where it is under `rewardmap`."""
        published = self.base.grader in ("published", "paper")
        return not published and self.base.accept == SPECS["rewardmap"].accept

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the greatest total."""
        ends = [
            sorted((p.weight * p.kind.range[0], p.weight * p.kind.range[1])) for p in self.parts
        ]
        gated = [p.gate is not None for p in self.parts]
        pairs = list(zip(ends, gated, strict=True))
        low = sum(min(0.0, a) if shut else a for (a, _), shut in pairs)
        return low, sum(max(0.0, b) if shut else b for (_, b), shut in pairs)

    @property
    def version(self) -> str:
        """Name, semantic version and the first 8 digits of the SHA-256 of the canonical form."""
        digest = hashlib.sha256(self.canonical().encode()).hexdigest()
        return f"{self.name}-{self.semver}+{digest[:8]}"

    def canonical(self) -> str:
        """The composition as JSON with sorted keys and without white space."""
        parts = [
            {
                "name": part.name,
                "use": part.kind.name,
                "range": part.kind.range,
                "weight": float(part.weight),
                "gate": part.gate,
                "gate_at": float(part.gate_at),
                "options": {**part.kind.options, **part.options},
            }
            for part in self.parts
        ]
        whole = {"name": self.name, "semver": self.semver, "base": asdict(self.base)}
        return json.dumps({**whole, "parts": parts}, sort_keys=True, separators=(",", ":"))

    @property
    def whole(self) -> tuple[str, ...]:
        """The names of the parts for which a reply's value depends on the rest of its group."""
        return tuple(part.name for part in self.parts if part.kind.whole)

    def score_group(
        self,
        question: Question,
        texts: Sequence[str],
        *,
        network: Network | None = None,
        asides: Sequence[Aside] | None = None,
    ) -> list[Composed]:
        """The rewards of a group of replies to one question, in order, with their components.

        Args:
            question: What was asked.
            texts: The replies of one group, all of them.
            network: The map's network, as `rm_rewards.score`.
            asides: What is known about each reply besides its text.

        Raises:
            RecordError: As `rm_rewards.score`; if a part gives another number of values than there
                are replies; if an aside lacks what a part needs.
        """
        found = score_group(question, texts, network=network, reward=self.base)
        known = [Aside()] * len(found) if asides is None else asides
        if len(known) != len(found):
            raise RecordError("asides", len(known), f"one for each of {len(found)} replies")
        samples = [
            Sample(question=question, text=text, reward=reward, network=network, aside=aside)
            for text, reward, aside in zip(texts, found, known, strict=True)
        ]
        columns = {part.name: values_of(part, samples) for part in self.parts}
        return [self._composed(s.reward, columns, i) for i, s in enumerate(samples)]

    def _composed(self, reward: Reward, columns: Mapping[str, Sequence[float]], i: int) -> Composed:
        components: dict[str, Component] = {}
        for part in self.parts:
            value = columns[part.name][i]
            opened = part.gate is None or (
                components[part.gate].open and components[part.gate].value >= part.gate_at
            )
            given = part.weight * value if opened else 0.0
            components[part.name] = Component(value=value, given=given, open=opened)
        total = sum(c.given for c in components.values())
        return Composed(
            reward=replace(reward, total=total, reward_version=self.version),
            components=components,
        )


AnyReward: TypeAlias = RewardSpec | Composition


def rewards_of(
    reward: AnyReward, question: Question, texts: Sequence[str], network: Network | None
) -> list[Reward]:
    """The rewards of a group under a named reward or a composition.

    Raises:
        RecordError: As `rm_rewards.score_group`.
    """
    if isinstance(reward, Composition):
        return [c.reward for c in reward.score_group(question, texts, network=network)]
    return score_group(question, texts, network=network, reward=reward)


__all__ = ["AnyReward", "Component", "Composed", "Composition", "Part", "rewards_of"]
