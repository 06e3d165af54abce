"""A run's saved replies under every extractor: how far its numbers hang on how it is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rm_eval.benchmarks import BENCHMARKS, Scored
from rm_eval.benchmarks.reasonmap_plus import SUMS, sums_of_weights
from rm_eval.errors import EvalError
from rm_eval.extractors import Extractor, extractors_named
from rm_eval.item import ITEMS, PLUS, Item, item_of
from rm_eval.rescored_routes import RouteNumbers, route_numbers
from rm_rewards import PLANNING, Completion, Question, RecordError, jsonl

COMPLETIONS: Final = "completions.jsonl"
QUESTIONS: Final = "questions.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One benchmark under one extractor.

    Attributes:
        n: Replies.
        measures: The benchmark's numbers in [0, 1] by name; the first is the one that is quoted.
        unparsed: Share of the replies in which it found no answer.
        rules: How many answers each of its rules found.
    """

    extractor: str
    follows: str
    n: int
    measures: Mapping[str, float]
    unparsed: float
    rules: Mapping[str, int]

    @property
    def main(self) -> float:
        """The number that is quoted."""
        return next(iter(self.measures.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskReadings:
    """One benchmark under each extractor that scores it.

    Attributes:
        guard: What differs from the whole published benchmark, in words.
        disagreeing: Replies that are right under one of the extractors and wrong under another.
    """

    task: str
    title: str
    readings: tuple[Reading, ...]
    guard: tuple[str, ...]
    disagreeing: int

    @property
    def spread(self) -> float:
        """The greatest quoted number less the least."""
        values = [reading.main for reading in self.readings]
        return max(values) - min(values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescored:
    """A run scored again. `routes` are the planning questions, which no extractor reads."""

    run: str
    tasks: tuple[TaskReadings, ...]
    routes: tuple[RouteNumbers, ...]


def rescore(run: str | Path, extractor: str = "all") -> Rescored:
    """Score the saved replies of a run, finished or not, under one extractor or under all.

    Args:
        run: The run folder; also a folder of `questions.jsonl` (or `items.jsonl`) and
            `completions.jsonl` from elsewhere.
        extractor: A name of `EXTRACTORS`, or `all`.

    Raises:
        EvalError: If there is no such extractor, it scores nothing here, or the folder is no run.
        RecordError: At a line that is no reply, or one to a question that is not there.
        OSError: If a file cannot be read.
    """
    folder = Path(run)
    chosen = extractors_named(extractor)
    items, planning = _asked(folder)
    tally = _Tally(chosen)
    replies: list[tuple[Question, str]] = []
    for completion, where in _completions(folder):
        identity = completion.question_id
        if identity in items:
            tally.add(items[identity], completion.text)
        elif identity in planning:
            replies.append((planning[identity], completion.text))
        else:
            raise RecordError("question_id", identity, "the id of a question", where=where)
    tasks = tally.tasks()
    routes = route_numbers(folder, replies) if extractor == "all" else ()
    if not tasks and not routes:
        held = ", ".join(sorted({item.task for item in items.values()})) or "no such question"
        raise EvalError(f"{folder}: {extractor} scores nothing there: it holds {held}")
    return Rescored(run=str(folder), tasks=tasks, routes=routes)


def _asked(folder: Path) -> tuple[dict[str, Item], dict[str, Question]]:
    """The items by the id of their question, and the planning questions likewise."""
    file = folder / QUESTIONS
    questions = list(jsonl.read(Question, file)) if file.is_file() else []
    items: dict[str, Item] = {}
    if (folder / ITEMS).is_file():
        items = {item.id: item for item in jsonl.read(Item, folder / ITEMS)}
    if not questions and not items:
        raise EvalError(f"{folder}: no {QUESTIONS} there, expected the folder of an rm-eval run")
    for question in questions:
        made = None if question.id in items else item_of(question)
        if made is not None:
            items[question.id] = made
    planning = {question.id: question for question in questions if question.type == PLANNING}
    return items, planning


def _completions(folder: Path) -> Iterator[tuple[Completion, str]]:
    file = folder / COMPLETIONS
    if not file.is_file():
        raise EvalError(f"{folder}: no {COMPLETIONS} there, expected the folder of an rm-eval run")
    for where, line in jsonl.lines(file):
        yield jsonl.parse(Completion, line, where), where


class _Tally:
    """Verdicts as they come; of a reply nothing is kept but whether it was right."""

    def __init__(self, extractors: Sequence[Extractor]) -> None:
        self._extractors = extractors
        self._items: dict[str, list[Item]] = {}
        self._right: dict[tuple[str, str], bytearray] = {}
        self._rules: dict[tuple[str, str], Counter[str]] = {}

    def add(self, item: Item, reply: str) -> None:
        self._items.setdefault(item.task, []).append(item)
        for extractor in self._extractors:
            if extractor.scores(item.task):
                verdict = extractor.judge(item, reply)
                key = item.task, extractor.name
                self._right.setdefault(key, bytearray()).append(verdict.right)
                self._rules.setdefault(key, Counter())[verdict.extraction.rule] += 1

    def tasks(self) -> tuple[TaskReadings, ...]:
        return tuple(
            self._task(task, items)
            for task, items in self._items.items()
            if any(extractor.scores(task) for extractor in self._extractors)
        )

    def _task(self, task: str, items: Sequence[Item]) -> TaskReadings:
        used = [extractor for extractor in self._extractors if extractor.scores(task)]
        rights = [self._right[task, extractor.name] for extractor in used]
        changing = sum(0 < sum(column) < len(used) for column in zip(*rights, strict=True))
        benchmark = BENCHMARKS[task]
        scored = [Scored(item, bool(one)) for item, one in zip(items, rights[0], strict=True)]
        guard = [*benchmark.guard(benchmark.measures(scored)), *_weights_guard(task, scored)]
        return TaskReadings(
            task=task,
            title=benchmark.title,
            readings=tuple(self._reading(task, one, items) for one in used),
            guard=tuple(guard),
            disagreeing=changing,
        )

    def _reading(self, task: str, extractor: Extractor, items: Sequence[Item]) -> Reading:
        right = self._right[task, extractor.name]
        scored = [Scored(item, bool(one)) for item, one in zip(items, right, strict=True)]
        rules = self._rules[task, extractor.name]
        return Reading(
            extractor=extractor.name,
            follows=extractor.follows,
            n=len(scored),
            measures={one.name: one.value for one in BENCHMARKS[task].measures(scored)},
            unparsed=rules["none"] / len(scored),
            rules=dict(rules.most_common()),
        )


def _weights_guard(task: str, scored: Sequence[Scored]) -> list[str]:
    if task != PLUS:
        return []
    found = sums_of_weights(scored)
    return [
        f"ReasonMap-Plus {name}: the weights sum to {found.get(name, 0):g}, those of the published "
        f"test set to {wanted:g}"
        for name, wanted in SUMS.items()
        if found.get(name, 0) != wanted
    ]
