from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from rm_data import read_gtfs, validate
from rm_data.findings import CODES, of_network
from rm_data.importing.fixes import KINDS, NO_FIXES, read_fixes
from rm_data.importing.network_files import Terms, read_network_files
from rm_data.importing.repair import repaired
from rm_rewards import Network, RecordError, from_published

QUIET = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])

WORDS = st.sampled_from(
    ["A", "B", "A Station", "A (Transfer Station)", "B （支线起始站）", "lbn A", "", " ", "\x00"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)
LISTS = st.dictionaries(WORDS, st.lists(WORDS, max_size=12), min_size=1, max_size=4)
IDS = st.sampled_from("abcd")
LINE: SearchStrategy[dict[str, object]] = st.fixed_dictionaries(
    {"name": WORDS, "paths": st.lists(st.lists(IDS, max_size=9), max_size=3)},
    optional={"loop": st.booleans(), "colour": WORDS},
)
OURS: SearchStrategy[dict[str, object]] = st.fixed_dictionaries(
    {
        "city": WORDS,
        "lines": st.lists(LINE, max_size=3),
        "stations": st.just([{"id": i, "name": i.upper()} for i in "abc"]),
    },
    optional={"positions": st.dictionaries(IDS, st.tuples(st.floats(), st.floats()))},
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("land")


@QUIET
@given(content=JSON | LISTS | OURS)
def test_any_json_is_a_network_or_an_error_that_says_where(place: Path, content: object) -> None:
    path = place / "town.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    for work in (lambda: validate(path), lambda: read_network_files(path, NO_FIXES, Terms())):
        _tells(work, str(path))


def _tells(work: Callable[[], object], where: str) -> None:
    """It works, or raises an error that says where."""
    error = _error_of(work)
    assert error is None or str(error).startswith(where)


def _error_of(work: Callable[[], object]) -> RecordError | None:
    try:
        work()
    except RecordError as error:
        return error
    return None


@QUIET
@given(content=st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()[:-1]))
def test_any_bytes_are_a_network_or_an_error(place: Path, content: bytes) -> None:
    path = place / "town.json"
    path.write_bytes(content)
    _tells(lambda: validate(path), str(path))


@QUIET
@given(data=st.data())
def test_any_network_can_be_checked(
    random_networks: SearchStrategy[Network], data: st.DataObject
) -> None:
    network = data.draw(random_networks)
    found = of_network(network)
    assert {one.code for one in found} <= CODES.keys()
    assert all(one.line in {"", *network.neighbours} for one in found)


NAMES = st.sampled_from(["A", "B", "C", "D", "E", "X"])
LINES = st.sampled_from(["One", "Two", "Nine"])
FIELDS: dict[str, SearchStrategy[object]] = {
    "line": LINES,
    "between": st.tuples(NAMES, NAMES),
    "path": st.lists(NAMES, max_size=4),
    "new": st.lists(NAMES, max_size=2),
    "station": NAMES,
    "into": NAMES,
    "to": NAMES,
    "alias": NAMES,
    "lines": st.lists(LINES, max_size=2),
    "code": st.sampled_from(sorted(CODES)),
    "colour": st.sampled_from(["#ff0000", "#00aa55"]),
}
NEEDS = {
    kind: [name for name in cls.__dataclass_fields__ if name in FIELDS]
    for kind, cls in KINDS.items()
}
FIX = st.sampled_from(sorted(KINDS)).flatmap(
    lambda kind: st.fixed_dictionaries(
        {"kind": st.just(kind), **{name: FIELDS[name] for name in NEEDS[kind]}}
    )
)


@QUIET
@given(drawn=st.lists(FIX, max_size=4))
def test_any_fixes_give_a_network_or_an_error(place: Path, drawn: list[dict[str, object]]) -> None:
    lines = {"One": ["A", "B", "C", "D"], "Two": ["B", "E", "A"]}
    network = from_published(lines, city="town", country="land")
    path = place / "fixes.toml"
    tables = [
        "\n".join(["[[fix]]", *(f"{key} = {json.dumps(value)}" for key, value in table.items())])
        for table in ({**fix, "network": "land/town", "reason": "?"} for fix in drawn)
    ]
    path.write_text("\n".join(tables), encoding="utf-8")
    fixes = read_fixes(str(path)).of("land/town")
    with suppress(RecordError):
        of_network(repaired(network, fixes))


CELL = st.sampled_from(["", "a", "b", "c", "0", "1", "2", "-1", "1e9", '"', '""', "é", "a,b"])


@st.composite
def tables(draw: st.DrawFn) -> dict[str, bytes]:
    columns = {
        "routes.txt": "route_id,route_type,route_short_name",
        "trips.txt": "route_id,trip_id,direction_id",
        "stop_times.txt": "trip_id,stop_id,stop_sequence",
        "stops.txt": "stop_id,stop_lat,stop_lon,parent_station",
    }
    made: dict[str, bytes] = {}
    for name, header in columns.items():
        rows = draw(st.lists(st.lists(CELL, max_size=5).map(",".join), max_size=6))
        made[name] = "\n".join([header, *rows]).encode(draw(st.sampled_from(["utf-8", "latin-1"])))
    if draw(st.booleans()):
        made["routes.txt"] = b"route_id,route_type\na,1\nb,1\n"
        made["trips.txt"] = b"route_id,trip_id\na,a\na,b\nb,c\n"
    return made


@settings(QUIET, max_examples=100)
@given(content=tables())
def test_any_tables_are_a_network_or_an_error_that_says_where(
    place: Path, content: dict[str, bytes]
) -> None:
    path = place / "feed.zip"
    with zipfile.ZipFile(path, "w") as feed:
        for name, data in content.items():
            feed.writestr(name, data)
    _tells(lambda: read_gtfs(path, types=frozenset({0, 1}), city="c", country="d"), str(path))


@QUIET
@given(flips=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), min_size=1, max_size=8))
def test_any_damage_to_an_archive_is_told(place: Path, flips: list[tuple[int, int]]) -> None:
    path = place / "damaged.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as feed:
        feed.writestr("routes.txt", "route_id,route_type\na,1\n")
        feed.writestr("trips.txt", "route_id,trip_id\na,t\n")
        feed.writestr("stop_times.txt", "trip_id,stop_id,stop_sequence\nt,a,1\nt,b,2\n")
        feed.writestr("stops.txt", "stop_id\na\nb\n")
    content = bytearray(path.read_bytes())
    for place_, value in flips:
        content[place_ % len(content)] = value
    path.write_bytes(content)
    _tells(lambda: read_gtfs(path, types=frozenset({1}), city="c", country="d"), str(path))
