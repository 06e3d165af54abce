"""The shape of a network, whatever its stations and lines are called."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from hashlib import sha256
from typing import Final

from rm_rewards import Network

_ROUNDS: Final = 12


def shape(network: Network) -> str:
    """A hash that equal networks share under any names, ids and orders of stations and lines.

    Colours are refined as by Weisfeiler and Leman, on stations and lines together: a station is
    known by its lines and by its neighbours on each of them, a line by its stations. Networks of
    different shape may share a hash only if they are as alike as two rings of equal lines.

    Example:
        >>> from rm_rewards import from_published
        >>> one = from_published({"Red": ["A", "B", "C"], "Blue": ["B", "D"]}, city="x")
        >>> other = from_published({"1": ["K", "L"], "2": ["M", "K", "N"]}, city="y")
        >>> shape(one) == shape(other)
        True
    """
    stations = {stop: 0 for stop, lines in network.lines_at.items() if lines}
    lines = dict.fromkeys(network.neighbours, 0)
    for _ in range(_ROUNDS):
        kinds = len({*stations.values()}), len({*lines.values()})
        stations = _numbered(
            {stop: _seen_from(network, stop, stations, lines) for stop in stations}
        )
        lines = _numbered(
            {
                line: (number, *sorted(stations[stop] for stop in network.neighbours[line]))
                for line, number in lines.items()
            }
        )
        if kinds == (len({*stations.values()}), len({*lines.values()})):
            break
    told = (sorted(stations.values()), sorted(lines.values()))
    return sha256(repr(told).encode()).hexdigest()[:16]


def _seen_from(
    network: Network, stop: str, stations: Mapping[str, int], lines: Mapping[str, int]
) -> Hashable:
    return (
        stations[stop],
        *sorted(
            (lines[line], tuple(sorted(stations[s] for s in network.neighbours[line][stop])))
            for line in network.lines_at[stop]
        ),
    )


def _numbered(seen: Mapping[str, Hashable]) -> dict[str, int]:
    """A number for each kind, which depends on the kind alone."""
    known: dict[Hashable, int] = {}
    return {
        name: known[kind]
        if kind in known
        else known.setdefault(kind, int.from_bytes(sha256(repr(kind).encode()).digest()[:8]))
        for name, kind in seen.items()
    }
