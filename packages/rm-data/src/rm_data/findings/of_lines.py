"""What is wrong with lines, as far as their graphs and the other lines tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from rm_data.findings.finding import Finding, finding
from rm_data.line_graph import stops_from
from rm_rewards import Line, Network


def of_paths(network: Network) -> Iterator[Finding]:
    """Findings of a network in our own form, which has paths in place of lists."""
    for line in network.lines:
        stops = network.stops_of(line.name)
        if len(stops) < 2:
            found = "one station alone" if stops else "no station"
            yield finding("line_short", f"{found}; a line needs two or more", line=line.name)
        for path in line.paths:
            for stop in (stop for stop, times in Counter(path).items() if times > 1):
                message = "stands twice on one path: two stations, or a branch"
                name = network.names[stop]
                yield finding("station_twice", message, line=line.name, station=name)
        near = network.neighbours[line.name]
        if near and len(stops_from(near, next(iter(near)))) < len(near):
            message = "falls into pieces that do not meet; how they join is not known"
            yield finding("line_in_pieces", message, line=line.name)


def of_coverage(network: Network) -> Iterator[Finding]:
    """Lines that serve the stations of another line and no others."""
    at = network.lines_at
    order = {line.name: place for place, line in enumerate(network.lines)}
    for line in network.lines:
        stops = network.stops_of(line.name)
        if len(stops) < 2:
            continue
        rarest = min(stops, key=lambda stop: (len(at[stop]), stop))
        for other in at[rarest]:
            if other == line.name or not stops <= network.stops_of(other):
                continue
            if len(stops) < len(network.stops_of(other)):
                message = f"all its stations are on {other} too; is it a line of its own?"
                yield finding("line_subset", message, line=line.name)
                break
            if order[other] < order[line.name]:
                yield finding("line_same", f"serves the same stations as {other}", line=line.name)
                break


def of_graph(network: Network) -> Iterator[Finding]:
    """Parts of the map without a connection; a line holds its own stations together."""
    near = whole_graph(network)
    for around in network.neighbours.values():
        hub = next(iter(around), "")
        for stop in around:
            near[stop].add(hub)
            near[hub].add(stop)
    parts = list(_parts(near))
    main = max(parts, key=len, default=list[str]())
    for part in parts:
        first = part[0]
        if not network.lines_at[first]:
            yield finding("no_line", "no line serves it", station=network.names[first])
        elif part is not main:
            more = f" and {len(part) - 1} stations more" if len(part) > 1 else ""
            yield finding(
                "disconnected",
                f"no way from here{more} to the {len(main)} stations of the main part",
                line=network.lines_at[first][0],
                station=network.names[first],
            )


def whole_graph(network: Network) -> dict[str, set[str]]:
    """The stations one stop away on any line."""
    near: dict[str, set[str]] = {stop: set() for stop in network.names}
    for around in network.neighbours.values():
        for stop, there in around.items():
            near[stop].update(there)
    return near


def _parts(near: Mapping[str, set[str]]) -> Iterator[list[str]]:
    """The stations that can be reached from each other, in the order of the file."""
    part_of: dict[str, list[str]] = {}
    for stop in near:
        if stop not in part_of:
            part: list[str] = []
            part_of.update(dict.fromkeys(stops_from(near, stop), part))
        part_of[stop].append(stop)
    seen: set[int] = set()
    for part in part_of.values():
        if id(part) not in seen:
            seen.add(id(part))
            yield part


def listed_paths(network: Network) -> Iterator[tuple[Line, tuple[str, ...]]]:
    """The paths of two stations and more, each with its line."""
    return ((line, path) for line in network.lines for path in line.paths if len(path) > 1)
