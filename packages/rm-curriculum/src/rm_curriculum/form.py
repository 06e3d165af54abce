"""Reading a state, checked: each value of the type and range that was written."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf, isfinite
from typing import cast

from rm_curriculum.errors import CurriculumError


def mapping(value: object, name: str) -> Mapping[str, object]:
    """The value, which must be an object.

    Raises:
        CurriculumError: If it is not.
    """
    if not isinstance(value, Mapping):
        raise _wrong(name, value, "an object")
    return cast("Mapping[str, object]", value)


def entry(state: Mapping[str, object], name: str) -> object:
    """The value of a key, which must be there.

    Raises:
        CurriculumError: If it is not.
    """
    if name not in state:
        raise CurriculumError(f"state: {name!r} is missing; is this a state of that schedule?")
    return state[name]


def count(state: Mapping[str, object], name: str, *, most: float = inf) -> int:
    """The value of a key: a whole number from 0 to `most`.

    Raises:
        CurriculumError: If it is not.
    """
    value = entry(state, name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise _wrong(name, value, f"a whole number from 0 to {most}")
    return value


def number(state: Mapping[str, object], name: str) -> float:
    """The value of a key: a finite number.

    Raises:
        CurriculumError: If it is not.
    """
    value = entry(state, name)
    if not _is_number(value):
        raise _wrong(name, value, "a number")
    return cast("float", value)


def numbers(value: object, name: str, *, length: int | None = None) -> list[float]:
    """The value, which must be a list of finite numbers, of that length if one is given.

    Raises:
        CurriculumError: If it is not.
    """
    listed = cast("list[object]", value) if isinstance(value, list) else [None]
    if not all(map(_is_number, listed)):
        raise _wrong(name, listed, "a list of numbers")
    found = cast("list[float]", listed)
    if length is not None and len(found) != length:
        raise _wrong(name, found, f"{length} numbers")
    return found.copy()


def counts(value: object, name: str, *, length: int | None = None) -> list[int]:
    """The value, which must be a list of whole numbers from 0, of that length if one is given.

    Raises:
        CurriculumError: If it is not.
    """
    found = numbers(value, name, length=length)
    if not all(isinstance(one, int) and one >= 0 for one in found):
        raise _wrong(name, found, "whole numbers from 0")
    return cast("list[int]", found)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _wrong(name: str, value: object, expected: str) -> CurriculumError:
    shown = repr(value)
    if len(shown) > 80:
        shown = f"{shown[:80]}…"
    return CurriculumError(f"state: {name}: found {shown}, expected {expected}")
