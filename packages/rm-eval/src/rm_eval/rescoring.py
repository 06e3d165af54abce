"""A run's saved replies under every extractor: how far its numbers hang on how it is read."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

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
    for identity, text, where in _replies(folder):
        if identity in items:
            tally.add(items[identity], text)
        elif identity in planning:
            replies.append((planning[identity], text))
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


def _replies(folder: Path) -> Iterator[tuple[str, str, str]]:
    """The id of the question, the reply, and its place."""
    file = folder / COMPLETIONS
    if not file.is_file():
        raise EvalError(f"{folder}: no {COMPLETIONS} there, expected the folder of an rm-eval run")
    for where, line in jsonl.lines(file):
        yield *(_short_cut(line) or _read(line, where)), where


def _short_cut(line: str) -> tuple[str, str] | None:
    """The two fields that count here, where they are as they should be: a third of the time."""
    try:
        loaded: object = json.loads(line)
    except (ValueError, RecursionError):
        return None
    record = cast("dict[str, object]", loaded) if isinstance(loaded, dict) else {}
    identity, text = record.get("question_id"), record.get("text")
    return (identity, text) if isinstance(identity, str) and isinstance(text, str) else None


def _read(line: str, where: str) -> tuple[str, str]:
    completion = jsonl.parse(Completion, line, where)  # which says what is wrong
    return completion.question_id, completion.text


@dataclass(frozen=True, slots=True)
class _Column:
    """What one extractor made of the replies so far."""

    extractor: Extractor
    right: bytearray = field(default_factory=bytearray)
    rules: Counter[str] = field(default_factory=Counter[str])


class _Tally:
    """Verdicts as they come; of a reply nothing is kept but whether it was right."""

    def __init__(self, extractors: Sequence[Extractor]) -> None:
        self._extractors = extractors
        self._items: dict[str, list[Item]] = {}
        self._columns: dict[str, list[_Column]] = {}

    def add(self, item: Item, reply: str) -> None:
        if item.task not in self._items:
            self._items[item.task] = []
            used = [one for one in self._extractors if one.scores(item.task)]
            self._columns[item.task] = [_Column(extractor) for extractor in used]
        self._items[item.task].append(item)
        for column in self._columns[item.task]:
            verdict = column.extractor.judge(item, reply)
            column.right.append(verdict.right)
            column.rules[verdict.extraction.rule] += 1

    def tasks(self) -> tuple[TaskReadings, ...]:
        return tuple(
            _task(task, items, self._columns[task])
            for task, items in self._items.items()
            if self._columns[task]
        )


def _task(task: str, items: Sequence[Item], columns: Sequence[_Column]) -> TaskReadings:
    verdicts = zip(*(column.right for column in columns), strict=True)
    benchmark = BENCHMARKS[task]
    scored = _scored(items, columns[0])
    guard = [*benchmark.guard(benchmark.measures(scored)), *_weights_guard(task, scored)]
    return TaskReadings(
        task=task,
        title=benchmark.title,
        readings=tuple(_reading(task, items, column) for column in columns),
        guard=tuple(guard),
        disagreeing=sum(0 < sum(one) < len(columns) for one in verdicts),
    )


def _scored(items: Sequence[Item], column: _Column) -> list[Scored]:
    return [Scored(item, bool(one)) for item, one in zip(items, column.right, strict=True)]


def _reading(task: str, items: Sequence[Item], column: _Column) -> Reading:
    measures = BENCHMARKS[task].measures(_scored(items, column))
    return Reading(
        extractor=column.extractor.name,
        follows=column.extractor.follows,
        n=len(items),
        measures={one.name: one.value for one in measures},
        unparsed=column.rules["none"] / len(items),
        rules=dict(column.rules.most_common()),
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
