"""Names of stations and lines that a map does not have, and might have."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random
from string import ascii_uppercase
from typing import Final

from rm_data.deck import below
from rm_data.spelling import name_key
from rm_rewards import Network

_TRIES: Final = 100
_SHORTEST: Final = 2
_BEYOND: Final = 3
_COUNT: Final = re.compile(r"\d+")
_LETTER: Final = re.compile(r"\b[A-Z]\b")
_COLOURS: Final = ("Amber", "Indigo", "Crimson", "Teal", "Lilac", "Copper", "Ivory", "Jade")


def absent_station(network: Network, rng: Random) -> str | None:
    """A name put together from two stations' names; it is no spelling of a station's.

    None if a hundred pairs give nothing new.
    """
    names = [station.name for station in network.stations]
    known = {name_key(name) for s in network.stations for name in (s.name, *s.aliases)}
    for _ in range(_TRIES):
        made = _mixed(names[below(rng, len(names))], names[below(rng, len(names))])
        if len(made) >= _SHORTEST and name_key(made) not in known:
            return made
    return None


def _mixed(one: str, other: str) -> str:
    """The beginning of one name with the end of the other."""
    words, others = one.split(), other.split()
    if len(words) > 1 and len(others) > 1:
        return " ".join([*words[:-1], others[-1]])
    return one[: (len(one) + 1) // 2] + other[len(other) // 2 :]


def absent_line(network: Network, rng: Random) -> str | None:
    """A name after the pattern of the map's lines: a higher number, another letter or colour.

    None if all of them are taken.
    """
    names = [line.name for line in network.lines]
    known = {name_key(name) for line in network.lines for name in (line.name, *line.aliases)}
    pattern = names[below(rng, len(names))]
    made = [name for name in _alternatives(pattern, names) if name_key(name) not in known]
    return made[below(rng, len(made))] if made else None


def _alternatives(pattern: str, names: Sequence[str]) -> list[str]:
    if _COUNT.search(pattern):
        highest = max(int(number) for name in names for number in _COUNT.findall(name))
        numbers = range(highest + 1, highest + 1 + _BEYOND)
        return [_COUNT.sub(str(number), pattern, count=1) for number in numbers]
    if _LETTER.search(pattern):
        return [_LETTER.sub(letter, pattern, count=1) for letter in ascii_uppercase]
    return [f"{colour} Line" for colour in _COLOURS]
