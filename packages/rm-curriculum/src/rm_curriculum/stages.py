"""Which item is asked in which stage."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence

from rm_curriculum.errors import CurriculumError
from rm_curriculum.items import Table
from rm_curriculum.schedules.schedule import Schedule


def staged(schedule: Schedule, table: Table) -> dict[str, tuple[int, ...]]:
    """The items of each stage that has any, stages in order.

    Raises:
        CurriculumError: If an item has no stage, or a stage that is not optional has no item.
    """
    groups: dict[str, list[int]] = {stage.name: [] for stage in schedule.stages}
    stages = _labelled(schedule, table) if _by_label(schedule, table) else _typed(schedule, table)
    for item, stage in stages:
        groups[stage].append(item)
    for stage in schedule.stages:
        if not groups[stage.name] and not stage.optional:
            raise CurriculumError(
                f"schedule {schedule.name!r}: stage {stage.name!r} has no items"
                f"{' of type ' + ', '.join(stage.types) if stage.types else ''}; leave it out, or "
                "make it optional"
            )
    return {name: tuple(items) for name, items in groups.items() if items}


def stage_numbers(table: Table, members: Mapping[str, Sequence[int]]) -> array[int]:
    """For each item the place of its stage among the members, -1 if it has none."""
    found = array("h", [-1]) * len(table)
    for place, items in enumerate(members.values()):
        for item in items:
            found[item] = place
    return found


def kinds_of(
    table: Table, members: Mapping[str, Sequence[int]], stage_of: Sequence[int]
) -> tuple[tuple[tuple[str, str, str], ...], array[int]]:
    """The kinds (stage, type, city) that there are, sorted, and the kind of each item."""
    names = [*members, ""]  # the last for -1
    stages = [names[place] for place in stage_of]
    found = list(zip(table.labels or stages, table.types, table.cities, strict=True))
    kinds = tuple(sorted(set(found)))
    number = {kind: place for place, kind in enumerate(kinds)}
    return kinds, array("I", [number[kind] for kind in found])


def _by_label(schedule: Schedule, table: Table) -> bool:
    return table.labels is not None and not schedule.takes_all


def _labelled(schedule: Schedule, table: Table) -> Iterator[tuple[int, str]]:
    names = {stage.name for stage in schedule.stages}
    for item, label in enumerate(table.labels or ()):
        if label not in names:
            raise CurriculumError(
                f"item {table.ids[item]!r}: stage {label!r} is none of schedule "
                f"{schedule.name!r}, expected one of {', '.join(s.name for s in schedule.stages)}",
                item=table.ids[item],
            )
        yield item, label


def _typed(schedule: Schedule, table: Table) -> Iterator[tuple[int, str]]:
    stages = {kind: stage.name for stage in schedule.stages for kind in stage.types}
    every = schedule.stages[0].name if schedule.takes_all else None
    for item, kind in enumerate(schedule.kinds(table)):
        if kind is None:
            continue
        stage = every or stages.get(kind)
        if stage is None:
            raise CurriculumError(
                f"item {table.ids[item]!r}: type {kind!r} has no stage in schedule "
                f"{schedule.name!r}, expected one of {', '.join(stages)}; or take the schedule "
                "'random'",
                item=table.ids[item],
            )
        yield item, stage
