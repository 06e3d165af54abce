"""A network in the published form `{line: [station, ...]}`, so that it can be read back.

As published, stations of several lines carry the mark ` (Transfer Station)`, or `（换乘站）` if the
name is Chinese, and a loop ends with its first station. A branch stands behind the trunk; other
than in the published lists it begins with the station where it leaves, which is marked
` (Branch-starting Station)` or `（支线起始站）` and so stands twice: nothing is left to guess.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from rm_data.networks import cut_at_branch
from rm_rewards import Line, Network, RecordError, plain_name

_CHINESE: Final = re.compile("[\u4e00-\u9fff]")


def to_station_lists(network: Network) -> dict[str, list[str]]:
    """The lists of a network, with marks. `load_network` reads its lines and names back from them.

    Lost are colours, aliases, positions, source and licence.

    Raises:
        RecordError: For what lists cannot tell: two stations of one name, a line of pieces that do
            not meet, several loops in a line.
    """
    for name, times in Counter(network.names.values()).items():
        if times > 1 or plain_name(name) != name:
            raise RecordError("name", name, "a name that no other station has, without a mark")
    return {line.name: _listed(line, network) for line in network.lines}


def _listed(line: Line, network: Network) -> list[str]:
    paths = [[network.names[stop] for stop in path] for path in line.paths]
    if line.loop:
        if len(paths) != 1 or len(paths[0]) < 3:
            raise RecordError(f"lines[{line.name!r}]", line.loop, "a loop of one path")
        paths[0].append(paths[0][0])
    stops, forks = _in_a_row(paths)
    if not _read_back(stops, forks, paths):
        expected = "a trunk, and branches that begin at one of its stations"
        raise RecordError(f"lines[{line.name!r}]", paths, expected)
    shared = {network.names[stop] for stop in network.interchanges}
    return [_marked(stop, stop in shared, stop in forks) for stop in stops]


def _in_a_row(paths: Sequence[list[str]]) -> tuple[list[str], set[str]]:
    """The stations one path behind the other, each branch from its fork on; and the forks."""
    stops = list(paths[0]) if paths else []
    forks: set[str] = set()
    for path in paths[1:]:
        way = path if path[0] in stops else path[::-1]
        forks.add(way[0])
        stops.extend(way)
    return stops, forks


def _read_back(stops: list[str], forks: set[str], paths: Sequence[list[str]]) -> bool:
    read = cut_at_branch(stops, *(place for place, stop in enumerate(stops) if stop in forks))
    return [*map(tuple, paths)] in ([*read], [read[0], *(path[::-1] for path in read[1:])])


def _marked(name: str, shared: bool, fork: bool) -> str:
    chinese = bool(_CHINESE.search(name))
    transfer = ("（换乘站）" if chinese else " (Transfer Station)") if shared else ""
    branch = ("（支线起始站）" if chinese else " (Branch-starting Station)") if fork else ""
    return name + transfer + branch
