"""The published scorer's verdicts, fault for fault, and Algorithm 1 as the paper prints it.

Points as published: 10 for a right answer, and up to 10 of detail for a planned route, of which
half is added. Both are unbounded below, because each leg too many takes 5 off.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rm_rewards.network import Network
from rm_rewards.published_parse import Segment, clean, segments, short_answer
from rm_rewards.records import PLANNING, Question, RecordError

_MOST_DETAIL: Final = 10.0
_LETTERS: Final = "abcd"
_RENAMED: Final = (("八通", "Line 1"), ("大兴", "Line 4"))

Lists = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedVerdict:
    """What the published scorer finds: whether a reply is right, its detail, what it read.

    `error` names the exception that the published code ends in, or is empty.
    """

    correct: bool
    detail: float = 0.0
    parsed: str | None = None
    error: str = ""


def lists_of(network: Network) -> Lists:
    """Each line's stations, cleaned as the published scorer cleans them.

    One entry of the published lists differs: a blank before the remark of 东管头南站 on Beijing's
    Line 16 keeps the published code from ever matching it there. A `Network` has no such blank.
    """
    return {
        line: frozenset(clean(network.names[stop]) for stop in stops)
        for line, stops in network.neighbours.items()
    }


def published_verdict(question: Question, reply: str, lists: Lists) -> PublishedVerdict:
    """What the published scorer finds about a reply."""
    kind = question.type
    if "TorF" in kind or "Counting" in kind:
        return _short_verdict(question, reply)
    if PLANNING not in kind:
        return PublishedVerdict(correct=False, error="NotImplementedError")
    start, end = _ends(question)
    strict, loose = segments(reply)
    correct = _is_right(strict, lists, start, end)
    detail = 0.0
    if kind == PLANNING:
        detail = _detail(loose, lists, start, end, question.question_transfer_count)
    return PublishedVerdict(correct=correct, detail=detail, parsed=_written(strict))


def _ends(question: Question) -> tuple[str, str]:
    for field, name in (("station_1", question.station_1), ("station_2", question.station_2)):
        if name is None:
            raise RecordError(field, name, f"the name of a station (question {question.id!r})")
    return clean(question.station_1 or ""), clean(question.station_2 or "")


def _written(read: Sequence[Segment]) -> str | None:
    return " | ".join(f"{s.line}: {s.departure} -> {s.arrival}" for s in read) or None


def _short_verdict(question: Question, reply: str) -> PublishedVerdict:
    answer, truth = short_answer(reply), question.answer
    if "TorF" in question.type:
        correct = answer.lower() == ("yes" if truth == 1 else "no")
    elif question.type in ("Counting2", "Counting3"):
        correct = _integer(answer) == truth
    elif question.type == "Counting1":
        letter = answer.lower()
        correct = len(letter) == 1 and letter in _LETTERS and _LETTERS.index(letter) == truth
    else:
        return PublishedVerdict(correct=False, parsed=answer, error="UnboundLocalError")
    return PublishedVerdict(correct=correct, parsed=answer)


def _integer(answer: str) -> int | None:
    try:
        return int(answer)
    except ValueError:
        return None


def _line(segment: Segment) -> str:
    name = segment.line
    for part, line in _RENAMED:
        if part in name:
            name = line
    return name


def _joins_ends(read: Sequence[Segment], start: str, end: str) -> bool:
    return bool(read) and clean(read[0].departure) == start and clean(read[-1].arrival) == end


def _on_line(segment: Segment, lists: Lists) -> bool:
    stations = lists.get(_line(segment), frozenset())
    return clean(segment.departure) in stations and clean(segment.arrival) in stations


def _hands_over(read: Sequence[Segment], i: int) -> bool:
    return i + 1 < len(read) and clean(read[i].arrival) == clean(read[i + 1].departure)


def _is_right(read: Sequence[Segment], lists: Lists, start: str, end: str) -> bool:
    return _joins_ends(read, start, end) and all(
        _on_line(segment, lists) and (i + 1 == len(read) or _hands_over(read, i))
        for i, segment in enumerate(read)
    )


def _detail(read: Sequence[Segment], lists: Lists, start: str, end: str, transfers: int) -> float:
    """The released detail: one leg too few is allowed before 5 is taken off for each."""
    if not _joins_ends(read, start, end):
        return 0.0
    score = 2.0
    for i, segment in enumerate(read):
        if i + 1 > transfers:
            score -= 5
        stations = lists.get(_line(segment))
        if stations is None:
            continue
        if transfers:
            score += 3
        elif start in stations and end in stations:
            score += 4
        if i + 1 <= transfers and _on_line(segment, lists) and _hands_over(read, i):
            score += 1
    return min(score, _MOST_DETAIL)


def algorithm_1(question: Question, reply: str, lists: Lists) -> float:
    """R_detail of the RewardMap paper, Algorithm 1, legs counted from 0.

    2 if the first leg departs from the origin and the last arrives at the destination; then for
    each leg: -5 if its index is above the number of transfers, +4 if its index is 0 and its line is
    right, +1 if both stops are on the line and it hands over to the next; at most 10. The print has
    lost the operators of the first condition (the released code says "and"), and does not say when
    a line is right: here, when it serves both stops of the leg.

    Example:
        A perfect route has 6 points without a transfer, 7 with one.
    """
    start, end = _ends(question)
    read, _ = segments(reply)
    score = 2.0 if _joins_ends(read, start, end) else 0.0
    for i, segment in enumerate(read):
        on_line = _on_line(segment, lists)
        if i > question.question_transfer_count:
            score -= 5
        if i == 0 and on_line:
            score += 4
        if on_line and _hands_over(read, i):
            score += 1
    return min(score, _MOST_DETAIL)
