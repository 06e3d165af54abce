"""How the lines of a synthetic city are called: by number, colour, letter or word."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from string import ascii_uppercase
from typing import Final, TypeAlias

from rm_data.cities.palettes import PLAIN_NAMES


@dataclass(frozen=True, slots=True)
class LineName:
    """A name as the map shows it, and what else the line may be called."""

    name: str
    aliases: tuple[str, ...] = ()


_Maker: TypeAlias = Callable[[Random, Sequence[str]], list[LineName]]

_WORDS: Final = tuple(
    """
    Airport Anchor Baltic Capital Central Circle Coastal Comet Crown Diagonal Eagle Express Garden
    Harbour Horizon Lakeside Metro Northern Orbital Pioneer Riverside Southern Stadium Union Valley
    """.split()  # noqa: SIM905 - a list of words is read more easily as text
)
_LETTERS: Final = tuple(letter for letter in ascii_uppercase if letter not in "IOQS")
"""Without those that look like digits."""


def _numbers(rng: Random, count: int) -> list[int]:
    """1 to `count`; sometimes with gaps, as where lines were closed."""
    if rng.random() < 0.7:
        return list(range(1, count + 1))
    return sorted(rng.sample(range(1, count + 4), count))


def _numbered(rng: Random, words: Sequence[str]) -> list[LineName]:
    return [LineName(f"Line {n}", (f"Line No. {n}",)) for n in _numbers(rng, len(words))]


def _coded(rng: Random, words: Sequence[str]) -> list[LineName]:
    """`M2`, `U2`, `S2` or `T2`."""
    letter = rng.choice("MUTLR")
    return [LineName(f"{letter}{n}") for n in _numbers(rng, len(words))]


def _lettered(rng: Random, words: Sequence[str]) -> list[LineName]:
    """`Line B`, `B Line`, or in a row from A."""
    form = rng.choice(("Line {}", "{} Line"))
    count = len(words)
    in_a_row = rng.random() < 0.6 or count > len(_LETTERS)
    letters = ascii_uppercase[:count] if in_a_row else sorted(rng.sample(_LETTERS, count))
    return [LineName(form.format(letter)) for letter in letters]


def _coloured(rng: Random, words: Sequence[str]) -> list[LineName]:
    """After the colour that the line has on the map."""
    del rng
    return [LineName(f"{word} Line") for word in words]


def _worded(rng: Random, words: Sequence[str]) -> list[LineName]:
    return [LineName(f"{word} Line") for word in rng.sample(_WORDS, len(words))]


def _chinese(rng: Random, words: Sequence[str]) -> list[LineName]:
    return [LineName(f"{n}号线", (f"Line {n}", f"{n}號線")) for n in _numbers(rng, len(words))]


def _mixed(rng: Random, words: Sequence[str]) -> list[LineName]:
    """Metro lines by number, and some of another kind at the end: trams, or lines with a word."""
    count = len(words)
    others = rng.randint(1, max(1, count // 3)) if count > 1 else 0
    names = [LineName(f"Line {n}", (f"Line No. {n}",)) for n in range(1, count - others + 1)]
    if rng.random() < 0.5:
        return names + [LineName(f"T{n}") for n in range(1, others + 1)]
    return names + [LineName(f"{word} Line") for word in rng.sample(_WORDS, others)]


SCHEMES: Final[Mapping[str, _Maker]] = {
    "numbers": _numbered,
    "codes": _coded,
    "letters": _lettered,
    "colours": _coloured,
    "words": _worded,
    "chinese": _chinese,
    "mixed": _mixed,
}
"""Ways to call lines."""

MOST_LINES: Final[Mapping[str, int]] = {"colours": PLAIN_NAMES, "words": len(_WORDS)}
"""Schemes that cannot name any number of lines."""


def line_names(rng: Random, scheme: str, words: Sequence[str]) -> list[LineName]:
    """A name for each line; no two have the same once case, blanks and "Line" are dropped.

    Args:
        rng: Draws what the scheme leaves open.
        scheme: A key of `SCHEMES`.
        words: The word for the colour of each line.
    """
    return SCHEMES[scheme](rng, words)
