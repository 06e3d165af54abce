"""Fixes, made on a network. Each must still apply: a fix that has nothing to fix is an error."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from rm_data.importing.draft import Draft, DraftLine
from rm_data.importing.fixes import (
    Alias,
    Close,
    Colour,
    Confirm,
    Cut,
    Drop,
    Extend,
    Fix,
    Join,
    Known,
    Merge,
    PlacedFix,
    Rename,
    Split,
)
from rm_rewards import Network, RecordError, Station

_COLOUR: Final = re.compile("#[0-9a-f]{6}")


def repaired(network: Network, fixes: Iterable[PlacedFix]) -> Network:
    """The network with these fixes, made one after the other.

    Raises:
        RecordError: For a fix that names what the network does not have, or that changes nothing;
            with the file, the fix, and what comes close.
    """
    draft = Draft(network)
    for placed in fixes:
        try:
            _MAKERS[type(placed.fix)](draft, placed.fix)
        except RecordError as error:
            raise error.at(placed.where) from None
    return draft.network()


def _cut(draft: Draft, fix: Cut) -> None:
    line = draft.line(fix.line)
    line.open()
    pair = frozenset(draft.station(stop, "between") for stop in fix.between)
    places = [(number, place) for number, place, edge in line.edges() if edge == pair]
    if len(places) != 1:
        expected = f"two stations that follow each other once on {fix.line!r}"
        raise RecordError("between", list(fix.between), expected)
    ((number, place),) = places
    path = line.paths[number]
    line.paths[number : number + 1] = [path[: place + 1], path[place + 1 :]]


def _join(draft: Draft, fix: Join) -> None:
    line = draft.line(fix.line)
    _attach(line, [draft.station(stop, "path") for stop in fix.path], fix)


def _extend(draft: Draft, fix: Extend) -> None:
    line = draft.line(fix.line)
    for stop in fix.new:
        draft.absent(stop, "new")
        if stop not in fix.path:
            raise RecordError("new", stop, "a station of the path")
        draft.put(Station(id=stop, name=stop))
    if not fix.new:
        raise RecordError("new", [], "the stations that are missing; `join` joins those there are")
    _attach(line, [draft.station(stop, "path") for stop in fix.path], fix)


def _attach(line: DraftLine, path: Sequence[str], fix: Join | Extend) -> None:
    there = {edge for _, _, edge in line.edges()}
    edges = [frozenset(pair) for pair in pairwise(path)]
    again = [sorted(edge) for edge in edges if edge in there]
    if again or not edges or any(len(edge) == 1 for edge in edges):
        found = again[0] if again else list(path)
        raise RecordError("path", found, f"stations that are no neighbours yet on {fix.line!r}")
    line.open()
    line.attach(path)


def _close(draft: Draft, fix: Close) -> None:
    line = draft.line(fix.line)
    if line.loop or len(line.paths) != 1 or len(set(line.paths[0])) < 3:
        raise RecordError("line", fix.line, "a line of one path that is not closed yet")
    if line.paths[0][0] == line.paths[0][-1]:
        raise RecordError("line", fix.line, "a line whose two ends are not one station yet")
    line.loop = True


def _merge(draft: Draft, fix: Merge) -> None:
    gone, kept = draft.station(fix.station), draft.station(fix.into, "into")
    both = sorted({*draft.lines_at(gone)} & {*draft.lines_at(kept)})
    if gone == kept or both:
        where = f", not both on {both[0]!r}" if both else ""
        raise RecordError("station", fix.station, f"another station than {fix.into!r}{where}")
    for line in draft.lines_at(gone):
        draft.replace_on(line, gone, kept)
    old, new = draft.stations.pop(gone), draft.stations[kept]
    names = dict.fromkeys((*new.aliases, old.name, *old.aliases))
    draft.put(replace(new, aliases=tuple(name for name in names if name != new.name)))


def _split(draft: Draft, fix: Split) -> None:
    stop = draft.station(fix.station)
    served = draft.lines_at(stop)
    for line in fix.lines:
        if line not in served:
            raise RecordError("lines", line, f"a line at {fix.station!r}: {', '.join(served)}")
    new = f"{stop} ({', '.join(fix.lines)})"
    draft.absent(new, "station")
    beside = [draft.station(one, "beside") for one in fix.beside]
    for line in fix.lines:
        if not draft.replace_on(line, stop, new, beside):
            raise RecordError("beside", list(fix.beside), f"neighbours of it on {line!r}")
    if not fix.lines or not draft.lines_at(stop):
        expected = f"some of its lines, not all of {', '.join(served)}"
        raise RecordError("lines", list(fix.lines), expected)
    draft.put(replace(draft.stations[stop], id=new))


def _rename(draft: Draft, fix: Rename) -> None:
    station = draft.stations[draft.station(fix.station)]
    draft.absent(fix.to, "to")
    draft.put(replace(station, name=fix.to, aliases=(*station.aliases, station.name)))


def _alias(draft: Draft, fix: Alias) -> None:
    station = draft.stations[draft.station(fix.station)]
    draft.absent(fix.alias, "alias")
    draft.put(replace(station, aliases=(*station.aliases, fix.alias)))


def _drop(draft: Draft, fix: Drop) -> None:
    line = draft.line(fix.line)
    gone = line.stops()
    if fix.station:
        gone &= {draft.station(fix.station)}
        if not gone:
            raise RecordError("station", fix.station, f"a station of {fix.line!r}")
        line.leave_out(*gone)
    else:
        del draft.lines[fix.line]
    for stop in gone:
        if not draft.lines_at(stop):
            del draft.stations[stop]


def _colour(draft: Draft, fix: Colour) -> None:
    line = draft.line(fix.line)
    if not _COLOUR.fullmatch(fix.colour) or line.line.colour == fix.colour:
        expected = f"#rrggbb in small letters, another than {line.line.colour!r}"
        raise RecordError("colour", fix.colour, expected)
    line.line = replace(line.line, colour=fix.colour)


def _nothing(draft: Draft, fix: Fix) -> None:
    """`confirm` and `known` change no network."""
    del draft, fix


_MAKERS: dict[type[Fix], Callable[..., None]] = {
    Cut: _cut,
    Join: _join,
    Extend: _extend,
    Close: _close,
    Merge: _merge,
    Split: _split,
    Rename: _rename,
    Alias: _alias,
    Drop: _drop,
    Colour: _colour,
    Confirm: _nothing,
    Known: _nothing,
}
