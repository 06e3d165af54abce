"""How far a long command has come, told on a terminal only."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

T = TypeVar("T")

_EVERY_S: Final = 0.2
_CLEAR: Final = "\r\x1b[K"


def told(items: Iterable[T], what: str) -> Iterator[T]:
    """The same items, while standard error shows their number and rate, if it is a terminal."""
    if not sys.stderr.isatty():
        yield from items
        return
    began = shown = time.monotonic()
    try:
        for count, item in enumerate(items, start=1):
            yield item
            now = time.monotonic()
            if now - shown >= _EVERY_S:
                shown = now
                rate = count / (now - began)
                sys.stderr.write(f"{_CLEAR}{count:,} {what} ({rate:,.0f}/s)")
                sys.stderr.flush()
    finally:
        sys.stderr.write(_CLEAR)
        sys.stderr.flush()
