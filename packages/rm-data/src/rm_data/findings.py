"""What is wrong, or doubtful, in a network file, as far as the file alone can tell.

Not detectable: a loop that is stored without its closing edge, a branch that is glued to the trunk
without a mark, and lists that differ from the picture.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations
from pathlib import Path
from typing import Any, Final, TypeAlias

from rm_data.line_graph import stops_from
from rm_data.networks import BRANCH_MARK, TRANSFER_MARK, published_lists, read_file
from rm_data.spelling import name_key, spelled_alike
from rm_rewards import Network, plain_name

Lists: TypeAlias = Mapping[str, Sequence[str]]

_CLOSE: Final = 0.9
_USUAL: Final = 0.9
_LONG: Final = 8
_SIDES: Final = frozenset({"north", "south", "east", "west", "upper", "lower"})
_SUFFIXES: Final = (" Station", "站")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One defect: its place, a short code, and what it means. Empty fields do not apply."""

    file: str
    code: str
    message: str
    line: str = ""
    station: str = ""

    def __str__(self) -> str:
        place = ": ".join(part for part in (self.file, self.line, self.station) if part)
        return f"{place}: {self.message} [{self.code}]"


def validate(path: Path | str) -> list[Finding]:
    """The findings of one network file, those of its lines first.

    Raises:
        RecordError: If the file is no network.
        OSError: If the file cannot be opened.
    """
    file = read_file(path)
    lists = published_lists(file.path)
    found = [*_of_graph(file.network)]
    if lists is not None:
        found[:0] = [*_repeated_lines(file.path), *_of_lists(lists), *_of_marks(lists)]
    else:
        found[:0] = _of_paths(file.network)
    found.extend(_of_names(file.network))
    return [
        Finding(file=str(path), code=f.code, message=f.message, line=f.line, station=f.station)
        for f in found
    ]


def _finding(code: str, message: str, *, line: str = "", station: str = "") -> Finding:
    return Finding(file="", code=code, message=message, line=line, station=station)


def _repeated_lines(path: Path) -> Iterator[Finding]:
    """JSON keeps the last of two equal keys, and says nothing."""
    names: list[str] = []

    def keep(pairs: list[tuple[str, Any]]) -> None:
        names.extend(name for name, _ in pairs)

    json.loads(path.read_bytes(), object_pairs_hook=keep)
    for name, times in Counter(names).items():
        if times > 1:
            yield _finding("line_twice", "the file has this line twice; the last counts", line=name)


def _of_lists(lists: Lists) -> Iterator[Finding]:
    for line, stops in lists.items():
        if len(stops) < 2:
            yield _finding("line_short", "a line needs two stations or more", line=line)
        for stop in stops:
            if stop != stop.strip() or "  " in stop or not stop.strip():
                message = "blanks at the ends, or two in a row"
                yield _finding("blank", message, line=line, station=repr(stop))
        yield from _repeated(line, stops)
        yield from _glued(line, stops)


def _repeated(line: str, stops: Sequence[str]) -> Iterator[Finding]:
    names = [plain_name(stop) for stop in stops]
    closed = len(names) > 3 and names[0] == names[-1]
    for name, times in Counter(names[:-1] if closed else names).items():
        if times > 1:
            message = f"stands {times} times on the line: two stations, or a branch"
            yield _finding("station_twice", message, line=line, station=name)


def _glued(line: str, stops: Sequence[str]) -> Iterator[Finding]:
    names = [plain_name(stop) for stop in stops]
    for place, stop in enumerate(stops):
        behind = len(stops) - place - 1
        if BRANCH_MARK.search(stop) and behind and names.count(names[place]) == 1:
            message = (
                f"a branch is glued to the list: among the {behind} stations behind this one two "
                "are no neighbours; their order is not used"
            )
            yield _finding("branch_glued", message, line=line, station=names[place])


