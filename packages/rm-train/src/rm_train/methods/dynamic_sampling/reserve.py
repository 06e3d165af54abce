"""Which questions can be asked in the place of others."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import cycle, islice
from random import Random
from typing import Any, TypeAlias, cast

from datasets import Dataset  # pyright: ignore[reportMissingTypeStubs] - has no stubs

Unit: TypeAlias = tuple[int, ...]
"""Numbers of questions that are asked together: one, or a question and its partner."""


class Reserve:
    """The questions of a run by stage.

    Args:
        dataset: The prompts of the run in the order of the plan, with `question` and `stage`.
        side: How many neighbours are asked together.
    """

    def __init__(self, dataset: Dataset, side: int) -> None:
        plain = cast("Any", dataset).with_format(None)
        numbers: Sequence[int] = plain["question"][:]
        stages: Sequence[str] = plain["stage"][:]
        self.side = side
        self._dataset = dataset
        self._rows: dict[str, dict[Unit, int]] = {}
        for row in range(0, len(numbers), side):
            unit = tuple(numbers[row : row + side])
            self._rows.setdefault(stages[row], {}).setdefault(unit, row)

    def drawn(self, stage: str, asked: Collection[Unit], count: int, key: str) -> list[Unit]:
        """So many units of a stage, in an order that `key` decides.

        Those that were not asked yet come first, each once; then those that were; then all again.

        Args:
            stage: Of the step.
            asked: The units that this step has asked already.
            count: How many.
            key: Decides the order.
        """
        rng = Random(key)
        fresh = [unit for unit in self._rows[stage] if unit not in asked]
        known = [unit for unit in self._rows[stage] if unit in asked]
        rng.shuffle(fresh)
        rng.shuffle(known)
        return list(islice(cycle([*fresh, *known]), count))

    def rows(self, stage: str, unit: Unit, times: int) -> list[dict[str, Any]]:
        """The rows of the dataset that ask each question of the unit so many times."""
        first = self._rows[stage][unit]
        rows = [cast("dict[str, Any]", self._dataset[first + i]) for i in range(self.side)]
        return [row for row in rows for _ in range(times)]
