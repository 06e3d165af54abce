"""The books of a run: what was dealt, and what it earned, as sums that do not grow with the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import log
from typing import Final

from rm_curriculum.form import count, counts, entry, mapping, numbers
from rm_curriculum.outcome import Report
from rm_curriculum.policy import Json

SUMS: Final = ("reports", "samples", "reward", "with_accuracy", "accuracy", "dead")
VALUES: Final = 32
OTHER: Final = "other"


@dataclass(slots=True)
class Ledger:
    """Counts of draws by kind, sums of reports by stage.

    Attributes:
        kinds: Stage, type and city of each kind of item.
        kind_of: The kind of each item.
        dealt: How many draws each kind had.
        earned: For each stage the sums named in `SUMS`.
        collapsed: How many dead groups (all replies with one reward) collapsed to which reward,
            rounded to three digits; at most `VALUES` rewards apart, the rest under "other".
        ignored: How many reports came again, or were of no draw of this run, since it resumed.
    """

    kinds: Sequence[tuple[str, str, str]]
    kind_of: Sequence[int]
    dealt: list[int]
    earned: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    collapsed: dict[str, int] = field(default_factory=dict[str, int])
    ignored: int = 0

    def __post_init__(self) -> None:
        for stage, _, _ in self.kinds:
            self.earned.setdefault(stage, [0] * len(SUMS))

    def deal(self, items: Sequence[int]) -> None:
        """Book draws of these items."""
        dealt, kind_of = self.dealt, self.kind_of
        for item in items:
            dealt[kind_of[item]] += 1

    def book(self, reports: Sequence[Report]) -> None:
        """Book reports."""
        kind_of, rows = self.kind_of, [self.earned[stage] for stage, _, _ in self.kinds]
        ends: list[float] = []
        for _, item, (samples, reward, variance, accuracy, _) in reports:
            sums = rows[kind_of[item]]
            sums[0] += 1
            sums[1] += samples
            sums[2] += samples * reward
            if accuracy is not None:
                sums[3] += 1
                sums[4] += accuracy
            if variance == 0.0 and samples > 1:
                sums[5] += 1
                ends.append(reward)
        for reward, times in Counter(ends).items():
            value = f"{reward + 0.0:.3g}"
            if value not in self.collapsed and len(self.collapsed) >= VALUES:
                value = OTHER
            self.collapsed[value] = self.collapsed.get(value, 0) + times

    def with_reports(self, reports: Sequence[Report]) -> Ledger:
        """A copy with these reports booked as well."""
        earned = {stage: list(sums) for stage, sums in self.earned.items()}
        copy = Ledger(
            self.kinds, self.kind_of, self.dealt, earned, dict(self.collapsed), self.ignored
        )
        copy.book(reports)
        return copy

    def reports(self) -> int:
        """How many draws have been reported."""
        return int(sum(sums[0] for sums in self.earned.values()))

    def mixture(self, part: int) -> dict[str, float]:
        """The share of each stage (part 0), type (1) or city (2) among the draws."""
        shares: Counter[str] = Counter()
        for kind, draws in zip(self.kinds, self.dealt, strict=True):
            shares[kind[part]] += draws
        total = shares.total()
        return {name: draws / total for name, draws in sorted(shares.items()) if draws and name}

    def means(self, value: str, by: str) -> dict[str, float]:
        """The mean of a sum by stage, for the stages that have any, sorted by name."""
        over, under = SUMS.index(value), SUMS.index(by)
        return {
            stage: sums[over] / sums[under]
            for stage, sums in sorted(self.earned.items())
            if sums[under]
        }

    def state(self) -> dict[str, Json]:
        """The books as JSON."""
        return {
            "dealt": self.dealt.copy(),
            "earned": {stage: sums.copy() for stage, sums in sorted(self.earned.items())},
            "collapsed": dict(sorted(self.collapsed.items())),
        }

    def restored(self, state: Mapping[str, object], *, same_items: bool) -> Ledger:
        """Books of the same kinds that go on from a state.

        Of other items the counts of draws start anew, since their kinds may be others.

        Raises:
            CurriculumError: If the state does not have that form.
        """
        stages = {kind[0] for kind in self.kinds}
        kinds = len(self.kinds) if same_items else None
        dealt = counts(entry(state, "dealt"), "books: dealt", length=kinds)
        earned = mapping(entry(state, "earned"), "books: earned")
        collapsed = mapping(entry(state, "collapsed"), "books: collapsed")
        return Ledger(
            self.kinds,
            self.kind_of,
            dealt if same_items else [0] * len(self.dealt),
            {
                stage: numbers(sums, f"books: earned: {stage}", length=len(SUMS))
                for stage, sums in earned.items()
                if stage in stages
            },
            {reward: count(collapsed, reward) for reward in collapsed},
        )


def entropy(shares: Mapping[str, float]) -> float:
    """The entropy of shares in bits: 0 for one type alone, log2 of their number if all are even."""
    return -sum(share * log(share, 2) for share in shares.values() if share) + 0.0
