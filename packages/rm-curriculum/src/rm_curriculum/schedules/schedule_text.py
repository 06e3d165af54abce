"""A schedule with its options as one text: `gated`, or `gated:threshold=0.8,window=20`."""

from __future__ import annotations

import json

from rm_curriculum.errors import CurriculumError


def options_in(text: str, takes: str) -> dict[str, object]:
    """The options behind the name, read as JSON where they are JSON and as words where not.

    Args:
        text: The whole text.
        takes: The options that the schedule has, for the message.

    Raises:
        CurriculumError: If a part is no `OPTION=VALUE`.
    """
    options: dict[str, object] = {}
    for part in filter(None, _parts(text.partition(":")[2])):
        key, equals, value = part.partition("=")
        if not equals or key.strip() == "name":
            raise CurriculumError(
                f"schedule: found {part!r} in {text!r}, expected OPTION=VALUE with one of "
                f"{takes or 'no options'}"
            )
        options[key.strip()] = _value(value.strip())
    return options


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
