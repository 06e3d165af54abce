"""What is wrong with the names of stations: spellings that are nearly the same, odd letters."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import combinations
from typing import Final

from rm_data.findings.finding import Finding, finding
from rm_data.spelling import name_key, spelled_alike
from rm_rewards import Network

_CLOSE: Final = 0.9
_USUAL: Final = 0.9
_LONG: Final = 8
_SIDES: Final = frozenset({"north", "south", "east", "west", "upper", "lower"})
_SUFFIXES: Final = (" Station", "站")

_ENDS: Final = 3
"""Letters that names must share, at the beginning or at the end, to be compared at all."""

_MOST: Final = 60
"""Letters of a name that are compared."""

_PAIRS: Final = 10**8
"""Pairs of letters in the names that are compared with each other."""

_ODD: Final = (
    (re.compile(r"^l[b-df-hj-np-tv-xz].*[A-Z]"), "begins with a small L where an I is usual"),
    (re.compile(r"(?<=[A-Za-z])[01](?=[a-z])"), "has a digit between letters"),
    (re.compile(r"[a-z][А-яΑ-ω]|[А-яΑ-ω][a-z]", re.IGNORECASE), "mixes two alphabets in a word"),
)


def of_names(network: Network) -> Iterator[Finding]:
    """Names that stand twice, spellings that are close to each other, and odd ones."""
    names = Counter(network.names.values())
    for name in (name for name, times in names.items() if times > 1):
        yield finding("name_twice", "two stations have this name", station=name)
    alike = spelled_alike(network)
    for stop, first in alike.items():
        name, other = network.names[stop], network.names[first]
        if name != other:
            yield finding("spelled_alike", f"one station with {other!r}?", station=name)
    yield from _close_names([s.name for s in network.stations if s.id not in alike])
    yield from _unusual_endings(tuple(names))
    for name in names:
        for pattern, message in _ODD:
            if pattern.search(name):
                yield finding("letter", message, station=name)
    if names.total() and not any(name.strip() for name in names):
        yield finding("blank", "no station has a name")


def _close_names(names: Sequence[str]) -> Iterator[Finding]:
    """Long names in alphabets that differ by a letter or an abbreviation, but not by a number."""
    keys = [(name, name_key(name)[:_MOST]) for name in names]
    long = [(name, key) for name, key in keys if len(key) >= _LONG and key[0] < "\u2e80"]
    seen: set[tuple[str, str]] = set()
    left = _PAIRS
    for end in (slice(_ENDS), slice(-_ENDS, None)):
        groups: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for name, key in long:
            groups.setdefault((_digits(key), key[end]), []).append((name, key))
        for group in (group for group in groups.values() if len(group) > 1):
            left -= sum(len(key) for _, key in group) ** 2
            if left < 0:
                yield finding("unchecked", f"{len(names)} names are too many to compare them all")
                return
            yield from _close_in(group, seen)


def _close_in(group: Sequence[tuple[str, str]], seen: set[tuple[str, str]]) -> Iterator[Finding]:
    for (name, key), (other, other_key) in combinations(group, 2):
        if _is_close(key, other_key) and _same(name, other) and (name, other) not in seen:
            seen.add((name, other))
            yield finding("spelled_close", f"one station with {other!r}?", station=name)


def _same(a: str, b: str) -> bool:
    """Whether more than a side tells them apart: West Park and East Park are two stations."""
    return not ({*a.casefold().split()} ^ {*b.casefold().split()}) <= _SIDES


def _digits(key: str) -> str:
    return "".join(letter for letter in key if letter.isdigit())


def _is_close(a: str, b: str) -> bool:
    if 2 * min(len(a), len(b)) < _CLOSE * (len(a) + len(b)):
        return False
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    return matcher.quick_ratio() >= _CLOSE and matcher.ratio() >= _CLOSE


def _unusual_endings(names: Sequence[str]) -> Iterator[Finding]:
    for suffix in _SUFFIXES:
        without = [name for name in names if not name.endswith(suffix)]
        if 0 < len(without) <= (1 - _USUAL) * len(names):
            for name in without:
                message = f"nearly all names end in {suffix.strip()!r}, this one does not"
                yield finding("ending", message, station=name)
