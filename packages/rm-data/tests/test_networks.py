from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

from rm_data import find_networks, generate, load_network
from rm_data.networks import cut_at_branch, read_all, read_file
from rm_rewards import RecordError
from rm_rewards.jsonl import dump


def written(folder: Path, content: object, name: str = "land/town.json") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def test_a_published_list_is_read_with_place_and_marks(tmp_path: Path) -> None:
    lists = {"One": ["A", "B (Transfer Station)"], "Two": ["B （换乘站）", "C（换乘站）"]}
    file = read_file(written(tmp_path, lists))
    assert file.place == ("land", "town")
    assert file.city_transfers == 3
    assert file.network.neighbours["Two"] == {"B": {"C"}, "C": {"B"}}


def test_a_network_of_our_own_form_is_read_as_it_was_written(tmp_path: Path) -> None:
    network = generate(4)
    path = tmp_path / "any.json"
    path.write_text(dump(network), encoding="utf-8")
    assert load_network(path) == network
    assert read_file(path).city_transfers is None


def test_a_list_without_marks_leaves_the_transfers_to_be_counted(tmp_path: Path) -> None:
    assert read_file(written(tmp_path, {"One": ["A", "B"]})).city_transfers is None


BRANCHES = {
    "the joint is unknown": (["A", "F", "B", "C"], 1, (("A", "F"), ("B",), ("C",))),
    "the fork is repeated": (["A", "F", "B", "F", "C"], 1, (("A", "F", "B"), ("F", "C"))),
    "the second fork is marked": (["A", "F", "B", "F", "C"], 3, (("A", "F", "B"), ("F", "C"))),
    "nothing stands behind the mark": (["A", "B", "F"], 2, (("A", "B", "F"),)),
}


@pytest.mark.parametrize("name", BRANCHES)
def test_a_list_is_cut_where_a_branch_leaves(name: str) -> None:
    stops, mark, paths = BRANCHES[name]
    assert cut_at_branch(stops, mark) == paths


FALSE_EDGES = {
    "singapore/singapore.json": ("Dhoby Ghaut Station", "Bayfront Station"),
    "united_arab_emirates/dubai.json": ("Expo 2020 Station", "lbn Battuta Station"),
    "china/shanghai.json": ("迪士尼站", "上海赛车场站"),
}


@pytest.mark.parametrize("name", FALSE_EDGES)
def test_the_known_false_edges_of_the_published_lists_are_gone(
    station_lists: Path, name: str
) -> None:
    path = station_lists / name
    a, b = FALSE_EDGES[name]
    listed = [plain.partition(" (")[0].partition("（")[0] for plain in flat(path)]
    assert (a, b) in pairwise(listed)
    network = load_network(path)
    assert not any(b in near.get(a, ()) for near in network.neighbours.values())
    assert set(network.lines_at[a]) & set(network.lines_at[b])


def flat(path: Path) -> list[str]:
    loaded: dict[str, list[str]] = json.loads(path.read_text(encoding="utf-8"))
    return [stop for stops in loaded.values() for stop in stops]


def test_the_published_transfer_count_of_singapore_is_reproduced(station_lists: Path) -> None:
    assert read_file(station_lists / "singapore" / "singapore.json").city_transfers == 53


def test_networks_are_found_in_files_and_folders_once_and_in_order(tmp_path: Path) -> None:
    b = written(tmp_path, {"L": ["A"]}, "x/b.json")
    a = written(tmp_path, {"L": ["A"]}, "x/a.json")
    top = written(tmp_path, {"L": ["A"]}, "top.json")
    written(tmp_path, {"L": ["A"]}, "x/.half.json")
    deep = written(tmp_path, {"L": ["A"]}, "x/y/deep.json")
    assert find_networks([tmp_path]) == (top, a, b)
    assert find_networks([b, tmp_path / "x"]) == (b, a, deep)


def test_a_missing_path_and_an_empty_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"PATH: found .*nowhere.*, expected a network file"):
        find_networks([tmp_path / "nowhere"])
    with pytest.raises(RecordError, match="country"):
        find_networks([tmp_path])


def test_two_files_of_one_city_are_refused(tmp_path: Path) -> None:
    one = written(tmp_path, {"L": ["A", "B"]}, "1/land/town.json")
    two = written(tmp_path, {"L": ["A", "C"]}, "2/land/town.json")
    with pytest.raises(RecordError, match=f"{two}: city: found 'land/town', expected .*{one}"):
        read_all([one, two])


@pytest.mark.parametrize("city", ["../x", "a\\b", "..", "a\nb"])
def test_a_city_that_would_lead_out_of_its_folder_is_refused(tmp_path: Path, city: str) -> None:
    network: dict[str, object] = {"city": city, "country": "c", "lines": [], "stations": []}
    with pytest.raises(RecordError, match=r"city: found .*, expected a name without slashes"):
        load_network(written(tmp_path, network))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "file: found .*, expected a network as JSON"),
        ("[]", "expected"),
        ("{}", "at least one line"),
        ('{"L": "A"}', "L: found 'A'"),
        ('{"L": ["A", 3]}', r"L\.1: found 3"),
        ('{"city": "x", "lines": [], "stations": [{"id": "1"}]}', r"stations\.0\.name"),
    ],
)
def test_a_file_that_is_no_network_is_named_with_the_field(
    tmp_path: Path, content: str, message: str
) -> None:
    path = tmp_path / "bad.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(RecordError, match=message) as caught:
        load_network(path)
    assert str(path) in str(caught.value)


def test_what_maps_writes_beside_the_networks_is_not_taken_for_one(tmp_path: Path) -> None:
    for name in ("land/town.json", "land/town.truth.json", "land/town.drawing.json", "maps.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}")
    assert find_networks([tmp_path]) == (tmp_path / "land" / "town.json",)
