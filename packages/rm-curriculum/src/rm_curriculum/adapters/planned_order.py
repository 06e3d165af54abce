"""The stages of the rows of a file that has an order already: a plan, or a dataset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from rm_curriculum.adapters.rows_file import read_records, row_of
from rm_curriculum.curriculum import Curriculum
from rm_curriculum.errors import CurriculumError
from rm_curriculum.schedules import Schedule
from rm_rewards import jsonl


@dataclass(frozen=True, slots=True, kw_only=True)
class _Planned:
    """What a line of a plan must hold here."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = {"strict": True}

    stage: str
    ids: tuple[str, ...]


def read_order(path: Path, schedule: Schedule) -> list[str]:
    """The stage of each row, in the order of the file.

    Args:
        path: A plan as `rm-curriculum plan` writes it, or a dataset whose rows tell id and type.
        schedule: Tells the stages of a dataset's rows.

    Raises:
        RecordError: If a line is neither.
        CurriculumError: If there is no row, or the schedule has no place for one.
        OSError: If the file cannot be opened.
    """
    records = list(read_records(path))
    if not records:
        raise CurriculumError(f"{path}: there are no rows, expected at least one")
    first = records[0][1]
    if isinstance(first, dict) and "ids" in first:
        lines = [jsonl.parse_object(_Planned, record, where) for where, record in records]
        return [line.stage for line in lines for _ in line.ids]
    rows = [row_of(record, where) for where, record in records]
    places = {row.id: where for row, (where, _) in zip(rows[::-1], records[::-1], strict=True)}
    try:
        curriculum = Curriculum({row.id: row for row in rows}.values(), schedule)
        return [curriculum.stage_of(row.id) for row in rows]
    except CurriculumError as error:
        raise CurriculumError(f"{places.get(error.item or '', path)}: {error}") from None
