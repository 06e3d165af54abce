"""What extractors make of replies, counted as the replies come."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from rm_eval.benchmarks import BENCHMARKS, Benchmark, Scored
from rm_eval.benchmarks.reasonmap_plus import sums_of_weights, weights_guard
from rm_eval.custom import OWN
from rm_eval.extractors import PAPER, Extractor
from rm_eval.item import PLUS, Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One benchmark under one extractor.

    Attributes:
        n: Replies.
        measures: The benchmark's numbers in [0, 1] by name; the first is the one that is quoted.
        unparsed: Share of the replies in which it found no answer.
        rules: How many verdicts came by each path: the rule that found the answer, `judge`,
            `refused`, or `none`. They add up to `n`.
        changed: Replies that are right here and wrong under the extractor of the paper, or the
            other way round; for a task of one's own under its own file's reading, and under the
            first extractor where neither is there.
    """

    extractor: str
    follows: str
    n: int
    measures: Mapping[str, float]
    unparsed: float
    rules: Mapping[str, int]
    changed: int

    @property
    def main(self) -> float:
        """The number that is quoted."""
        return next(iter(self.measures.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskReadings:
    """One benchmark under each extractor that scores it.

    Attributes:
        reference: The extractor that `Reading.changed` is counted against.
        guard: What differs from the whole published benchmark, in words.
        disagreeing: Replies that are right under one of the extractors and wrong under another.
    """

    task: str
    title: str
    readings: tuple[Reading, ...]
    reference: str
    guard: tuple[str, ...]
    disagreeing: int

    @property
    def spread(self) -> float:
        """The greatest quoted number less the least."""
        values = [reading.main for reading in self.readings]
        return max(values) - min(values)


@dataclass(frozen=True, slots=True)
class _Column:
    """What one extractor made of the replies so far: of each, whether it was right."""

    extractor: Extractor
    right: bytearray = field(default_factory=bytearray)
    rules: Counter[str] = field(default_factory=Counter[str])

    def differs(self, other: _Column) -> int:
        """A number with one bit set for each reply that is right in one and wrong in the other."""
        return int.from_bytes(self.right) ^ int.from_bytes(other.right)


class Table:
    """The replies to one benchmark.

    Of a reply is kept one byte an extractor, and which other items count alike in the numbers of
    a built-in benchmark: those of its category, leaf, cycle and weight. A benchmark of one's own
    may look at anything, so that its items are held.
    """

    def __init__(self, benchmark: Benchmark, extractors: Sequence[Extractor]) -> None:
        self._benchmark = benchmark
        self._columns = [_Column(one) for one in extractors if one.scores(benchmark.name)]
        self._alike = benchmark.name in BENCHMARKS
        self._places: dict[object, int] = {}
        self._kinds: list[tuple[Scored, Scored]] = []
        self._kind_of = array("I")

    def add(self, item: Item, reply: str) -> None:
        """Count a reply to an item of the benchmark."""
        self._kind_of.append(self._kind(item))
        for column in self._columns:
            verdict = column.extractor.judge(item, reply)
            column.right.append(verdict.right)
            column.rules[verdict.extraction.rule] += 1

    def readings(self) -> TaskReadings | None:
        """None if no extractor scores the benchmark."""
        if not self._columns:
            return None
        names = [column.extractor.name for column in self._columns]
        usual = next((name for name in (OWN, PAPER) if name in names), names[0])
        paper = self._columns[names.index(usual)]
        scored = self._scored(paper)
        guard = [
            *self._benchmark.guard(self._benchmark.measures(scored)),
            *(weights_guard(sums_of_weights(scored)) if self._benchmark.name == PLUS else ()),
        ]
        moved = 0
        for column in self._columns:
            moved |= column.differs(paper)
        return TaskReadings(
            task=self._benchmark.name,
            title=self._benchmark.title,
            readings=tuple(self._reading(column, paper) for column in self._columns),
            reference=paper.extractor.name,
            guard=tuple(guard),
            disagreeing=moved.bit_count(),
        )

    def _kind(self, item: Item) -> int:
        cluster = item.cluster if self._benchmark.clusters == "question" else ""
        key = (item.form, item.category, item.leaf, cluster, item.cycle, item.weight)
        place = self._places.setdefault(key if self._alike else item.id, len(self._kinds))
        if place == len(self._kinds):
            kept = (
                replace(item, id="", answer="", answer_text="", options=_NONE, cluster=cluster)
                if self._alike
                else item
            )
            self._kinds.append((Scored(kept, right=False), Scored(kept, right=True)))
        return place

    def _scored(self, column: _Column) -> list[Scored]:
        kinds = self._kinds
        return [kinds[kind][right] for kind, right in zip(self._kind_of, column.right, strict=True)]

    def _reading(self, column: _Column, paper: _Column) -> Reading:
        n = len(column.right)
        measures = self._benchmark.measures(self._scored(column))
        return Reading(
            extractor=column.extractor.name,
            follows=column.extractor.follows,
            n=n,
            measures={one.name: one.value for one in measures},
            unparsed=column.rules["none"] / n,
            rules=dict(column.rules.most_common()),
            changed=column.differs(paper).bit_count(),
        )


_NONE: Final = dict[str, str]()
