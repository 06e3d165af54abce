"""What a composed reward can be made of: kinds of parts, for one reply or for a whole group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from rm_rewards.network import Network
from rm_rewards.records import Question, Reward

_GRAM: Final = 6
_CHARACTERS_PER_TOKEN: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """What is known about a reply besides its text; a kind says in `needs` what it cannot miss.

    Attributes:
        tokens: Its length in tokens.
        likelihood: How likely a reference model finds its answer after its reasoning, in [0, 1].
        second: The reply to the twin of the question: with the two stations swapped, or on the map
            without the line `removed`.
        removed: The name of that line.
    """

    tokens: int | None = None
    likelihood: float | None = None
    second: str | None = None
    removed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One reply of a group, with what the base reward found about it."""

    question: Question
    text: str
    reward: Reward
    network: Network | None = None
    aside: Aside = field(default_factory=Aside)

    @property
    def tokens(self) -> int:
        """The length in tokens; a quarter of the characters, rounded up, where that is unknown."""
        known = self.aside.tokens
        return -(-len(self.text) // _CHARACTERS_PER_TOKEN) if known is None else known


Options: TypeAlias = Mapping[str, float]
GroupValues: TypeAlias = Callable[[Sequence[Sample], Options], Sequence[float]]
SampleValue: TypeAlias = Callable[[Sample, Options], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of part: how its value is found, and the range that the value never leaves.

    Attributes:
        name: What a specification calls it (`use`).
        of: The values of a group of replies to one question, in order.
        range: The least and the greatest value; what lies outside is clipped.
        gap: The least and the greatest value of a right reply minus a wrong one, to one question.
            None: nothing is known, so all that the range allows.
        options: The options that it takes, with their defaults.
        meaning: One sentence for people.
        whole: Whether a reply's value depends on the others of its group. Trainers that hand over
            one reply at a time refuse such a part.
        needs: The fields of `Aside` without which there is no value.
        anew: Whether it judges the reply anew by the rules of `rewardmap`, whatever the base is.
    """

    name: str
    of: GroupValues = field(compare=False)
    range: tuple[float, float] = (0.0, 1.0)
    gap: tuple[float, float] | None = None
    options: Options = field(default_factory=dict[str, float])
    meaning: str = ""
    whole: bool = False
    needs: tuple[str, ...] = ()
    anew: bool = False

    @property
    def lead(self) -> tuple[float, float]:
        """The least and the greatest lead of a right reply over a wrong one."""
        low, high = self.range
        return self.gap or (low - high, high - low)


def each(value: SampleValue) -> GroupValues:
    """A part that looks at one reply at a time, as a part of the group."""
    return lambda samples, options: [value(sample, options) for sample in samples]


def _repetition(sample: Sample, _options: Options) -> float:
    words = sample.text.split()
    count = len(words) - _GRAM + 1
    if count < 1:
        return 0.0
    return 1.0 - len(set(zip(*(words[i:] for i in range(_GRAM)), strict=False))) / count


def _shortest(samples: Sequence[Sample], options: Options) -> list[float]:
    lengths = [
        len(s.text) if s.reward.correct and len(s.text) >= options["at_least"] else None
        for s in samples
    ]
    best = min((n for n in lengths if n is not None), default=None)
    return [float(n is not None and n == best) for n in lengths]


def _agreement(samples: Sequence[Sample], _options: Options) -> list[float]:
    said = Counter(s.reward.parsed for s in samples)
    return [0.0 if (p := s.reward.parsed) is None else said[p] / len(samples) for s in samples]


KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind
    for kind in (
        Kind(
            name="format",
            of=each(lambda s, _: float(s.reward.format > 0)),
            meaning="1 for the form that was asked for (0 where the base judges no form)",
        ),
        Kind(
            name="correctness",
            of=each(lambda s, _: float(s.reward.correct)),
            gap=(1.0, 1.0),
            meaning="1 for a right reply",
        ),
        Kind(
            name="detail",
            of=each(lambda s, _: s.reward.detail),
            gap=(0.0, 1.0),
            meaning="partial credit for a planned route",
        ),
        Kind(
            name="brevity",
            of=each(lambda s, options: 1.0 - len(s.text) / max(1.0, options["limit"])),
            options={"limit": 4000.0},
            meaning="1 for an empty reply, falling to 0 at `limit` characters",
        ),
        Kind(
            name="repetition",
            of=each(_repetition),
            meaning="share of repeated runs of six words; give it a negative weight",
        ),
        Kind(
            name="shortest",
            of=_shortest,
            gap=(0.0, 1.0),
            options={"at_least": 0.0},
            whole=True,
            meaning="whole group: 1 for the shortest right reply of `at_least` characters",
        ),
        Kind(
            name="agreement",
            of=_agreement,
            whole=True,
            meaning="whole group: share of replies with the same answer",
        ),
    )
}
"""The kinds that a specification can name, besides those of `rm_rewards.methods.kinds`."""

__all__ = ["KINDS", "Aside", "GroupValues", "Kind", "Options", "Sample", "SampleValue", "each"]
