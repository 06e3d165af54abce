"""The stages of the rows of a file that has an order already: a plan, or a dataset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from rm_curriculum.adapters.rows_file import read_records, read_rows
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
    if _is_plan(path):
        records = read_records(path)
        lines = [jsonl.parse_object(_Planned, record, where) for where, record in records]
        stages = [line.stage for line in lines for _ in line.ids]
    else:
        source = read_rows(path)
        rows = {row.id: row for row in source.rows}
        try:
            curriculum = Curriculum(rows.values(), schedule)
            stages = [curriculum.stage_of(row.id) for row in source.rows]
        except CurriculumError as error:
            raise CurriculumError(f"{source.where(error.item)}: {error}") from None
    if not stages:
        raise CurriculumError(f"{path}: there are no rows, expected at least one")
    return stages


def _is_plan(path: Path) -> bool:
    _, first = next(read_records(path), ("", None))
    return isinstance(first, dict) and "ids" in first
