from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from typer.testing import CliRunner

from rm_data import find_networks, generate, load_network
from rm_data.asking import AskOrder, ByCity, Job, Levels, places_of, write_questions
from rm_data.cli import app
from rm_data.leaks import leaks, shape
from rm_rewards import Line, Network, Question, RecordError, Station, from_published
from rm_rewards.jsonl import dump, write


def question(**fields: object) -> Question:
    told: dict[str, object] = {
        "id": "q",
        "type": "TorF1",
        "question": "?",
        "answer": 1,
        "city": "a",
        "station_1": "Elm Park",
        "station_2": "Oak Hill",
        **fields,
    }
    return Question(**told)  # pyright: ignore[reportArgumentType] - any fields of the table below


TRAINED = question()
COUNTED = question(id="c", type="Counting2", answer=2, station_1="Ash", station_2=None)


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        (question(), {"city": 1, "pair": 1}),
        (question(station_1="Oak Hill", station_2="Elm Park"), {"city": 1, "swapped": 1}),
        (question(station_1="OAK HILL ", station_2="elm park"), {"city": 1, "swapped": 1}),
        (question(type="planning", answer=None), {"city": 1, "pair": 1}),
        (question(station_2="Fir Lane"), {"city": 1}),
        (question(city="b"), {"text": 1, "names": 1}),
        (question(city="b", station_1="Oak Hill", station_2="Elm Park"), {"text": 1, "names": 1}),
        (question(city="b", type="TorF2", line="Red", station_2=None), {"names": 1}),
        (question(city="b", station_1="X", station_2="Y"), {}),
        (question(city="b", type="Counting3", station_1=None, station_2=None), {}),
        (question(city="b", type="CountingX", station_1=None, station_2=None, line="Line 1"), {}),
        (replace(COUNTED, city="b"), {"text": 1, "names": 1}),
        (replace(COUNTED, station_1="Ash Station"), {"city": 1, "pair": 1}),
    ],
)
def test_what_two_questions_share(tmp_path: Path, asked: Question, codes: dict[str, int]) -> None:
    train, test = tmp_path / "train.jsonl", tmp_path / "test.jsonl"
    line = question(id="l", type="CountingX", station_1=None, station_2=None, line="Line 1")
    write([TRAINED, COUNTED, line], train)
    write([asked], test)
    found = [*leaks([train], [test])]
    assert Counter(leak.code for leak in found) == codes
    assert all(leak.test == f"{test}:1" for leak in found)
    assert all(leak.train.startswith(f"{train}:") for leak in found)
    assert [*leaks([train], [test], allow=codes)] == []


def renamed(network: Network, seed: int) -> Network:
    """The same network under other names, in another order, each path ridden the other way."""
    rng = Random(seed)
    ids = {stop: f"n{i}" for i, stop in enumerate(rng.sample([*network.names], len(network.names)))}
    lines = [
        Line(
            name=f"M{i}",
            paths=tuple(tuple(ids[stop] for stop in reversed(path)) for path in line.paths),
            loop=line.loop,
        )
        for i, line in enumerate(rng.sample(network.lines, len(network.lines)))
    ]
    stations = tuple(Station(id=new, name=f"Stop {new}") for new in sorted(ids.values()))
    return Network(city="other", country="x", lines=tuple(lines), stations=stations)


@settings(deadline=None, max_examples=80)
@given(data=st.data(), seed=st.integers(0, 99))
def test_the_shape_stays_under_other_names_and_orders(
    random_networks: SearchStrategy[Network], data: st.DataObject, seed: int
) -> None:
    network = data.draw(random_networks)
    assert shape(renamed(network, seed)) == shape(network)


def test_networks_that_differ_by_one_edge_have_different_shapes(station_lists: Path) -> None:
    networks = [load_network(path) for path in find_networks([station_lists])]
    networks += [generate(seed, style="named") for seed in range(100)]
    seen = {shape(network) for network in networks}
    assert len(seen) >= len(networks) - 1
    for network in networks[:18]:
        first, *others = network.lines
        shorter = replace(first, paths=tuple(path[:-1] for path in first.paths))
        assert shape(replace(network, lines=(shorter, *others))) != shape(network)


@pytest.fixture
def split(tmp_path: Path) -> Path:
    folder = tmp_path / "maps" / "land"
    folder.mkdir(parents=True)
    for seed in range(10):
        network = renamed(generate(seed, style="named"), seed)
        stations = tuple(replace(s, name=f"{s.name} of city {seed}") for s in network.stations)
        made = replace(network, stations=stations, city=f"c{seed}", country="land")
        (folder / f"c{seed}.json").write_text(dump(made), encoding="utf-8")
    return tmp_path


