"""Checks of the numbers that a caller hands to a method. A reply's text is never refused."""

from __future__ import annotations

from collections.abc import Sequence, Sized
from math import isfinite

from rm_rewards.records import RecordError


def finite(field: str, *values: float) -> None:
    """Refuse a number that is not finite.

    Raises:
        RecordError: With the first such number.
    """
    for value in values:
        if not isfinite(value):
            raise RecordError(field, value, "a finite number")


def within(field: str, low: float, high: float, *values: float) -> None:
    """Refuse a number outside [low, high].

    Raises:
        RecordError: With the first such number.
    """
    for value in values:
        if not low <= value <= high:
            raise RecordError(field, value, f"a number from {low:g} to {high:g}")


def at_least(field: str, low: float, *values: float) -> None:
    """Refuse a number below `low`, or one that is not finite.

    Raises:
        RecordError: With the first such number.
    """
    finite(field, *values)
    for value in values:
        if value < low:
            raise RecordError(field, value, f"a number that is at least {low:g}")


def one_of(field: str, value: str, allowed: Sequence[str]) -> None:
    """Refuse a word that is not in the list.

    Raises:
        RecordError: With the words that are.
    """
    if value not in allowed:
        raise RecordError(field, value, " or ".join(allowed))


def same_length(expected: int, **groups: Sized) -> None:
    """Refuse groups of different sizes.

    Raises:
        RecordError: With the name of the group that differs, and its size.
    """
    for field, group in groups.items():
        if len(group) != expected:
            raise RecordError(field, len(group), f"{expected} of them, one for each reply")
