"""A synthetic city before its map is drawn: grown, with stations, names and colours."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from rm_data.cities.grid import Cell
from rm_data.cities.growth import Plan, grow
from rm_data.cities.line_names import MOST_LINES, LineName, line_names
from rm_data.cities.palettes import colours, similar
from rm_data.cities.station_names import Names, kind_for
from rm_data.cities.stops import Stops, settled, stops
from rm_data.cities.styles import CityStyle
from rm_data.cities.tracks import Tracks
from rm_data.layout import Layout
from rm_rewards import Line, Network, Station

CITY_VERSION: Final = "2"
"""Changes when a city number gives another network than before."""
MOST_STATIONS: Final = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A city before its map is drawn.

    Attributes:
        tracks: Its lines on the grid.
        stops: Its stations.
        names: The name of each station; it is its id as well.
        lines: What each line is called, and its colour.
    """

    tracks: Tracks
    stops: Stops
    names: Mapping[Cell, str]
    lines: tuple[tuple[LineName, str], ...]

    def network(self, city: str) -> Network:
        """Its lines and stations, under that name."""
        return Network(
            city=city,
            country="synthetic",
            lines=tuple(
                Line(
                    name=name.name,
                    paths=tuple(tuple(self.names[cell] for cell in path) for path in run.paths),
                    colour=colour,
                    loop=run.loop,
                    aliases=name.aliases,
                )
                for (name, colour), run in zip(self.lines, self.stops.lines, strict=True)
            ),
            stations=tuple(Station(id=name, name=name) for name in self.names.values()),
            source=f"rm-data synthetic cities {CITY_VERSION}",
            licence="CC0-1.0",
            positions=dict(self.layout.positions),
        )

    @property
    def layout(self) -> Layout:
        """Where its stations lie, and where its tracks bend, in cells of the grid."""
        return Layout(
            positions={name: (float(x), float(y)) for (x, y), name in self.names.items()},
            bends={
                (self.names[a], self.names[b]): tuple((float(x), float(y)) for x, y in cells)
                for (a, b), cells in self.stops.bends.items()
            },
        )

    def without(self, cells: Collection[Cell]) -> Draft:
        """The same city; trains pass through these stations without a stop, and they are gone."""
        stations = {cell for cell in self.names if cell not in cells}
        kept = settled(self.tracks.courses, stations, self.stops.needed)
        names = {cell: name for cell, name in self.names.items() if cell in kept.stations}
        return replace(self, stops=kept, names=names)

    def renamed(self, names: Mapping[Cell, str]) -> Draft:
        """The same city with other names for some stations."""
        return replace(self, names={**self.names, **names})


def drafted(rng: Random, style: CityStyle, lines: int) -> tuple[Draft, Names] | None:
    """A city of that many lines and what draws further names for it; None if it found no room."""
    tracks = grow(rng, _plan(rng, style, lines))
    if tracks is None:
        return None
    spacing = rng.uniform(*style.spacing)
    found = stops(rng, tracks, spacing=spacing, bare=style.bare)
    while len(found.stations) > MOST_STATIONS:
        spacing *= 1.25
        found = stops(rng, tracks, spacing=spacing, bare=style.bare)
        if spacing > max(tracks.columns, tracks.rows):
            return None
    names = Names(rng, kind_for(rng, rng.choice(style.scripts)))
    named = {cell: names.draw() for cell in sorted(found.stations)}
    drawn = {cell: name for cell, name in named.items() if name is not None}
    if len(drawn) < len(named):
        return None
    called = _called(rng, style, lines)
    return Draft(tracks=tracks, stops=found, names=drawn, lines=called), names


def _plan(rng: Random, style: CityStyle, lines: int) -> Plan:
    side = style.room * (8 + 1.15 * lines)
    aspect = rng.uniform(1.0, 1.4)
    rings = sum(lines >= least and rng.random() < 0.4 for least in (4, 14))
    return Plan(
        lines=lines,
        columns=round(side * aspect**0.5),
        rows=round(side / aspect**0.5),
        rings=rings,
        most_shared=3 if lines >= 8 and rng.random() < 0.3 else 2,
    )


def _called(rng: Random, style: CityStyle, lines: int) -> tuple[tuple[LineName, str], ...]:
    """Names and colours of the lines."""
    able = [scheme for scheme in style.schemes if MOST_LINES.get(scheme, lines) >= lines]
    drawn = colours(rng, lines, style.palette)
    called = line_names(rng, rng.choice(able or ["numbers"]), [word for word, _ in drawn])
    if rng.random() < style.similar and not _says_colour(called, drawn):
        drawn = similar(rng, drawn, pairs=1 + lines // 6)
    return tuple((name, colour) for name, (_, colour) in zip(called, drawn, strict=True))


def _says_colour(called: list[LineName], drawn: list[tuple[str, str]]) -> bool:
    return called[0].name.startswith(drawn[0][0])
