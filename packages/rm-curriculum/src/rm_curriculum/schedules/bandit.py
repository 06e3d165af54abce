"""The self-evolving curriculum (SEC, arXiv 2505.14970): a bandit over the stages.

Each stage is an arm with a value Q, the learning it is thought to give. For each draw the stage is
taken from softmax(Q / temperature); then Q <- rate * r + (1 - rate) * Q with the mean absolute
advantage r of what was reported of the stage since the last batch. For right and wrong rewards the
mean absolute advantage of a std-normalised group is 2 sqrt(p (1 - p)), twice its standard
deviation: largest at p = 1/2, 0 for a dead group. It is taken so for graded rewards too, in units
of `scale`. The defaults of rate and temperature are ours. Inside a stage items come in turn,
shuffled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import exp, fsum, sqrt
from typing import ClassVar, Final

from rm_curriculum.adaptive import Adaptive, Deck
from rm_curriculum.form import count, entry, mapping, number
from rm_curriculum.outcome import Report
from rm_curriculum.policy import Choice, Json, Policy, Pool
from rm_curriculum.schedules.rewardmap import STAGES
from rm_curriculum.schedules.schedule import Schedule, Stage, checked


@dataclass(frozen=True, slots=True)
class Bandit(Schedule):
    """Stages drawn by what they teach.

    Attributes:
        temperature: How evenly stages are drawn: near 0 the best alone, large all alike.
        rate: How fast Q follows, above 0 and at most 1.
        optimism: Q at the start, before a stage was reported.
        scale: The range of the rewards.
    """

    name: str = "bandit"
    stages: tuple[Stage, ...] = STAGES
    temperature: float = 0.4
    rate: float = 0.5
    optimism: float = 0.5
    scale: float = 1.0

    adaptive: ClassVar[bool] = True
    reactive: ClassVar[bool] = True

    def __post_init__(self) -> None:
        Schedule.__post_init__(self)
        checked(
            self,
            temperature=(self.temperature > 0, "a number above 0"),
            rate=(0 < self.rate <= 1, "above 0, at most 1"),
            scale=(self.scale > 0, "a number above 0"),
        )

    def start(self, pool: Pool) -> Policy:
        """Begin with all stages alike."""
        return Arms(pool, self)


class Arms(Adaptive):
    """The value of each stage, and a deck of its items."""

    def __init__(self, pool: Pool, options: Bandit) -> None:
        super().__init__(pool)
        self._options = options
        self._decks = {name: Deck(pool, name, members) for name, members in pool.members.items()}
        self._values = dict.fromkeys(pool.members, options.optimism)

    def choose(self, first: int, n: int) -> Choice:
        """For each draw a stage by chance, then its next item."""
        names = self.pool.stages()
        ends = list(accumulate(self._chances().values()))
        taken: set[int] = set()
        items: list[int] = []
        for draw in range(first, first + n):
            place = self.pool.words.share(draw) * ends[-1]
            stage = next(
                (name for name, end in zip(names, ends, strict=True) if place < end), names[-1]
            )
            items.append(self._decks[stage].fresh(taken))
        return Choice(self.stage, first // self.size, items)

    def observe(self, reports: Sequence[Report]) -> None:
        """Move the value of each stage that was reported."""
        names = self.pool.stages()
        earned: dict[str, list[float]] = {}
        for _, item, (_, _, variance, _, _) in reports:
            spread = 2.0 * sqrt(variance) / self._options.scale
            earned.setdefault(names[self.pool.stage_of[item]], []).append(spread)
        rate = self._options.rate
        for stage, spreads in earned.items():
            mean = fsum(spreads) / len(spreads)
            self._values[stage] += rate * (mean - self._values[stage])
        self._settle()

    def _settle(self) -> None:
        self.stage = max(self._values, key=self._values.__getitem__)

    def _chances(self) -> dict[str, float]:
        top = max(self._values.values())
        heat = self._options.temperature
        odds = {stage: exp((value - top) / heat) for stage, value in self._values.items()}
        total = fsum(odds.values())
        return {stage: chance / total for stage, chance in odds.items()}

    def state(self) -> dict[str, Json]:
        """Values, and places in the decks, by stage."""
        positions = {stage: deck.position for stage, deck in self._decks.items()}
        return {"values": dict(self._values), "positions": positions}

    def restore(self, state: Mapping[str, object]) -> None:
        """Take both from a state."""
        positions = mapping(entry(state, "positions"), "positions")
        for stage, deck in self._decks.items():
            deck.position = count(positions, stage)
        values = mapping(entry(state, "values"), "values")
        self._values = {stage: number(values, stage) for stage in self._values}
        self._settle()

    def carry(self, state: Mapping[str, object], drawn: int) -> int:
        """Keep the values; the decks start anew."""
        values = mapping(entry(state, "values"), "values")
        for stage in self._values:
            if stage in values:
                self._values[stage] = number(values, stage)
        self._settle()
        return super().carry(state, drawn)

    def metrics(self) -> dict[str, Json]:
        """Value and chance of each stage."""
        return {"values": dict(self._values), "chances": self._chances()}


BANDIT: Final = Bandit()
