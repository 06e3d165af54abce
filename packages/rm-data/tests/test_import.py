from __future__ import annotations

import json
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from rm_data import load_network
from rm_data.cli import app
from rm_data.networks import MOST_BYTES

TOWN = {"One": ["A", "F (Branch-starting Station)", "B", "C"], "Two": ["B", "D"]}
FIXES = """
[[fix]]
network = "land/town"
kind = "cut"
line = "One"
between = ["B", "C"]
reason = "The branch stands behind the trunk."

[[fix]]
network = "land/town"
kind = "join"
line = "One"
path = ["F", "C"]
reason = "It leaves at F."
"""


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def written(path: Path, content: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        path.write_text(text, encoding="utf-8")
    return path


def test_lists_are_imported_with_fixes_which_their_source_names(tmp_path: Path) -> None:
    written(tmp_path / "in" / "stations" / "land" / "town.json", TOWN)
    fixes = written(tmp_path / "mine.toml", FIXES)
    result = run("import", "reasonmap", tmp_path / "in", "--out", tmp_path / "o", "--fixes", fixes)
    assert result.exit_code == 0, result.stderr
    assert result.stderr == f"{tmp_path / 'o'}: 1 networks, 2 fixes of {fixes}\n"
    network = load_network(tmp_path / "o" / "land" / "town.json")
    assert network.lines[0].paths == (("A", "F", "B"), ("F", "C"))
    assert network.source.endswith("land/town.json; with 2 fixes of mine.toml")
    assert network.licence == "MIT"


def test_without_fixes_a_glued_list_is_cut_at_its_mark_and_reported(tmp_path: Path) -> None:
    written(tmp_path / "in" / "land" / "town.json", TOWN)
    out = tmp_path / "o"
    result = run("import", "reasonmap", tmp_path / "in", "--out", out, "--fixes", "none")
    assert result.exit_code == 0
    assert load_network(out / "land" / "town.json").lines[0].paths == (("A", "F"), ("B",), ("C",))
    found = run("validate", out)
    assert found.exit_code == 1
    assert "[line_in_pieces]" in found.stdout


def test_fixes_of_other_networks_are_passed_over(tmp_path: Path) -> None:
    written(tmp_path / "in" / "land" / "town.json", {"L": ["A", "B"]})
    result = run("import", "reasonmap", tmp_path / "in", "--out", tmp_path / "o")
    assert (result.exit_code, result.stderr) == (0, f"{tmp_path / 'o'}: 1 networks\n")


def test_what_is_confirmed_is_not_reported_by_validate(tmp_path: Path) -> None:
    path = written(tmp_path / "land" / "town.json", {"J": ["A", "B", "C"], "Z": ["A", "C"]})
    fixes = written(
        tmp_path / "mine.toml",
        '[[fix]]\nnetwork = "land/town"\nkind = "confirm"\ncode = "line_subset"\nline = "Z"\n'
        'reason = "An express."\n',
    )
    assert run("validate", path).exit_code == 1
    result = run("validate", path, "--fixes", fixes)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"1 files, 0 findings, 1 confirmed by {fixes}\n"


def test_validate_tells_what_it_looks_for() -> None:
    result = run("validate", "--codes")
    assert result.exit_code == 0
    assert "loop_open" in result.stdout


def test_json_of_both_forms_is_imported_with_its_terms(tmp_path: Path) -> None:
    lists = written(tmp_path / "in" / "land" / "town.json", {"L": ["A", "B"]})
    terms = ("--licence", "CC0", "--source", "drawn by hand: {place}")
    assert run("import", "json", lists, "--out", tmp_path / "a", *terms).exit_code == 0
    first = load_network(tmp_path / "a" / "land" / "town.json")
    assert (first.licence, first.source) == ("CC0", "drawn by hand: land/town")
    again = run("import", "json", tmp_path / "a", "--out", tmp_path / "b")
    assert (again.exit_code, again.stderr) == (0, f"{tmp_path / 'b'}: 1 networks\n")
    assert load_network(tmp_path / "b" / "land" / "town.json") == first
    unsaid = run("import", "json", lists, "--out", tmp_path / "c")
    assert "1 networks do not say their licence: --licence writes it\n" in unsaid.stderr


def test_networks_can_be_written_as_published_lists(tmp_path: Path) -> None:
    written(tmp_path / "in" / "land" / "town.json", TOWN)
    fixes = written(tmp_path / "mine.toml", FIXES)
    arguments = ("import", "json", tmp_path / "in", "--fixes", fixes, "--form", "lists")
    assert run(*arguments, "--out", tmp_path / "o").exit_code == 0
    lists = json.loads((tmp_path / "o" / "land" / "town.json").read_text(encoding="utf-8"))
    fork = "F (Branch-starting Station)"
    assert lists == {
        "One": ["A", fork, "B (Transfer Station)", fork, "C"],
        "Two": ["B (Transfer Station)", "D"],
    }
    assert run("validate", tmp_path / "o").exit_code == 0


FEED = {
    "routes.txt": "route_id,route_short_name,route_type\nM,M1,1\n",
    "trips.txt": "route_id,trip_id\nM,t\n",
    "stop_times.txt": "trip_id,stop_id,stop_sequence\nt,a,1\nt,b,2\n",
    "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\na,Alpha,47.5,19\nb,Beta,47.51,19\n",
    "calendar.txt": "service_id\n",
}


def feed_in(folder: Path) -> Path:
    path = folder / "city-feed.zip"
    with zipfile.ZipFile(path, "w") as feed:
        for name, text in FEED.items():
            feed.writestr(name, text)
    return path


def test_a_feed_is_imported_with_a_note_about_its_calendar(tmp_path: Path) -> None:
    result = run("import", "gtfs", feed_in(tmp_path), "--out", tmp_path / "o", "--country", "land")
    assert result.exit_code == 0, result.stderr
    assert "calendar.txt: not read; trips count whatever the days that they run" in result.stderr
    network = load_network(tmp_path / "o" / "land" / "city-feed.json")
    assert network.source == "GTFS feed city-feed.zip of its publisher"
    assert network.positions == {"a": (0.0, 1.0), "b": (0.0, 0.0)}
    assert run("validate", tmp_path / "o").exit_code == 0


def test_a_feed_can_be_fixed_too(tmp_path: Path) -> None:
    fixes = written(
        tmp_path / "mine.toml",
        '[[fix]]\nnetwork = "x/y"\nkind = "rename"\nstation = "Beta"\nto = "Bay"\nreason = "?"\n',
    )
    place = ("--country", "x", "--city", "y", "--fixes", fixes)
    result = run("import", "gtfs", feed_in(tmp_path), "--out", tmp_path / "o", *place)
    assert result.exit_code == 0, result.stderr
    assert load_network(tmp_path / "o" / "x" / "y.json").names["b"] == "Bay"


def test_an_import_can_be_drawn(tmp_path: Path) -> None:
    place = ("--country", "x", "--city", "y")
    out = tmp_path / "o"
    result = run("import", "gtfs", feed_in(tmp_path), "--out", out, "--render", *place)
    assert result.exit_code == 0, result.stderr
    beside = {path.name for path in (out / "x").iterdir()}
    assert {"y.json", "y.png", "y.svg", "y.truth.json"} <= beside
    assert load_network(out / "x" / "y.json").names == {"a": "Alpha", "b": "Beta"}
    wrong = run("import", "gtfs", feed_in(tmp_path), "--out", out, "--render", "--form", "lists")
    assert wrong.exit_code == 2
    assert "lists have no places for a picture" in wrong.stderr


# What must end in one line, with 1, and leave nothing.

Case = Callable[[Path], tuple[str | Path, ...]]


def lists(content: object) -> Case:
    return lambda folder: ("json", written(folder / "in" / "land" / "town.json", content))


def ours(**changes: object) -> Case:
    network = {
        "city": "town",
        "country": "land",
        "lines": [{"name": "L", "paths": [["a", "b"]]}],
        "stations": [{"id": "a", "name": "A"}, {"id": "b", "name": "B"}],
    }
    return lists({**network, **changes})


def linked(folder: Path) -> tuple[str | Path, ...]:
    target = written(folder / "secret.json", {"L": ["A", "B"]})
    place = folder / "in" / "land"
    place.mkdir(parents=True)
    (place / "town.json").symlink_to(target)
    return "json", folder / "in"


def broken_link(folder: Path) -> tuple[str | Path, ...]:
    place = folder / "in" / "land"
    place.mkdir(parents=True)
    (place / "town.json").symlink_to(place / "town.json")
    return "json", folder / "in"


def too_large(folder: Path) -> tuple[str | Path, ...]:
    path = written(folder / "in" / "land" / "town.json", "{")
    with path.open("r+b") as file:
        file.truncate(MOST_BYTES + 1)
    return "json", path


def with_fixes(text: str) -> Case:
    def case(folder: Path) -> tuple[str | Path, ...]:
        source = written(folder / "in" / "land" / "town.json", TOWN)
        return "reasonmap", source, "--fixes", written(folder / "mine.toml", text)

    return case


def feed_as(*arguments: str) -> Case:
    return lambda folder: ("gtfs", feed_in(folder), *arguments)


A_STATION = {"id": "a", "name": "A"}
HOSTILE: dict[str, tuple[Case, str]] = {
    "cut off": (lists('{"L": ["A", "B'), "town.json: file: found 'Unterminated string"),
    "not UTF-8": (lists(b'{"L": ["A", "B\xe9"]}'), "town.json: file: found"),
    "a list": (lists([["A", "B"]]), "town.json: line: found"),
    "a text for a list": (lists({"L": "AB"}), "town.json: L: found 'AB'"),
    "a number for a name": (lists({"L": ["A", 7]}), "town.json: L.1: found 7"),
    "lists in a list": (lists({"L": [["A"], ["B"]]}), "town.json: L.0: found ['A']"),
    "nothing": (lists({}), "at least one line"),
    "an empty line": (lists({"L": ["A", "B"], "M": []}), "lines['M']: found [], expected two"),
    "a line of one station": (lists({"L": ["A", "B"], "M": ["A"]}), "lines['M']: found ['A']"),
    "a line of one station twice": (lists({"L": ["A", "A"]}), "lines['L']: found ['A']"),
    "a line twice": (lists('{"L": ["A", "B"], "L": ["B", "C"]}'), "found 'a line twice'"),
    "a blank name": (lists({"L": ["A", " "]}), "name: found '', expected a name to be read"),
    "a name of two lines": (lists({"L": ["A", "B\nC"]}), "name: found 'B\\nC'"),
    "an id twice": (ours(stations=[A_STATION, A_STATION]), "stations: found 'a', expected each"),
    "a station that is not there": (ours(stations=[A_STATION]), "lines['L'].paths: found 'b'"),
    "a line's name twice": (
        ours(lines=[{"name": "L", "paths": [["a", "b"]]}] * 2),
        "lines: found 'L', expected each",
    ),
    "a way out of the folder": (ours(city="../../x"), "city: found '../../x'"),
    "a way out by the country": (ours(country=".."), "country: found '..'"),
    "a colour that is none": (
        ours(lines=[{"name": "L", "paths": [["a", "b"]], "colour": '"/><script>'}]),
        "lines['L'].colour: found",
    ),
    "a place at infinity": (ours(positions={"a": [0, 1e999]}), "positions"),
    "a place of no station": (ours(positions={"z": [0, 1]}), "positions['z']: found [0.0, 1.0]"),
    "a link out of the folder": (linked, "this link leads to"),
    "a link to itself": (broken_link, "expected a link that leads to a file"),
    "too large a file": (too_large, "found '16,777,217 bytes', expected a network of at most 16"),
    "fixes that are none": (with_fixes("[["), "mine.toml: file: found"),
    "a fix that does not apply": (with_fixes(FIXES + FIXES), "mine.toml: fix 3 (cut, land/town)"),
    "a fix of an unknown line": (
        with_fixes(FIXES.replace('"One"', '"On"')),
        "line: found 'On', expected a line: one that is there, such as 'One'",
    ),
    "a feed that is none": (
        lambda folder: ("gtfs", written(folder / "feed.zip", "no zip")),
        "feed.zip: file: found 'File is not a zip file'",
    ),
    "no route of the type": (feed_as("--route-types", "bus"), "found '1 of type 1'"),
    "no such file": (lambda folder: ("gtfs", folder / "no.zip"), "no.zip: No such file"),
    "an empty folder for a feed": (lambda folder: ("gtfs", folder), "found 'no routes.txt'"),
    "no such list": (lambda folder: ("json", folder / "no.json"), "PATH: found"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_ends_in_one_line_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    case, message = HOSTILE[name]
    arguments = case(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    result = run("import", *arguments, "--out", tmp_path / "out" / "deep")
    assert (result.exit_code, result.stdout) == (1, ""), result.output
    assert message in result.stderr
    assert result.stderr.startswith("rm-data: ")
    assert len(result.stderr.splitlines()) == 1
    assert [p for p in sorted(tmp_path.rglob("*")) if p.name != "out"] == before
    assert not (tmp_path / "out" / "deep").exists()


MISUSED = {
    "a feed out of the folder": (("--city", "../x"), "'--city': found '../x'"),
    "a feed in a hidden folder": (("--country", ".x"), "'--country': found '.x'"),
    "an unknown type of route": (("--route-types", "metro,boat"), "found 'boat', expected numbers"),
}


@pytest.mark.parametrize("name", MISUSED)
def test_an_option_that_is_wrong_ends_with_2(tmp_path: Path, name: str) -> None:
    options, message = MISUSED[name]
    result = run("import", "gtfs", feed_in(tmp_path), "--out", tmp_path / "o", *options)
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    assert message in result.stderr
    assert not (tmp_path / "o").exists()


def many(count: int) -> dict[str, list[str]]:
    """Lines of 50 stations, one behind the other."""
    names = [f"Stop {i}" for i in range(count + 1)]
    return {f"L{i}": names[i : i + 51] for i in range(0, count, 50)}


LARGE: dict[str, Callable[[int], dict[str, list[str]]]] = {
    "a chain": many,
    "one line": lambda count: {"L": [f"Stop {i}" for i in range(count)]},
    "islands": lambda count: {f"L{i}": [f"Stop {i}", f"Halt {i}"] for i in range(count // 2)},
    "copies": lambda count: {
        f"L{i}": [f"Stop {n}" for n in range(100)] for i in range(count // 100)
    },
    "there and back": lambda count: {"L": [f"Stop {i % 2}" for i in range(count)]},
    "long names": lambda count: {"L": ["ab"[i % 2] * (i % 200) + "x" for i in range(count // 50)]},
}


@pytest.mark.parametrize("name", LARGE)
def test_files_of_many_stations_are_read_and_checked_in_time_linear_in_them(
    tmp_path: Path, name: str
) -> None:
    path = written(tmp_path / "land" / "big.json", LARGE[name](5_000))
    begun = time.perf_counter()
    assert run("import", "json", path, "--out", tmp_path / "o").exit_code == 0
    assert run("validate", path).exit_code in {0, 1}
    assert time.perf_counter() - begun < 15


def test_questions_about_too_many_stations_are_refused_in_one_line(tmp_path: Path) -> None:
    path = written(tmp_path / "land" / "big.json", many(20_000))
    result = run("questions", path, "--out", tmp_path / "q.jsonl")
    assert result.exit_code == 1
    assert "stations: found 20001, expected at most 5,000 stations in big" in result.stderr
    assert not (tmp_path / "q.jsonl").exists()
