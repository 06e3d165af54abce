"""The stations of a network by what a user calls them: id, name or alias."""

from __future__ import annotations

from difflib import get_close_matches

from rm_rewards import Network, RecordError


def pair_of(network: Network, a: str, b: str) -> tuple[str, str]:
    """The ids of departure and destination, which each is given by id, name or alias."""
    start, end = station_id(network, a, "a"), station_id(network, b, "b")
    if start == end:
        raise RecordError("b", b, f"another station than the departure {a!r}")
    return start, end


def station_id(network: Network, station: str, field: str = "station") -> str:
    """The id of the station with that id, name or alias.

    Raises:
        RecordError: If there is none, with the names that come close, or more than one.
    """
    if station in network.names:
        return station
    found = [s.id for s in network.stations if station == s.name or station in s.aliases]
    if len(found) == 1:
        return found[0]
    if found:
        raise RecordError(field, station, f"one station; it names {', '.join(found)}: give the id")
    close = get_close_matches(station, list(network.names.values()), n=3)
    hint = f", such as {', '.join(map(repr, close))}" if close else ""
    raise RecordError(field, station, f"a station of {network.city}{hint}")
