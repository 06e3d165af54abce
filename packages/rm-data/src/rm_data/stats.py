"""How balanced a set of questions is, and what a reply that never looks at the map would score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from rm_data.templates import LETTERS
from rm_rewards import PLANNING, QUESTION_TYPES, Question


@dataclass(slots=True)
class TypeStats:
    """The questions of one type.

    Attributes:
        count: How many.
        answers: How often each answer is the right one, as words: yes and no, letters, numbers; for
            planning the number of transfers.
        maps: Their maps, as (country, city).
    """

    count: int = 0
    answers: Counter[str] = field(default_factory=Counter[str])
    maps: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])

    @property
    def majority(self) -> tuple[str, float]:
        """The answer that is right most often, and its share: what it scores without the map."""
        answer, times = self.answers.most_common(1)[0]
        return answer, times / self.count


def stats_of(questions: Iterable[Question]) -> dict[str, TypeStats]:
    """The figures by type, in the order of `QUESTION_TYPES`, other types last."""
    found: dict[str, TypeStats] = {}
    for question in questions:
        stats = found.setdefault(question.type, TypeStats())
        stats.count += 1
        stats.answers[_answer(question)] += 1
        stats.maps.add((question.country, question.city))
    ranks = {kind: rank for rank, kind in enumerate(QUESTION_TYPES)}
    return dict(sorted(found.items(), key=lambda item: (ranks.get(item[0], len(ranks)), item[0])))


def _answer(question: Question) -> str:
    if question.type == PLANNING:
        return str(question.question_transfer_count)
    if question.type in {"TorF1", "TorF2"}:
        return "yes" if question.answer == 1 else "no"
    if question.type == "Counting1" and question.answer is not None:
        return LETTERS[question.answer]
    return str(question.answer)


def stats_table(stats: dict[str, TypeStats]) -> Iterator[str]:
    """The lines of a table: type, questions, maps, majority baseline, answers.

    A planning question has no answer that could be guessed; its column shows transfers.
    """
    rows = [("type", "questions", "maps", "majority", "answers")]
    guessable = guessed = 0
    for kind, figures in stats.items():
        answer, share = figures.majority
        majority = "-" if kind == PLANNING else f"{answer} {share:.0%}"
        if kind != PLANNING:
            guessable += figures.count
            guessed += figures.answers[answer]
        rows.append((kind, str(figures.count), str(len(figures.maps)), majority, _listed(figures)))
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    for row in rows:
        padded = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        yield "  ".join([*padded, row[-1]]).rstrip()
    if guessable:
        yield f"majority baseline of all {guessable} short questions: {guessed / guessable:.1%}"


def _listed(figures: TypeStats) -> str:
    ordered = sorted(figures.answers.items(), key=lambda item: (len(item[0]), item[0]))
    return " ".join(f"{answer}:{times}" for answer, times in ordered)