def asked(split: Path, *, levels: bool = False) -> None:
    paths = find_networks([split / "maps"])
    test = places_of(paths, share=0.3, seed=0)
    sides = Levels(test, ("ChoiceNextStop",), 0.3, 0) if levels else ByCity(test)
    order = AskOrder(types=("TorF1", "TorF2", "planning", "Counting3"), seed=0)
    write_questions(Job(order=order, paths=paths, base=split, sides=sides), split / "q.jsonl")


def test_a_split_by_city_has_no_leak_and_levels_have_none_but_the_cities_they_share(
    split: Path,
) -> None:
    asked(split)
    assert [*leaks([split / "q.train.jsonl"], [split / "q.test.jsonl"])] == []
    asked(split, levels=True)
    for level, allowed in (("1", ["city"]), ("2", []), ("3", [])):
        test = split / f"q.level{level}.jsonl"
        assert [*leaks([split / "q.train.jsonl"], [test], allow=allowed)] == []
    found = {leak.code for leak in leaks([split / "q.train.jsonl"], [split / "q.level1.jsonl"])}
    assert found == {"city"}


def test_a_network_under_other_names_is_found_by_its_shape_and_a_picture_by_its_bytes(
    split: Path,
) -> None:
    network = load_network(split / "maps" / "land" / "c3.json")
    again = replace(renamed(network, 1), city="masked", country="land")
    (split / "maps" / "masked.json").write_text(dump(again), encoding="utf-8")
    for name in ("one", "two"):
        (split / f"{name}.png").write_bytes(b"the same picture")
    shown = [
        question(city="c3", network="maps/land/c3.json", figure="one.png"),
        question(city="masked", network="maps/masked.json", figure="two.png", station_1="Z"),
    ]
    train, test = split / "train.jsonl", split / "test.jsonl"
    write(shown[:1], train)
    write(shown[1:], test)
    found = {leak.code: leak.message for leak in leaks([train], [test])}
    assert set(found) == {"shape", "picture"}
    assert found["shape"].startswith("masked: a network that has the shape of one of the training")


def test_the_names_of_a_map_are_those_of_its_network_where_it_is_at_hand(tmp_path: Path) -> None:
    lists = {"Red": [f"Stop {i}" for i in range(8)]}
    (tmp_path / "a.json").write_text(dump(from_published(lists, city="a")), encoding="utf-8")
    write([question(network="a.json", station_1="Stop 1", station_2=None)], tmp_path / "a.jsonl")
    write([question(city="b", station_1="Stop 7", station_2=None)], tmp_path / "b.jsonl")
    found = [*leaks([tmp_path / "a.jsonl"], [tmp_path / "b.jsonl"])]
    assert [leak.code for leak in found] == ["names"]
    assert "1 of 1, such as 'stop7'" in found[0].message
    half = [question(city="b", station_1="Stop 7", station_2="Elsewhere")]
    write(half, tmp_path / "b.jsonl")
    assert [*leaks([tmp_path / "a.jsonl"], [tmp_path / "b.jsonl"], most_names=0.5)] == []


# The command.


def test_the_command_prints_findings_and_exits_with_1(split: Path) -> None:
    asked(split, levels=True)
    train, test = str(split / "q.train.jsonl"), str(split / "q.level1.jsonl")
    result = CliRunner().invoke(app, ["leaks", train, test, "--show", "2"])
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 2
    assert result.stdout.splitlines()[0].endswith("[city]")
    assert result.stderr == "7 findings: city 7\n"
    assert CliRunner().invoke(app, ["leaks", train, test, "--allow", "city"]).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["train.jsonl", "none.jsonl"], 1, "none.jsonl"),
        (["train.jsonl", "broken.jsonl"], 1, "broken.jsonl:1: line: found"),
        (["train.jsonl", "lost.jsonl"], 1, "lost.jsonl:1: network: found 'maps/none.json'"),
        (["-", "train.jsonl"], 1, "expected files: pictures and networks are found beside them"),
        (["train.jsonl", "train.jsonl", "--allow", "cities"], 2, "expected some of city, picture"),
        (["train.jsonl", "train.jsonl", "--most-names", "2"], 2, "--most-names"),
        (["train.jsonl"], 2, "TEST"),
    ],
)
def test_what_cannot_be_compared_ends_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write([TRAINED], "train.jsonl")
    write([question(network="maps/none.json")], "lost.jsonl")
    Path("broken.jsonl").write_text("{", encoding="utf-8")
    result = CliRunner().invoke(app, ["leaks", *arguments])
    assert result.exit_code == code
    assert len(result.stderr.splitlines()) == 1
    assert message in result.stderr


def test_an_unknown_code_and_a_share_that_is_none_are_refused() -> None:
    with pytest.raises(RecordError, match="allow: found 'towns', expected one of city"):
        leaks([], [], allow=["towns"])
    with pytest.raises(RecordError, match="most_names: found 2"):
        leaks([], [], most_names=2)
