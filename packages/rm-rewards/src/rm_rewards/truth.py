"""What a planned route is judged against: the ends, the best routes, and the map's own graph."""

from __future__ import annotations

from dataclasses import dataclass

from rm_rewards.directory import Directory, directory_of
from rm_rewards.network import Line, Network, Station
from rm_rewards.records import Leg, Question, RecordError, Route
from rm_rewards.search import Ride, best_routes, frontier


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """The truth about one planning question.

    Attributes:
        directory: Looks up the names that a reply uses.
        origin, destination: The places to go from and to.
        routes: The best routes: those of the question, else those found in the network.
        transfers: The most transfers that a best route has; None if there is no route at all.
        alone: True where there is no network, so that only the listed routes can be right.
        front: (legs, stops) of the routes that none beats in both; empty where it is not asked for.
    """

    directory: Directory
    origin: str
    destination: str
    routes: tuple[tuple[Ride, ...], ...]
    transfers: int | None
    alone: bool
    front: tuple[tuple[int, int], ...] = ()

    def rides(self, legs: Route) -> tuple[Ride, ...]:
        """The legs with their names looked up."""
        return tuple(looked_up(self.directory, leg) for leg in legs)


def looked_up(directory: Directory, leg: Leg) -> Ride:
    """One leg with its names looked up."""
    return Ride(
        directory.line(leg.route_name),
        directory.place(leg.departure_stop),
        directory.place(leg.arrival_stop),
    )


def truth_of(question: Question, network: Network | None, *, front: bool = False) -> Truth:
    """The truth about a planning question; with its `front` if that is asked for.

    Raises:
        RecordError: If the question names no stations and no routes, or if there is neither a
            network nor a route to judge by.
    """
    listed = tuple(route for route in question.routes or () if route)
    if network is None and not listed:
        raise RecordError(
            "network", None, f"the network of question {question.id!r}, or its routes, to judge by"
        )
    directory = directory_of(network) if network is not None else _directory_of_routes(listed)
    origin = directory.place(_end(question, "station_1", listed))
    destination = directory.place(_end(question, "station_2", listed))
    routes = tuple(tuple(looked_up(directory, leg) for leg in route) for route in listed)
    routes = routes or best_routes(directory, origin, destination)
    return Truth(
        directory=directory,
        origin=origin,
        destination=destination,
        routes=routes,
        transfers=max((len(route) for route in routes), default=0) - 1 if routes else None,
        alone=network is None,
        front=frontier(directory, origin, destination) if front and network is not None else (),
    )


def _end(question: Question, field: str, listed: tuple[Route, ...]) -> str:
    named = question.station_1 if field == "station_1" else question.station_2
    if named:
        return named
    if listed:
        return listed[0][0].departure_stop if field == "station_1" else listed[0][-1].arrival_stop
    raise RecordError(field, named, f"the name of a station (question {question.id!r})")


def _directory_of_routes(routes: tuple[Route, ...]) -> Directory:
    """The part of the map that the routes themselves tell of."""
    paths: dict[str, list[tuple[str, ...]]] = {}
    stations: dict[str, Station] = {}
    for leg in (leg for route in routes for leg in route):
        path = (leg.departure_stop, *leg.via_stops, leg.arrival_stop)
        paths.setdefault(leg.route_name, []).append(path)
        stations.update((name, Station(id=name, name=name)) for name in path)
    lines = tuple(Line(name=name, paths=tuple(found)) for name, found in paths.items())
    return directory_of(Network(city="", lines=lines, stations=tuple(stations.values())))
