"""What another reward would have changed: in scores, in what is right, in who beats whom."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

from rm_rewards.diagnostics.moments import Moments
from rm_rewards.records import Reward

_SAME: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Was:
    """What a reply was given before; what is not known is None."""

    score: float | None
    correct: bool | None


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Change:
    """One reply that is scored differently now; the weightier, the greater."""

    flipped: bool
    distance: float
    where: str
    question_id: str
    before: str
    after: str
    reasons: tuple[str, ...]


@dataclass(slots=True)
class Difference:
    """The difference over a log, gathered entry by entry; memory for one group at a time.

    A group is the replies to one question that follow each other. The order inside a group is what
    a group-normalised advantage is made of.
    """

    show: int = 10
    replies: int = 0
    scored: int = 0
    changed: int = 0
    scores: Moments = field(default_factory=Moments)
    flips: dict[tuple[bool, bool], int] = field(default_factory=dict[tuple[bool, bool], int])
    pairs: int = 0
    swapped: int = 0
    parted: int = 0
    joined: int = 0
    _top: list[Change] = field(default_factory=list[Change])
    _group: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])
    _question: str = ""

    def add(self, where: str, was: Was, now: Reward) -> None:
        """Take one more reply."""
        if now.question_id != self._question:
            self._close()
            self._question = now.question_id
        self.replies += 1
        flipped = was.correct is not None and was.correct != now.correct
        if was.correct is not None:
            key = (was.correct, now.correct)
            self.flips[key] = self.flips.get(key, 0) + 1
        distance = 0.0
        if was.score is not None:
            self.scored += 1
            distance = abs(was.score - now.total)
            self.changed += distance > _SAME
            self.scores.add(was.score, now.total)
            self._group.append((was.score, now.total))
        if flipped or distance > _SAME:
            self._keep(_change(where, was, now, flipped=flipped, distance=distance))

    def _keep(self, change: Change) -> None:
        if len(self._top) < self.show:
            heapq.heappush(self._top, change)
        elif self._top:
            heapq.heappushpop(self._top, change)

    def _close(self) -> None:
        for (a, x), (b, y) in combinations(self._group, 2):
            before, after = _order(a, b), _order(x, y)
            self.pairs += 1
            self.swapped += before * after < 0
            self.parted += before == 0 != after
            self.joined += before != 0 == after
        self._group.clear()

    def lines(self) -> Iterator[str]:
        """The difference as text."""
        self._close()
        yield f"replies        {self.replies}, {self.scored} of them with a score in the log"
        if self.scored:
            yield f"scored anew    {self.changed} ({self.changed / self.scored:.1%}) differ"
            yield f"mean score     {self.scores.mean:.4f} -> {self.scores.other_mean:.4f}"
            correlation = self.scores.correlation
            yield f"correlation    {'-' if correlation is None else f'{correlation:.4f}'}"
        if self.pairs:
            yield (
                f"order          of {self.pairs} pairs in groups: {self.swapped} swapped,"
                f" {self.parted} ties parted, {self.joined} made ties"
            )
        for (before, after), count in sorted(self.flips.items()):
            yield f"{_said(before)} -> {_said(after):<7} {count}"
        if self._top:
            yield f"the {len(self._top)} widest changes"
        for change in sorted(self._top, reverse=True):
            said = f" ({', '.join(change.reasons)})" if change.reasons else ""
            yield (
                f"  {change.where}: {change.question_id}: {change.before} -> {change.after}{said}"
            )


def _order(a: float, b: float) -> int:
    return 0 if abs(a - b) <= _SAME else (1 if a > b else -1)


def _said(correct: bool | None) -> str:
    return "" if correct is None else ("right" if correct else "wrong")


def _change(where: str, was: Was, now: Reward, *, flipped: bool, distance: float) -> Change:
    score = "?" if was.score is None else f"{was.score:g}"
    return Change(
        flipped=flipped,
        distance=distance,
        where=where,
        question_id=now.question_id,
        before=f"{score} {_said(was.correct)}".strip(),
        after=f"{now.total:g} {_said(now.correct)}",
        reasons=now.reasons,
    )
