import json
from pathlib import Path

import pytest

from rm_rewards import Question, RecordError
from rm_rewards.jsonl import Networks, network_from_json, parse_object, read_network

LISTS = {"1": ["A", "B (Transfer Station)"], "2": ["B (Transfer Station)", "C"]}
DEMO = Path(__file__).parent / "data/demo.json"
STATIONS = Path(__file__).resolve().parents[3].parent / "shared/reasonmap/stations"


def _asked(**fields: object) -> Question:
    return parse_object(Question, {"id": "q", "type": "planning", "question": "?", **fields})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for place in ("maps/own.json", "cities/nowhere/demo.json"):
        (tmp_path / place).parent.mkdir(parents=True)
        (tmp_path / place).write_text(json.dumps(LISTS), encoding="utf-8")
    return tmp_path


def test_the_file_that_the_question_names_comes_first(folder: Path) -> None:
    networks = Networks(folder, folder / "cities")
    asked = _asked(network="maps/own.json", country="nowhere", city="demo", json={"9": ["X", "Y"]})
    found = networks.of(asked)
    assert found is not None
    assert (found.city, found.country) == ("own", "maps")


def test_the_questions_own_lists_come_next(folder: Path) -> None:
    networks = Networks(folder, folder / "cities")
    found = networks.of(_asked(json={"9": ["X", "Y"]}, city="demo", country="nowhere"))
    assert found is not None
    assert ([line.name for line in found.lines], found.city) == (["9"], "demo")
    by_path = networks.of(_asked(json="maps/own.json"))
    assert by_path is not None
    assert by_path.city == "own"


def test_the_folder_of_cities_comes_last(folder: Path) -> None:
    networks = Networks(folder, folder / "cities")
    for missing in ({}, {"json": "./gone.json"}, {"network": "gone.json"}):
        found = networks.of(_asked(country="nowhere", city="demo", **missing))
        assert found is not None
        assert (found.city, found.country) == ("demo", "nowhere")


def test_a_question_without_any_network_has_none(folder: Path) -> None:
    assert Networks(folder).of(_asked(country="nowhere", city="demo")) is None
    assert Networks(folder, folder).of(_asked()) is None


def test_each_network_is_read_once(folder: Path) -> None:
    networks = Networks(folder)
    one = networks.of(_asked(network="maps/own.json"))
    (folder / "maps/own.json").unlink()
    assert networks.of(_asked(network="maps/own.json")) is one
    inline = networks.of(_asked(json={"9": ["X", "Y"]}))
    assert networks.of(_asked(json={"9": ["X", "Y"]})) is inline


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"network": "gone.json"}, r"network: found '.*gone\.json', expected the network file"),
        ({"json": "gone.json"}, r"json: found '.*gone\.json'"),
        (
            {"country": "x", "city": "atlantis"},
            r"city: found 'x/atlantis', expected .*s\.json",
        ),
        ({"json": {}}, r"json of question q: file: found \{\}, expected at least one line"),
    ],
)
def test_a_network_that_is_missing_is_named_with_its_path(
    folder: Path, fields: dict[str, object], message: str
) -> None:
    with pytest.raises(RecordError, match=message):
        Networks(folder, folder / "cities").of(_asked(**fields))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "bad.json: file: found .*, expected a network as JSON"),
        ("[]", "bad.json: line: found"),
        ("{}", "bad.json: file: found {}, expected at least one line"),
        ('{"1": "A"}', "bad.json: 1: found 'A'"),
        ('{"1": [3]}', "bad.json: 1.0: found 3"),
        ('{"stations": [], "lines": [{"name": "1"}], "city": "x"}', "bad.json: lines.0.paths"),
        ("[" * 100_000, "bad.json: file: found"),
    ],
)
def test_a_broken_network_file_is_named_with_its_path(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RecordError, match=message):
        read_network(path)


def test_our_own_form_is_read() -> None:
    network = read_network(DEMO)
    assert (network.city, len(network.lines), len(network.stations)) == ("demo", 6, 19)
    assert network_from_json(json.loads(DEMO.read_text(encoding="utf-8"))) == network


@pytest.mark.skipif(not STATIONS.is_dir(), reason=f"{STATIONS} is not there")
def test_every_published_station_list_is_read() -> None:
    files = sorted(STATIONS.glob("*/*.json"))
    assert files
    for path in files:
        network = read_network(path)
        assert (network.country, network.city) == (path.parent.name, path.stem)
        assert len(network.lines) == len(json.loads(path.read_text(encoding="utf-8")))
        assert not any("(" in s.name and "Station)" in s.name for s in network.stations)
