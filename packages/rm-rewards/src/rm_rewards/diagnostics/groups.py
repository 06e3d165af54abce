"""Figures about groups of replies to one question each: where there is something to learn from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from rm_rewards.diagnostics.moments import Moments
from rm_rewards.diagnostics.ordering import Ordering, Pairs
from rm_rewards.records import Reward

Fate: TypeAlias = Literal["alive", "too easy", "too hard", "constant", "single"]
FATES: Final[tuple[Fate, ...]] = ("alive", "too easy", "too hard", "constant", "single")
PARTS: Final = ("format", "correctness", "detail", "total")
_SAME: Final = 1e-9


@dataclass(slots=True)
class Group:
    """The replies to one question, as far as they have come: their totals, counted."""

    totals: Ordering = field(default_factory=Ordering)
    spread: Moments = field(default_factory=Moments)
    least: float = float("inf")
    most: float = float("-inf")

    def add(self, reward: Reward) -> None:
        """Take one more reply."""
        self.totals.add(reward.total, correct=reward.correct)
        self.spread.add(reward.total)
        self.least = min(self.least, reward.total)
        self.most = max(self.most, reward.total)

    @property
    def fate(self) -> Fate:
        """Whether the group teaches anything: with one reply, or equal rewards, it does not.

        A dead group is too easy if all of it is right, too hard if all is wrong, and else
        constant: the reward cannot tell its right replies from its wrong ones.
        """
        if self.spread.count == 1:
            return "single"
        if self.most - self.least > _SAME:
            return "alive"
        if not self.totals.wrong:
            return "too easy"
        return "constant" if self.totals.right else "too hard"


@dataclass(slots=True)
class Section:
    """The figures about all replies, or about those of one type, city or number of transfers.

    Attributes:
        groups: Question id -> its group; what grows with the number of questions.
        parts: Component -> its values for right and for wrong replies.
        lengths: Length of a reply in characters, with its total.
    """

    groups: dict[str, Group] = field(default_factory=dict[str, Group])
    parts: dict[str, Ordering] = field(default_factory=lambda: {part: Ordering() for part in PARTS})
    spread: Moments = field(default_factory=Moments)
    lengths: Moments = field(default_factory=Moments)
    accuracy: Moments = field(default_factory=Moments)
    statuses: Counter[str] = field(default_factory=Counter[str])

    def add(
        self,
        reward: Reward,
        length: int | None,
        components: Mapping[str, float] | None = None,
    ) -> None:
        """Take one more reply; `components` are those of a composition, by name."""
        group = self.groups.get(reward.question_id)
        if group is None:
            group = self.groups[reward.question_id] = Group()
        group.add(reward)
        for part in PARTS:
            self.parts[part].add(float(getattr(reward, part)), correct=reward.correct)
        for name, value in (components or {}).items():
            self.parts.setdefault(f"part {name}", Ordering()).add(value, correct=reward.correct)
        self.spread.add(reward.total)
        self.accuracy.add(reward.accuracy)
        self.statuses[reward.status] += 1
        if length is not None:
            self.lengths.add(float(length), reward.total)

    def figures(self) -> Figures:
        """What all that came adds up to."""
        fates = Counter[str](group.fate for group in self.groups.values())
        dead = Counter[float](
            round(g.spread.mean, 4) for g in self.groups.values() if g.fate not in _LIVELY
        )
        inside = sum(g.spread.squares for g in self.groups.values()) / max(1, self.spread.count)
        pairs = sum((g.totals.pairs() for g in self.groups.values()), start=Pairs())
        return Figures(
            replies=self.spread.count,
            mean_total=self.spread.mean,
            accuracy=self.accuracy.mean,
            statuses=dict(self.statuses),
            fates={fate: fates[fate] for fate in FATES},
            dead_at=tuple(dead.most_common(5)),
            within=inside,
            between=max(0.0, self.spread.variance - inside),
            parts={name: values.pairs() for name, values in self.parts.items()},
            in_groups=pairs,
            length=self.lengths.mean if self.lengths.count else None,
            length_correlation=self.lengths.correlation,
        )


_LIVELY: Final = ("alive", "single")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a section adds up to.

    Attributes:
        fates: How many groups are alive, dead for which reason, or single.
        dead_at: The most frequent totals that dead groups collapsed to, with their number.
        within, between: The variance of totals inside groups and between their means; their sum
            is the variance of all totals.
        parts: Component -> pairs of a right and a wrong reply, over the whole section.
        in_groups: The same for the total, over pairs of replies to the same question alone.
        length: Mean length of a reply in characters; None if no replies were given.
        length_correlation: Pearson's, of length and total.
    """

    replies: int
    mean_total: float
    accuracy: float
    statuses: Mapping[str, int]
    fates: Mapping[Fate, int]
    dead_at: tuple[tuple[float, int], ...]
    within: float
    between: float
    parts: Mapping[str, Pairs]
    in_groups: Pairs
    length: float | None
    length_correlation: float | None

    @property
    def groups(self) -> int:
        """How many groups there are."""
        return sum(self.fates.values())

    @property
    def dead(self) -> float | None:
        """The share of dead groups among those of two replies or more; None without any."""
        asked = self.groups - self.fates["single"]
        return (asked - self.fates["alive"]) / asked if asked else None
