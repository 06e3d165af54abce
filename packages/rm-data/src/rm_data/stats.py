"""How balanced a set of questions is, and what a reply that never looks at the map would score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from rm_data.templates import LETTERS
from rm_data.text_only import Sample, accuracy, sample_of
from rm_rewards import PLANNING, QUESTION_TYPES, Question

MOST_SAMPLES: Final = 5000
"""Questions of a type that the text-only baseline is worked out from: the first ones."""


@dataclass(slots=True)
class TypeStats:
    """The questions of one type.

    Attributes:
        count: How many.
        answers: How often each answer is the right one, as words: yes and no, letters, numbers; for
            planning the number of transfers.
        gaps: How often each number is right where letters stand for numbers (Counting1), and how
            many stops the shortest routes have (planning).
        maps: Their maps, as (country, city).
        samples: What the text-only baseline sees, up to `MOST_SAMPLES`.
    """

    count: int = 0
    answers: Counter[str] = field(default_factory=Counter[str])
    gaps: Counter[int] = field(default_factory=Counter[int])
    maps: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    samples: list[Sample] = field(default_factory=list[Sample])

    @property
    def majority(self) -> tuple[str, float]:
        """The answer that is right most often, and its share: what it scores without the map."""
        answer, times = self.answers.most_common(1)[0]
        return answer, times / self.count

    @property
    def text_only(self) -> float | None:
        """What `rm_data.text_only` gets right from the words; None where nothing can be guessed."""
        return accuracy(self.samples) if self.samples else None


def stats_of(questions: Iterable[Question]) -> dict[str, TypeStats]:
    """The figures by type, in the order of `QUESTION_TYPES`, other types last."""
    found: dict[str, TypeStats] = {}
    for question in questions:
        stats = found.setdefault(question.type, TypeStats())
        stats.count += 1
        stats.answers[_answer(question)] += 1
        stats.maps.add((question.country, question.city))
        gap = _gap(question)
        if gap is not None:
            stats.gaps[gap] += 1
        sample = sample_of(question) if len(stats.samples) < MOST_SAMPLES else None
        if sample is not None:
            stats.samples.append(sample)
    ranks = {kind: rank for rank, kind in enumerate(QUESTION_TYPES)}
    return dict(sorted(found.items(), key=lambda item: (ranks.get(item[0], len(ranks)), item[0])))


def _answer(question: Question) -> str:
    if question.type == PLANNING:
        return str(question.question_transfer_count)
    if question.type in {"TorF1", "TorF2"}:
        return "yes" if question.answer == 1 else "no"
    lettered = question.type == "Counting1" or question.options is not None
    if lettered and question.answer is not None:
        return LETTERS[question.answer]
    return str(question.answer)


def _gap(question: Question) -> int | None:
    if question.routes:
        legs = question.routes[0]
        if all(leg.via_stops or leg.num_via_stops is not None for leg in legs):
            return sum(leg.num_via_stops or len(leg.via_stops) for leg in legs) + len(legs)
        return None
    if question.options is None or question.answer is None:
        return None
    right = question.options[question.answer]
    return int(right) if right.isdecimal() else None


def stats_table(stats: Mapping[str, TypeStats]) -> Iterator[str]:
    """The lines of a table: type, questions, maps, the two baselines, answers; then the gaps.

    A planning question has no answer that could be guessed; its column shows transfers.
    """
    rows = [("type", "questions", "maps", "majority", "text only", "answers")]
    guessable = guessed = 0
    for kind, figures in stats.items():
        answer, share = figures.majority
        majority = "-" if kind == PLANNING else f"{answer} {share:.0%}"
        text = figures.text_only
        if kind != PLANNING:
            guessable += figures.count
            guessed += figures.answers[answer]
        told = "-" if text is None else f"{text:.0%}"
        counts = (str(figures.count), str(len(figures.maps)))
        rows.append((kind, *counts, majority, told, _listed(figures.answers)))
    widths = [max(len(row[i]) for row in rows) for i in range(5)]
    for row in rows:
        padded = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        yield "  ".join([*padded, row[-1]]).rstrip()
    if guessable:
        yield f"majority baseline of all {guessable} short questions: {guessed / guessable:.1%}"
    yield from _gap_lines(stats)


def _gap_lines(stats: Mapping[str, TypeStats]) -> Iterator[str]:
    titles = {PLANNING: "stops of the shortest routes"}
    for kind, figures in stats.items():
        if figures.gaps:
            listed = " ".join(f"{gap}:{times}" for gap, times in sorted(figures.gaps.items()))
            yield f"{kind}: {titles.get(kind, 'right numbers')}: {listed}"


def _listed(answers: Mapping[str, int]) -> str:
    ordered = sorted(answers.items(), key=lambda item: (len(item[0]), item[0]))
    return " ".join(f"{answer}:{times}" for answer, times in ordered)
