"""Network files: found in folders, read, and freed from edges that do not exist.

The published lists write a branch behind the trunk, in one list, and mark the station where the
branch leaves. Somewhere behind the mark two stations follow each other that are no neighbours, and
the list does not say where. Such a list is cut at the mark.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import isfinite
from pathlib import Path
from typing import Final, cast

from rm_rewards import Line, Network, RecordError, plain_name
from rm_rewards.jsonl import read_network

BRANCH_MARK: Final = re.compile(r"\(Branch-starting Station\)|（支线起始站）")
_BESIDE: Final = re.compile(r"^\.|\.(?:truth|drawing)\.json$|^maps\.json$")
TRANSFER_MARK: Final = re.compile(r"Transfer Station|换乘站")
MOST_BYTES: Final = 16 << 20
"""Of a network file: 10^5 stations with their places fill two thirds of it."""

_COLOUR: Final = re.compile(r"(?:#[0-9a-fA-F]{6})?")


@dataclass(frozen=True, slots=True)
class NetworkFile:
    """A network and what its file says beside it.

    Attributes:
        path: The file.
        network: The network; its country and city are those of the file's place if it has none.
        city_transfers: Entries marked as transfer station in a published list; None where no entry
            is marked, or the file is in another form.
    """

    path: Path
    network: Network
    city_transfers: int | None = None

    @property
    def place(self) -> tuple[str, str]:
        """(country, city), the name of the map."""
        return self.network.country, self.network.city


def load_network(path: Path | str) -> Network:
    """The network of a file, in our own form or the published one `{line: [station, ...]}`.

    A published list with a mark for a branch gives a path up to the mark, and each station behind
    it as a path of its own: it is on the line, its neighbours are not known (`cut_at_branch`).
    A loop that a list stores without closing it cannot be told from a line.

    Raises:
        RecordError: Naming file, field, value and what was expected.
        OSError: If the file cannot be opened.
    """
    return read_file(path).network


def read_file(path: Path | str) -> NetworkFile:
    """The file with its network, read as `load_network` does.

    Raises:
        RecordError: As `load_network`.
        OSError: As `load_network`.
    """
    place = Path(path)
    if (size := place.stat().st_size) > MOST_BYTES:
        expected = f"a network of at most {MOST_BYTES >> 20} MiB"
        raise RecordError("file", f"{size:,} bytes", expected, where=str(place))
    network = read_network(place)
    network = replace(
        network,
        city=network.city or place.stem,
        country=network.country or place.absolute().parent.name,
    )
    for field in ("country", "city"):
        _require_plain(field, getattr(network, field), place)
    _require_drawable(network, place)
    lists = published_lists(place)
    if lists is None:
        return NetworkFile(place, network)
    marked = sum(bool(TRANSFER_MARK.search(stop)) for stops in lists.values() for stop in stops)
    return NetworkFile(place, open_branches(network, lists), marked or None)


def _require_plain(field: str, name: str, path: Path) -> None:
    """Country and city become parts of paths and ids."""
    if name in {"", ".", ".."} or "/" in name or "\\" in name or not name.isprintable():
        raise RecordError(field, name, "a name without slashes", where=str(path))


def _require_drawable(network: Network, path: Path) -> None:
    """Colours and positions become parts of pictures."""
    for line in network.lines:
        if not _COLOUR.fullmatch(line.colour):
            name = f"lines[{line.name!r}].colour"
            raise RecordError(name, line.colour, "#rrggbb, or nothing", where=str(path))
    for stop, place in (network.positions or {}).items():
        if stop not in network.names or not all(map(isfinite, place)):
            expected = "two finite numbers for the id of a station"
            raise RecordError(f"positions[{stop!r}]", list(place), expected, where=str(path))


def published_lists(path: Path) -> dict[str, list[str]] | None:
    """The lists as they stand in a file that `read_network` has accepted; None for our own form."""
    loaded = cast("dict[str, object]", json.loads(path.read_bytes()))
    if "stations" in loaded and "lines" in loaded:
        return None
    return cast("dict[str, list[str]]", loaded)


def open_branches(network: Network, lists: Mapping[str, Sequence[str]]) -> Network:
    """The network without the false edges of marked lists (`cut_at_branch`)."""
    lines = tuple(_opened(line, lists[line.name]) for line in network.lines)
    return network if lines == network.lines else replace(network, lines=lines)


def _opened(line: Line, listed: Sequence[str]) -> Line:
    marks = [place for place, stop in enumerate(listed) if BRANCH_MARK.search(stop)]
    if not marks:
        return line
    return replace(line, paths=cut_at_branch([plain_name(s) for s in listed], *marks), loop=False)


def cut_at_branch(stops: Sequence[str], *marks: int) -> tuple[tuple[str, ...], ...]:
    """The paths of a list whose stations at the indices `marks` are where branches leave the trunk.

    If such a station stands in the list again, a branch begins there, and the two paths meet. If
    one does not, the place where the trunk ends is not known: only the path up to its mark is
    certain, and each station behind it becomes a path of its own.

    >>> cut_at_branch(["A", "Fork", "B", "Fork", "C"], 1)
    (('A', 'Fork', 'B'), ('Fork', 'C'))
    >>> cut_at_branch(["A", "Fork", "B", "C"], 1)
    (('A', 'Fork'), ('B',), ('C',))
    """
    forks = {stops[mark] for mark in marks}
    seen: set[str] = set()
    begins: list[int] = []
    for place, stop in enumerate(stops):
        if stop in forks and stop in seen:
            begins.append(place)
        seen.add(stop)
    again = {stops[place] for place in begins}
    unknown = [mark for mark in marks if stops[mark] not in again]
    if unknown:
        certain = unknown[0] + 1
        return (tuple(stops[:certain]), *((stop,) for stop in stops[certain:]))
    bounds = [0, *begins, len(stops)]
    return tuple(tuple(stops[a:b]) for a, b in pairwise(bounds))


def find_networks(paths: Iterable[Path | str]) -> tuple[Path, ...]:
    """The network files among the paths: each a file, or a folder of `<country>/<city>.json`.

    A folder may also hold the files directly. Files come in the order of the paths, and by name
    within a folder. Hidden files are passed over, and so is what `rm-data maps` writes beside the
    networks (`<city>.truth.json`, `<city>.drawing.json`, `maps.json`). A file that comes up twice
    is taken once.

    Raises:
        RecordError: For a path that does not exist, or a folder without such files.
    """
    found: dict[Path, Path] = {}
    for path in map(Path, paths):
        for file in _files_of(path):
            found.setdefault(file.resolve(), file)
    return tuple(found.values())


def _files_of(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise RecordError("PATH", str(path), "a network file, or a folder of them")
    inside = [*path.glob("*.json"), *path.glob("*/*.json")]
    seen = [f for f in inside if not _BESIDE.search(f.name)]
    for link in (f for f in seen if f.is_symlink() and not f.exists()):
        raise RecordError("PATH", str(link), "a link that leads to a file")
    files = sorted(f for f in seen if f.is_file())
    if not files:
        raise RecordError("PATH", str(path), "a folder with files <country>/<city>.json")
    return files


def read_all(paths: Iterable[Path | str]) -> tuple[NetworkFile, ...]:
    """All networks of the paths (`find_networks`), each city once.

    Raises:
        RecordError: As `find_networks` and `load_network`, and for two files of one city.
        OSError: If a file cannot be opened.
    """
    by_place: dict[tuple[str, str], NetworkFile] = {}
    for path in find_networks(paths):
        file = read_file(path)
        other = by_place.setdefault(file.place, file)
        if other is not file:
            name = "/".join(file.place)
            raise RecordError(
                "city", name, f"each city once; {other.path} has it too", where=str(path)
            )
    return tuple(by_place.values())
