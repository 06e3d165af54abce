"""The schedules by name, and their options as read from a configuration file."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Final, cast

from rm_curriculum.errors import CurriculumError
from rm_curriculum.schedules.schedule import Schedule, Stage
from rm_curriculum.schedules.schedule_text import options_in


class _Catalogue(Mapping[str, Schedule]):
    """Loads the file of a schedule when it is first asked for: most runs need one."""

    def __init__(self, homes: Mapping[str, str]) -> None:
        self._homes = homes

    def __getitem__(self, name: str) -> Schedule:
        module, _, constant = self._homes[name].partition(":")
        found = getattr(import_module(f"rm_curriculum.schedules.{module}"), constant)
        return cast("Schedule", found)

    def __iter__(self) -> Iterator[str]:
        return iter(self._homes)

    def __len__(self) -> int:
        return len(self._homes)

    def __contains__(self, name: object) -> bool:
        return name in self._homes


SCHEDULES: Final[Mapping[str, Schedule]] = _Catalogue(
    {
        "rewardmap": "rewardmap:REWARDMAP",
        "coarse": "coarse:COARSE",
        "fine": "fine:FINE",
        "reverse": "reverse:REVERSE",
        "random": "random:RANDOM",
        "uniform": "uniform:UNIFORM",
        "blended": "blended:BLENDED",
        "replay": "replay:REPLAY",
        "gated": "gated:GATED",
        "medium-to-hard": "medium_to_hard:MEDIUM_TO_HARD",
        "neuraladder": "neuraladder:NEURALADDER",
        "ptst": "ptst:PTST",
        "variance": "variance:VARIANCE",
        "vas": "vas:VAS",
        "vas-published": "vas_published:VAS_PUBLISHED",
        "target": "target:TARGET",
        "bandit": "bandit:BANDIT",
        "plr": "plr:PLR",
        "dapo": "dapo:DAPO",
    }
)
"""The schedules by name, with the default of every option."""


def find_schedule(name: str | Schedule, **options: object) -> Schedule:
    """The schedule of that name, with its options set; a `Schedule` is given back as it is.

    Args:
        name: A name of `SCHEDULES`, with or without options behind a colon:
            `gated:threshold=0.8,window=20`, as on a command line.
        options: Fields of the schedule, e.g. `threshold=0.8`; as read from JSON or TOML. Of
            `stages` each may be a `Stage`, a name (of a stage and of its one type), or a mapping
            with the fields `name`, `types` and `optional` of `Stage`. They go before those in the
            text.

    Raises:
        CurriculumError: If no schedule has that name, it has no such option, or a value is wrong.

    Example:
        >>> find_schedule("gated:threshold=0.8") == find_schedule("gated", threshold=0.8)
        True
    """
    if isinstance(name, Schedule):
        found = name
    else:
        found = _named(name)
        options = {**options_in(name, ", ".join(_defaults(found))), **options}
    fields = {field.name: getattr(found, field.name) for field in dataclasses.fields(found)}
    for option, value in options.items():
        if option not in fields:
            raise CurriculumError(
                f"schedule {found.name!r}: it has no option {option!r}, expected one of "
                f"{', '.join(fields)}"
            )
        fields[option] = _fitting(found.name, option, value, fields[option])
    return type(found)(**fields) if options else found


def _named(text: str) -> Schedule:
    name = text.partition(":")[0].strip()
    if name not in SCHEDULES:
        raise CurriculumError(f"schedule: found {text!r}, expected one of {', '.join(SCHEDULES)}")
    return SCHEDULES[name]


def _defaults(schedule: Schedule) -> list[str]:
    """Its options as `name=default`."""
    return [
        f"{field.name}={getattr(schedule, field.name)}"
        for field in dataclasses.fields(schedule)
        if field.name not in {"name", "stages"} and field.init
    ]


def _fitting(schedule: str, option: str, value: object, default: object) -> object:
    if option == "stages":
        return _stages(schedule, value)
    if (parts := _parts(value)) and (kinds := _parts(default)):
        return tuple([_fitting(schedule, option, one, kinds[0]) for one in parts])
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not type(default):
        raise CurriculumError(
            f"schedule {schedule!r}: {option}: found {value!r}, expected a value such as "
            f"{default!r}"
        )
    return value


def _parts(value: object) -> Sequence[object]:
    return cast("Sequence[object]", value) if isinstance(value, list | tuple) else ()


def _stages(schedule: str, value: object) -> tuple[Stage, ...]:
    if not _parts(value):
        raise CurriculumError(f"schedule {schedule!r}: stages: found {value!r}, expected a list")
    return tuple(_stage(schedule, one) for one in _parts(value))


def _stage(schedule: str, value: object) -> Stage:
    if isinstance(value, Stage):
        return value
    if isinstance(value, str):
        return Stage(value, (value,))
    if isinstance(value, Mapping):
        fields = cast("Mapping[str, object]", value)
        name, types = fields.get("name"), _parts(fields.get("types", [fields.get("name")]))
        optional = fields.get("optional", False)
        if isinstance(name, str) and types and isinstance(optional, bool):
            return Stage(name, tuple(map(str, types)), optional)
    raise CurriculumError(
        f"schedule {schedule!r}: stages: found {value!r}, expected a name, or name, types, optional"
    )