def _of_marks(lists: Lists) -> Iterator[Finding]:
    """Stations whose marks contradict the lists, in files that mark transfers at all."""
    served: dict[str, list[str]] = {}
    marked: dict[str, list[str]] = {}
    for line, stops in lists.items():
        for stop in dict.fromkeys(stops):
            kept = [served, marked] if TRANSFER_MARK.search(stop) else [served]
            for table in kept:
                table.setdefault(plain_name(stop), []).append(line)
    for name, lines in served.items() if marked else ():
        has, all_lines = set(marked.get(name, ())), list(dict.fromkeys(lines))
        if has and len(all_lines) == 1:
            message = "marked as transfer station, but on one line only"
        elif len(all_lines) > 1 and not has:
            message = f"on {', '.join(all_lines)}, but not marked as transfer station"
        elif has and has != set(all_lines):
            missing = ", ".join(line for line in all_lines if line not in has)
            message = f"marked as transfer station on {', '.join(marked[name])}, not on {missing}"
        else:
            continue
        yield _finding("transfer_mark", message, line=all_lines[0], station=name)


def _of_paths(network: Network) -> Iterator[Finding]:
    for line in network.lines:
        if len(network.stops_of(line.name)) < 2:
            yield _finding("line_short", "a line needs two stations or more", line=line.name)
        for path in line.paths:
            for stop in (stop for stop, times in Counter(path).items() if times > 1):
                message = "stands twice on one path: two stations, or a branch"
                name = network.names[stop]
                yield _finding("station_twice", message, line=line.name, station=name)
        near = network.neighbours[line.name]
        if near and len(stops_from(near, next(iter(near)))) < len(near):
            message = "falls into pieces that do not meet; how they join is not known"
            yield _finding("line_in_pieces", message, line=line.name)


def _of_graph(network: Network) -> Iterator[Finding]:
    """Parts of the map without a connection; a line holds its own stations together."""
    near: dict[str, set[str]] = {stop: set() for stop in network.names}
    for around in network.neighbours.values():
        for stop in around:
            near[stop].update(around)
    main = _largest_part(near)
    for stop in near:
        if stop not in main and network.lines_at[stop]:
            yield _finding(
                "disconnected",
                f"no way from here to the {len(main)} stations of the main part",
                line=network.lines_at[stop][0],
                station=network.names[stop],
            )
        elif not network.lines_at[stop]:
            yield _finding("no_line", "no line serves it", station=network.names[stop])


def _largest_part(near: Mapping[str, set[str]]) -> set[str]:
    parts: list[set[str]] = []
    for stop in near:
        if not any(stop in part for part in parts):
            parts.append(set(stops_from(near, stop)))
    return max(parts, key=len) if parts else set()


def _of_names(network: Network) -> Iterator[Finding]:
    names = Counter(network.names.values())
    for name in (name for name, times in names.items() if times > 1):
        yield _finding("name_twice", "two stations have this name", station=name)
    alike = spelled_alike(network)
    for stop, first in alike.items():
        name, other = network.names[stop], network.names[first]
        if name != other:
            yield _finding("spelled_alike", f"one station with {other!r}?", station=name)
    yield from _close_names([s.name for s in network.stations if s.id not in alike])
    yield from _unusual_endings(tuple(names))


def _close_names(names: Sequence[str]) -> Iterator[Finding]:
    """Long names in alphabets that differ by a letter or an abbreviation, but not by a number."""
    keys = [(name, name_key(name)) for name in names]
    long = [(name, key) for name, key in keys if len(key) >= _LONG and key[0] < "\u2e80"]
    for (name, key), (other, other_key) in combinations(long, 2):
        if _digits(key) == _digits(other_key) and _is_close(key, other_key) and _same(name, other):
            yield _finding("spelled_close", f"one station with {other!r}?", station=name)


def _same(a: str, b: str) -> bool:
    """Whether more than a side tells them apart: West Park and East Park are two stations."""
    return not ({*a.casefold().split()} ^ {*b.casefold().split()}) <= _SIDES


def _digits(key: str) -> str:
    return "".join(letter for letter in key if letter.isdigit())


def _is_close(a: str, b: str) -> bool:
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    return (
        matcher.real_quick_ratio() >= _CLOSE
        and matcher.quick_ratio() >= _CLOSE
        and matcher.ratio() >= _CLOSE
    )


def _unusual_endings(names: Sequence[str]) -> Iterator[Finding]:
    for suffix in _SUFFIXES:
        without = [name for name in names if not name.endswith(suffix)]
        if 0 < len(without) <= (1 - _USUAL) * len(names):
            for name in without:
                message = f"nearly all names end in {suffix.strip()!r}, this one does not"
                yield _finding("ending", message, station=name)
