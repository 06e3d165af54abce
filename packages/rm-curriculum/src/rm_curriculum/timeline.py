"""What is asked when: the batches of a run, told in a few lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Final

from rm_curriculum.plan import Batch

LINES: Final = 24
"""More runs of stages than these are told by spans of equal length."""

SPANS: Final = 10


@dataclass(frozen=True, slots=True)
class Span:
    """Batches one after the other, numbered from 0, both ends included.

    Attributes:
        stages: Batches by stage, in the order in which they come first.
        types: Questions by type, the most frequent first.
    """

    first: int
    last: int
    epoch: int
    stages: Mapping[str, int]
    types: Mapping[str, int]

    @property
    def questions(self) -> int:
        """How many are asked in it."""
        return sum(self.types.values())


def timeline(batches: Iterable[Batch], types: Mapping[str, str]) -> list[Span]:
    """The runs of one stage and epoch; ten equal spans where there are too many of them.

    Args:
        batches: All of a run.
        types: The type of each question by its id.
    """
    made = list(batches)
    runs = [list(run) for _, run in groupby(made, lambda batch: (batch.epoch, batch.stage))]
    if len(runs) > LINES:
        ends = [len(made) * i // SPANS for i in range(SPANS + 1)]
        runs = [made[a:b] for a, b in pairwise(ends) if a < b]
    return [_span(run, types) for run in runs]


def table(spans: Sequence[Span]) -> list[str]:
    """The spans as aligned lines, a head above them."""
    epochs = spans[-1].epoch > 0
    rows = [("batches", *(("epoch",) if epochs else ()), "stage", "questions", "types")]
    for span in spans:
        numbers = f"{span.first}-{span.last}" if span.last > span.first else str(span.first)
        stages = ", ".join(
            name if len(span.stages) == 1 else f"{name} {count}"
            for name, count in span.stages.items()
        )
        kinds = ", ".join(f"{kind} {count}" for kind, count in span.types.items())
        epoch = (str(span.epoch),) if epochs else ()
        rows.append((numbers, *epoch, stages, str(span.questions), kinds))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    right = {"batches", "epoch", "questions"}
    return [
        "  ".join(
            f"{cell:>{width}}" if head in right else f"{cell:<{width}}"
            for cell, width, head in zip(row, widths, rows[0], strict=True)
        ).rstrip()
        for row in rows
    ]


def _span(batches: Sequence[Batch], types: Mapping[str, str]) -> Span:
    kinds = Counter(types[one] for batch in batches for one in batch.ids)
    return Span(
        batches[0].batch,
        batches[-1].batch,
        batches[0].epoch,
        dict(Counter(batch.stage for batch in batches)),
        dict(sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0]))),
    )
