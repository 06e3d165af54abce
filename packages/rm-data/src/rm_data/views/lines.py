"""Lines that change names, and a map that lacks one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from random import Random

from rm_rewards import Line, Network


def exchanged(network: Network, rng: Random) -> Mapping[str, str]:
    """New names for the lines: each gets that of another, where there is another."""
    names = [line.name for line in network.lines]
    order = names.copy()
    rng.shuffle(order)
    return {name: order[(order.index(name) + 1) % len(order)] for name in names}


def renamed(network: Network, names: Mapping[str, str]) -> Network:
    """The network whose lines are called so.

    A line takes over colour and aliases with the name: the Red Line stays red, it runs elsewhere.
    """
    by_name = {line.name: line for line in network.lines}
    lines = tuple(
        Line(
            name=names[line.name],
            paths=line.paths,
            loop=line.loop,
            colour=by_name[names[line.name]].colour,
            aliases=by_name[names[line.name]].aliases,
        )
        for line in network.lines
    )
    return replace(network, lines=lines)


def without_line(network: Network, name: str) -> Network:
    """The network without that line, and without the stations that it alone served."""
    kept = {stop for stop, lines in network.lines_at.items() if lines != (name,)}
    positions = network.positions
    return replace(
        network,
        lines=tuple(line for line in network.lines if line.name != name),
        stations=tuple(station for station in network.stations if station.id in kept),
        positions=None
        if positions is None
        else {stop: place for stop, place in positions.items() if stop in kept},
    )
