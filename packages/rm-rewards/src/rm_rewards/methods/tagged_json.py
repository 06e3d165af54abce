"""The JSON that a reply writes between two tags. No text makes it raise."""

from __future__ import annotations

import json
from math import isfinite
from typing import cast

_LONGEST = 200_000


def json_in(reply: str, tag: str) -> object:
    """What stands in the first `<tag>...</tag>`, from its first bracket to its last; else None.

    A code fence or a sentence around the JSON does not matter.

    Example:
        >>> json_in('<map>here: {"a": [1, 2]}</map>', "map")
        {'a': [1, 2]}
    """
    inside, closed, _ = reply.partition(f"<{tag}>")[2].partition(f"</{tag}>")
    starts = [at for at in (inside.find("["), inside.find("{")) if at >= 0]
    end = max(inside.rfind("]"), inside.rfind("}")) + 1
    if not closed or not starts or end - min(starts) > _LONGEST:
        return None
    try:
        return json.loads(inside[min(starts) : end])
    except (ValueError, RecursionError):
        return None


def numbers(value: object, count: int) -> tuple[float, ...] | None:
    """The value as that many finite numbers, or None.

    Example:
        >>> numbers([1, 2.5], 2), numbers([1, "2"], 2), numbers([1], 2)
        ((1.0, 2.5), None, None)
    """
    if not isinstance(value, list):
        return None
    items = cast("list[object]", value)
    if len(items) != count:
        return None
    found: list[float] = []
    for item in items:
        if isinstance(item, bool) or not isinstance(item, int | float):
            return None
        try:
            number = float(item)
        except OverflowError:
            return None
        if not isfinite(number):
            return None
        found.append(number)
    return tuple(found)
