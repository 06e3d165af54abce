"""Values of options that click has no type for: ranges, counts by type, lists of types."""

from __future__ import annotations

import re

import typer

from rm_data.questions import chosen_types, counts_of
from rm_rewards import RecordError


def range_value(text: str | None, option: str) -> tuple[int, int] | None:
    """`"2-4"` as (2, 4), and `"3"` as (3, 3).

    Raises:
        typer.BadParameter: For anything else.
    """
    if text is None:
        return None
    found = re.fullmatch(r"\s*(\d+)(?:\s*-\s*(\d+))?\s*", text, re.ASCII)
    if found is None:
        message = f"found {text!r}, expected a number such as 3, or a range such as 2-4"
        raise typer.BadParameter(message, param_hint=[option])
    low = int(found[1])
    high = low if found[2] is None else int(found[2])
    if high < low:
        raise typer.BadParameter(f"found {text!r}, expected the lower first", param_hint=[option])
    return low, high


def types_value(text: str, option: str = "--types") -> tuple[str, ...]:
    """`"all"`, or types with commas between them.

    Raises:
        typer.BadParameter: For an unknown type.
    """
    try:
        return chosen_types(text)
    except RecordError as error:
        message = f"found {error.found!r}, expected {error.expected}"
        raise typer.BadParameter(message, param_hint=[option]) from None


def per_map_value(text: str | None) -> dict[str, int] | None:
    """`"10"` for all types, or `"TorF1=4,planning=6"`.

    Raises:
        typer.BadParameter: For an unknown type, or what is no number.
    """
    if text is None:
        return None
    try:
        return counts_of(_counts(text))
    except (RecordError, ValueError):
        message = f"found {text!r}, expected a number, or counts such as TorF1=4,planning=6"
        raise typer.BadParameter(message, param_hint=["--per-map"]) from None


def _counts(text: str) -> int | dict[str, int]:
    if "=" not in text:
        return int(text)
    pairs = [part.partition("=") for part in text.split(",")]
    return {kind.strip(): int(count) for kind, _, count in pairs}
