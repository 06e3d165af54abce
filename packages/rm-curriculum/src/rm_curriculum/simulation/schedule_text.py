"""Schedules as words on a command line: `gated`, or `gated:threshold=0.8,window=20`."""

from __future__ import annotations

import json
from dataclasses import fields

from rm_curriculum.errors import CurriculumError
from rm_curriculum.schedules import SCHEDULES, Schedule, find_schedule


def schedule_from(text: str) -> Schedule:
    """The schedule of that name with those options; values are read as JSON, else as words.

    Raises:
        CurriculumError: If there is no such schedule or option, or a value cannot be used.
    """
    name, _, rest = text.partition(":")
    if name not in SCHEDULES:
        raise CurriculumError(f"found {text!r}, expected one of {', '.join(SCHEDULES)}")
    options: dict[str, object] = {}
    for part in filter(None, _parts(rest)):
        key, equals, value = part.partition("=")
        if not equals:
            raise CurriculumError(
                f"found {part!r} in {text!r}, expected OPTION=VALUE; {name} takes "
                f"{', '.join(options_of(name)) or 'no options'}"
            )
        options[key.strip()] = _value(value.strip())
    try:
        return find_schedule(name, **options)
    except TypeError as error:
        raise CurriculumError(f"found {text!r}: {error}") from None


def options_of(name: str) -> list[str]:
    """The options of a schedule as `name=default`."""
    schedule = SCHEDULES[name]
    return [
        f"{field.name}={getattr(schedule, field.name)}"
        for field in fields(schedule)
        if field.name not in {"name", "stages"} and field.init
    ]


def _parts(text: str) -> list[str]:
    """Split at commas that stand outside brackets."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "[{") - (letter in "]}")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text
