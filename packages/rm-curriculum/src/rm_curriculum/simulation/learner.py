"""A learner made of numbers: item-response skills that practice moves, that help each other, fade.

A question is answered right with the probability of the three-parameter logistic model,

    p = g + (1 - g) s,    s = 1 / (1 + exp(-a (ability - b)))

(g what a guess earns, a the discrimination, b the difficulty). The ability in a family is its own
skill mixed with the mean skill of the families it builds on: (1 - transfer) own + transfer needed.

Practice is what GRPO's gradient does to such a learner. With the advantages (r - mean) / std of a
group whose share of right replies is q, the mean of advantage times the score function of the
logit is a sqrt(q (1 - q)) s / p: nothing where all replies are alike, and the less, the more of the
right ones were guessed. Each skill moves by that, times the rate, times its part in the ability. An
update that moves one skill disturbs the others: they fall back towards where they began, in
proportion to 2 sqrt(q (1 - q)), so dead groups teach nothing and disturb nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from math import exp, isfinite, sqrt
from random import Random

from rm_curriculum.errors import CurriculumError
from rm_curriculum.simulation.families import Family


@dataclass(frozen=True, slots=True, kw_only=True)
class Learner:
    """The settings of a synthetic learner; none is measured on a real model.

    Attributes:
        rate: How far a batch of questions of one family moves its ability, at most, in logits.
        transfer: Part of an ability that comes from the skills it builds on, in [0, 1]; 0 makes the
            families independent.
        forgetting: Share of what was learnt that a skill loses, at most, to a batch that practises
            others, in [0, 1].
        discrimination: How sharply p rises with ability, above 0.
        spread: Standard deviation of the difficulties inside a family, in logits.
        start: Standard deviation of the beginner's skills around 0: how unlike seeds are.
        group: Replies a question.

    Raises:
        CurriculumError: If a value is out of range.
    """

    rate: float = 0.3
    transfer: float = 0.5
    forgetting: float = 0.01
    discrimination: float = 1.0
    spread: float = 0.7
    start: float = 0.3
    group: int = 8

    def __post_init__(self) -> None:
        for field in fields(self):
            value = float(getattr(self, field.name))
            low, high = _RANGES.get(field.name, (0.0, float("inf")))
            if not (isfinite(value) and low <= value <= high):
                upper = "" if high == float("inf") else f" to {high:g}"
                raise CurriculumError(
                    f"{field.name}: found {value:g}, expected {low:g}{upper or ' or more'}"
                )


_RANGES: dict[str, tuple[float, float]] = {
    "transfer": (0.0, 1.0),
    "forgetting": (0.0, 1.0),
    "discrimination": (0.01, float("inf")),
    "group": (2.0, 1024.0),
}


@dataclass(frozen=True, slots=True)
class Group:
    """Replies to one question: `right` of `size` are."""

    family: str
    difficulty: float
    right: int
    size: int

    @property
    def share(self) -> float:
        """The share that is right."""
        return self.right / self.size


class Pupil:
    """A learner at work: its skills now.

    Args:
        learner: Its settings.
        families: The skills there are.
        draw: Where its beginning and its replies come from.
    """

    def __init__(self, learner: Learner, families: Sequence[Family], draw: Random) -> None:
        self._learner = learner
        self._families = {family.name: family for family in families}
        self._parts = {family.name: _parts(family, learner.transfer) for family in families}
        self._start = {name: draw.gauss(0.0, learner.start) for name in self._families}
        self.skills = dict(self._start)
        self._draw = draw

    def chance(self, family: str, difficulty: float) -> float:
        """The probability of a right reply to a question of that family and difficulty."""
        guess = self._families[family].guess
        return guess + (1.0 - guess) * self._known(family, difficulty)

    def answer(self, family: str, difficulty: float, size: int) -> Group:
        """A group of so many replies, drawn at random."""
        right = binomial(size, self.chance(family, difficulty), self._draw.random())
        return Group(family, difficulty, right, size)

    def practise(self, groups: Iterable[Group], batch: int) -> None:
        """Learn from groups; `batch` of them count for one step, fewer move in proportion."""
        gains = dict.fromkeys(self.skills, 0.0)
        disturbed = dict.fromkeys(self.skills, 0.0)
        for group in groups:
            spread = sqrt(group.share * (1.0 - group.share))
            gain = self._gain(group, spread)
            parts = self._parts[group.family]
            for name in self.skills:
                part = parts.get(name, 0.0)
                gains[name] += gain * part
                disturbed[name] += 2.0 * spread * (1.0 - part)
        for name, skill in self.skills.items():
            lost = self._learner.forgetting * disturbed[name] / batch
            faded = lost * (skill - self._start[name])
            self.skills[name] = skill + self._learner.rate * gains[name] / batch - faded

    def _known(self, family: str, difficulty: float) -> float:
        ability = sum(part * self.skills[name] for name, part in self._parts[family].items())
        return _logistic(self._learner.discrimination * (ability - difficulty))

    def _gain(self, group: Group, spread: float) -> float:
        known = self._known(group.family, group.difficulty)
        guess = self._families[group.family].guess
        chance = guess + (1.0 - guess) * known
        return self._learner.discrimination * spread * known / chance


def binomial(trials: int, chance: float, uniform: float) -> int:
    """The number of successes at that point of the binomial distribution's inverse.

    Args:
        trials: How many there are.
        chance: Of each, in [0, 1].
        uniform: Where to read the inverse, in [0, 1).
    """
    if chance > 0.5:
        return trials - binomial(trials, 1.0 - chance, 1.0 - uniform)
    odds = chance / (1.0 - chance)
    mass = (1.0 - chance) ** trials
    total, found = mass, 0
    while total <= uniform and found < trials:
        mass *= odds * (trials - found) / (found + 1)
        found += 1
        total += mass
    return found


def _logistic(value: float) -> float:
    if value >= 0:
        return 1.0 / (1.0 + exp(-value))
    grown = exp(value)
    return grown / (1.0 + grown)


def _parts(family: Family, transfer: float) -> Mapping[str, float]:
    """How much of each skill is in the ability of that family; they sum to 1."""
    if not family.needs:
        return {family.name: 1.0}
    shared = transfer / len(family.needs)
    return {family.name: 1.0 - transfer, **dict.fromkeys(family.needs, shared)}
