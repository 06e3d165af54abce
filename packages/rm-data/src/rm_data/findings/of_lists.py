"""What is wrong in published lists, as far as their entries tell: marks, blanks, repetitions."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from rm_data.findings.finding import Finding, finding
from rm_data.networks import BRANCH_MARK, TRANSFER_MARK
from rm_rewards import plain_name

Lists: TypeAlias = Mapping[str, Sequence[str]]


def repeated_lines(path: Path) -> Iterator[Finding]:
    """JSON keeps the last of two equal keys, and says nothing."""
    names: list[str] = []

    def keep(pairs: list[tuple[str, Any]]) -> None:
        names.extend(name for name, _ in pairs)

    json.loads(path.read_bytes(), object_pairs_hook=keep)
    for name, times in Counter(names).items():
        if times > 1:
            yield finding("line_twice", "the file has this line twice; the last counts", line=name)


def of_lists(lists: Lists) -> Iterator[Finding]:
    """Findings of single lists, then those of the marks of all lists."""
    for line, stops in lists.items():
        if len(stops) < 2:
            found = "one station alone" if stops else "no station"
            yield finding("line_short", f"{found}; a line needs two or more", line=line)
        for stop in stops:
            if stop != stop.strip() or "  " in stop or not stop.strip():
                message = "blanks at the ends, or two in a row"
                yield finding("blank", message, line=line, station=repr(stop))
        yield from _repeated(line, stops)
        yield from _glued(line, stops)
    yield from _of_marks(lists)


def _repeated(line: str, stops: Sequence[str]) -> Iterator[Finding]:
    names = [plain_name(stop) for stop in stops]
    closed = len(names) > 3 and names[0] == names[-1]
    forks = {plain_name(stop) for stop in stops if BRANCH_MARK.search(stop)}
    for name, times in Counter(names[:-1] if closed else names).items():
        if times > 1 and name not in forks:
            message = f"stands {times} times on the line: two stations, or a branch"
            yield finding("station_twice", message, line=line, station=name)


def _glued(line: str, stops: Sequence[str]) -> Iterator[Finding]:
    names = Counter(map(plain_name, stops))
    for place, stop in enumerate(stops):
        behind = len(stops) - place - 1
        if BRANCH_MARK.search(stop) and behind and names[plain_name(stop)] == 1:
            message = (
                f"a branch is glued to the list: among the {behind} stations behind this one two "
                "are no neighbours; their order is not used"
            )
            yield finding("branch_glued", message, line=line, station=plain_name(stop))


def _of_marks(lists: Lists) -> Iterator[Finding]:
    """Stations whose marks contradict the lists, in files that mark transfers at all."""
    served: dict[str, list[str]] = {}
    marked: dict[str, list[str]] = {}
    near: dict[tuple[str, str], set[str]] = {}
    for line, stops in lists.items():
        names = [plain_name(stop) for stop in stops]
        for place, (stop, name) in enumerate(zip(stops, names, strict=True)):
            served.setdefault(name, []).append(line)
            if TRANSFER_MARK.search(stop):
                marked.setdefault(name, []).append(line)
            around = near.setdefault((line, name), set())
            around.update(names[max(place - 1, 0) : place + 2])
            around.discard(name)
    for name, visits in served.items() if marked else ():
        lines, has = list(dict.fromkeys(visits)), list(dict.fromkeys(marked.get(name, ())))
        if len(lines) > 1 and not has and _apart([near[line, name] for line in lines]):
            message = (
                f"on {_and_more(lines)}, which share no neighbour here, and not marked as transfer "
                "station: one station, or two?"
            )
            yield finding("one_name", message, line=lines[0], station=name)
        elif message := _contradiction(lines, has):
            yield finding("transfer_mark", message, line=lines[0], station=name)


def _apart(around: Sequence[set[str]]) -> bool:
    times = Counter(stop for stops in around for stop in stops)
    return max(times.values(), default=0) < 2


def _contradiction(lines: Sequence[str], marked: Sequence[str]) -> str:
    if marked and len(lines) == 1:
        return "marked as transfer station, but on one line only"
    if len(lines) > 1 and not marked:
        return f"on {_and_more(lines)}, but not marked as transfer station"
    missing = [line for line in lines if line not in marked]
    if marked and missing:
        return f"marked as transfer station on {_and_more(marked)}, not on {_and_more(missing)}"
    return ""


def _and_more(lines: Sequence[str]) -> str:
    more = f" and {len(lines) - 6} more" if len(lines) > 6 else ""
    return ", ".join(lines[:6]) + more
