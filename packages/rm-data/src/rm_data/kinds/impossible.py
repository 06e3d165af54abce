"""ChoiceImpossible: is a model sure of a station, or a line, that the map does not have?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from random import Random
from typing import Final

from rm_data import templates
from rm_data.counting import deal
from rm_data.deck import Deck, sample, shuffle
from rm_data.ground import Ground, per_map
from rm_data.kinds.absent import absent_line, absent_station
from rm_data.kinds.registry import register
from rm_data.sheet import Sheet
from rm_rewards import Question

NAME: Final = "ChoiceImpossible"
NO_STATION: Final = "There is no such station on the map"
NO_LINE: Final = "There is no such line on the map"
_NO_SUCH: Final = 3
_NEAREST: Final = 6


@dataclass(frozen=True, slots=True)
class _Case:
    """What is asked, with its right option and others; `right` is empty for a name that is not."""

    asked: str
    right: str
    wrong: list[str]
    none: str
    truth: dict[str, tuple[str, ...]]
    station: str | None = None
    line: str | None = None


def impossible(sheet: Sheet, count: int, seed: int) -> Iterator[Question]:
    """Half about stations ("which line serves it?"), half about lines ("which station is on it?").

    The fourth option is that there is no such station, or line, and it is right once in four times:
    as often as each other option, so that neither trust nor doubt pays. A name that does not exist
    is put together from names of the map, or is its next number, letter or colour; it is no other
    spelling of one that exists. `fine_grained_answer` gives the lines of the station, or the
    stations of the line that the options show; nothing where there are none.
    """
    rng = sheet.random(seed, NAME)
    letters = deal(min(count, 2 * len(sheet.stations)), _NO_SUCH + 1, rng)
    asked = _Asked(sheet, rng)
    ids = sheet.ids(NAME)
    for letter, about_station in zip(letters, cycle((True, False)), strict=False):
        exists = letter != _NO_SUCH
        case = asked.station(exists=exists) if about_station else asked.line(exists=exists)
        if case is not None:
            yield _question(sheet, next(ids), case, letter, rng)


def _question(sheet: Sheet, number: str, case: _Case, letter: int, rng: Random) -> Question:
    shown = list(case.wrong)
    shuffle(shown, rng)
    if case.right:
        shown.insert(letter, case.right)
    options = (*shown, case.none)
    return Question(
        id=number,
        type=NAME,
        question=templates.choice(case.asked, options),
        answer=letter,
        station_1=case.station,
        line=case.line,
        options=options,
        fine_grained_answer=case.truth,
        **sheet.columns,
    )


class _Asked:
    """The cases of one map; each station, and each line with a station, comes up once."""

    def __init__(self, sheet: Sheet, rng: Random) -> None:
        self._network = sheet.network
        self._stations = sheet.stations
        self._rng = rng
        self._away = _away(sheet.ground)
        self._names = Deck(sheet.stations, rng, lazy=sheet.ground.lazy)
        self._visits = Deck(
            [(stop, line) for stop in sheet.stations for line in sheet.network.lines_at[stop]],
            rng,
            lazy=sheet.ground.lazy,
        )

    def station(self, *, exists: bool) -> _Case | None:
        """Which line serves this station? None if the map has not enough lines."""
        lines = [line.name for line in self._network.lines]
        if not exists:
            name = absent_station(self._network, self._rng)
            if name is None or len(lines) < _NO_SUCH:
                return None
            return self._of_station(name, "", sample(lines, _NO_SUCH, self._rng), ())
        if not self._names.left:
            return None
        stop = self._names.draw()
        serve = self._network.lines_at[stop]
        others = sorted(
            (line for line in lines if line not in serve),
            key=lambda line: (self._away[line][stop], line),
        )[:_NEAREST]
        if len(others) < _NO_SUCH - 1:
            return None
        right = sample(serve, 1, self._rng)[0]
        wrong = sample(others, _NO_SUCH - 1, self._rng)
        return self._of_station(self._network.names[stop], right, wrong, serve)

    def _of_station(self, name: str, right: str, wrong: list[str], serve: Sequence[str]) -> _Case:
        return _Case(
            asked=f"which of these lines stops at {name}?",
            right=right,
            wrong=wrong,
            none=NO_STATION,
            truth={name: tuple(serve)},
            station=name,
        )

    def line(self, *, exists: bool) -> _Case | None:
        """Which station is on this line? None if the map has not enough stations off it."""
        names = self._network.names
        if not exists:
            line = absent_line(self._network, self._rng)
            if line is None or len(self._stations) < _NO_SUCH:
                return None
            shown = sample(self._stations, _NO_SUCH, self._rng)
            return self._of_line(line, "", [names[stop] for stop in shown])
        if not self._visits.left:
            return None
        stop, line = self._visits.draw()
        away = self._away[line]
        off = [other for other in self._stations if line not in self._network.lines_at[other]]
        near = sorted(off, key=lambda other: (away[other], other))[:_NEAREST]
        if len(near) < _NO_SUCH - 1:
            return None
        wrong = sample(near, _NO_SUCH - 1, self._rng)
        return self._of_line(line, names[stop], [names[other] for other in wrong])

    def _of_line(self, line: str, right: str, wrong: list[str]) -> _Case:
        return _Case(
            asked=f"which of these stations is on the line {line}?",
            right=right,
            wrong=wrong,
            none=NO_LINE,
            truth={line: (right,) if right else ()},
            line=line,
        )


@per_map
def _away(ground: Ground) -> dict[str, dict[str, int]]:
    """By line and station: the stops to the nearest station of the line."""
    return ground.table.stops_to_lines()


register(NAME, impossible, per_map=12)
