from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

from rm_data import find_networks, load_network, validate
from rm_data.findings import CODES, of_network
from rm_data.importing.fixes import KINDS, SHIPPED, Confirm, Known, read_fixes
from rm_data.importing.network_files import REASONMAP, Terms, read_network_files
from rm_data.importing.repair import repaired
from rm_rewards import Network, RecordError, from_published, plain_name

LISTS = {
    "Trunk": ["A", "F", "B", "C", "P", "Q"],
    "Ring": ["R1", "R2", "R3", "A"],
    "Cross": ["Xidan", "B", "R2"],
    "Other": ["Xidan Station", "R3", "23 St"],
    "Last": ["Q", "23 St"],
    "Alone": ["Nowhere"],
}


def town() -> Network:
    return from_published(LISTS, city="town", country="land")


def fixes_in(folder: Path, *tables: str) -> str:
    path = folder / "fixes.toml"
    text = [f'[[fix]]\nnetwork = "land/town"\nreason = "why"\n{table}\n' for table in tables]
    path.write_text("\n".join(text), encoding="utf-8")
    return str(path)


def fixed(folder: Path, *tables: str) -> Network:
    return repaired(town(), read_fixes(fixes_in(folder, *tables)).of("land/town"))


CUT = 'kind = "cut"\nline = "Trunk"\nbetween = ["C", "P"]'
JOIN = 'kind = "join"\nline = "Trunk"\npath = ["F", "P"]'


def test_a_glued_branch_is_cut_and_joined_at_its_fork(tmp_path: Path) -> None:
    (trunk, *_) = fixed(tmp_path, CUT, JOIN).lines
    assert trunk.paths == (("A", "F", "B", "C"), ("F", "P", "Q"))


def test_a_line_is_closed_to_a_loop(tmp_path: Path) -> None:
    network = fixed(tmp_path, 'kind = "close"\nline = "Ring"')
    assert "R1" in network.neighbours["Ring"]["A"]


def test_a_loop_that_is_cut_is_a_line_again(tmp_path: Path) -> None:
    cut = 'kind = "cut"\nline = "Ring"\nbetween = ["R1", "A"]'
    network = fixed(tmp_path, 'kind = "close"\nline = "Ring"', cut)
    assert network.neighbours["Ring"] == town().neighbours["Ring"]


def test_two_spellings_become_one_station_with_an_alias(tmp_path: Path) -> None:
    network = fixed(tmp_path, 'kind = "merge"\nstation = "Xidan"\ninto = "Xidan Station"')
    (station,) = [s for s in network.stations if "Xidan" in s.name]
    assert station.aliases == ("Xidan",)
    assert network.lines_at[station.id] == ("Cross", "Other")


def test_one_spelling_becomes_two_stations(tmp_path: Path) -> None:
    network = fixed(tmp_path, 'kind = "split"\nstation = "23 St"\nlines = ["Last"]')
    assert [s.name for s in network.stations].count("23 St") == 2
    assert network.lines_at["23 St"] == ("Other",)
    assert network.lines_at["23 St (Last)"] == ("Last",)


def test_a_wrong_spelling_is_kept_as_an_alias_and_can_still_be_named(tmp_path: Path) -> None:
    network = fixed(
        tmp_path,
        'kind = "rename"\nstation = "R3"\nto = "Ring Three"',
        'kind = "alias"\nstation = "Ring Three"\nalias = "Third"',
        'kind = "cut"\nline = "Ring"\nbetween = ["Third", "A"]',
    )
    (station,) = [s for s in network.stations if s.name == "Ring Three"]
    assert station.aliases == ("R3", "Third")


def test_a_missing_stretch_is_added(tmp_path: Path) -> None:
    network = fixed(
        tmp_path, 'kind = "extend"\nline = "Last"\npath = ["Q", "New", "C"]\nnew = ["New"]'
    )
    assert network.neighbours["Last"]["New"] == {"Q", "C"}
    assert next(line for line in network.lines if line.name == "Last").paths == (
        ("C", "New", "Q", "23 St"),
    )


TWICE = {
    "Red": ["A", "Main St", "B", "C", "Main St", "D"],
    "Blue": ["X", "Main St", "D"],
    "Green": ["Y", "Main St", "B"],
}


def test_one_spelling_of_two_stations_of_one_line_is_split_by_the_station_beside_it(
    tmp_path: Path,
) -> None:
    table = 'kind = "split"\nstation = "Main St"\nlines = ["Red", "Blue"]\nbeside = ["D"]'
    town = from_published(TWICE, city="town", country="land")
    network = repaired(town, read_fixes(fixes_in(tmp_path, table)).of("land/town"))
    new = "Main St (Red, Blue)"
    assert network.names[new] == "Main St"
    assert network.lines_at["Main St"] == ("Red", "Green")
    assert network.lines_at[new] == ("Red", "Blue")
    assert network.neighbours["Red"]["Main St"] == {"A", "B"}
    assert network.neighbours["Red"][new] == {"C", "D"}


def test_a_gap_is_closed_by_a_stretch_between_its_ends(tmp_path: Path) -> None:
    cut = 'kind = "cut"\nline = "Trunk"\nbetween = ["B", "C"]'
    new = 'kind = "extend"\nline = "Trunk"\npath = ["C", "New", "B"]\nnew = ["New"]'
    (trunk, *_) = fixed(tmp_path, cut, new).lines
    assert trunk.paths == (("A", "F", "B", "New", "C", "P", "Q"),)


def test_stations_behind_a_mark_are_joined_in_their_order(tmp_path: Path) -> None:
    source = tmp_path / "land" / "town.json"
    source.parent.mkdir()
    source.write_text(json.dumps({"L": ["A", "F (Branch-starting Station)", "B", "C"]}))
    fixes = read_fixes(fixes_in(tmp_path, 'kind = "join"\nline = "L"\npath = ["F", "B", "C"]'))
    (network,) = read_network_files(source, fixes, Terms()).networks
    assert network.lines[0].paths == (("A", "F", "B", "C"),)


def test_a_new_path_joins_one_other_at_each_of_its_ends(tmp_path: Path) -> None:
    cut = 'kind = "cut"\nline = "Trunk"\nbetween = ["B", "C"]'
    branch = 'kind = "extend"\nline = "Trunk"\npath = ["B", "{0}"]\nnew = ["{0}"]'
    network = fixed(tmp_path, cut, branch.format("New"), branch.format("Newer"))
    paths = network.lines[0].paths
    assert paths == (("A", "F", "B", "New"), ("C", "P", "Q"), ("B", "Newer"))


def test_a_station_that_is_none_is_left_out_of_a_line(tmp_path: Path) -> None:
    network = fixed(tmp_path, 'kind = "drop"\nline = "Trunk"\nstation = "P"')
    assert network.neighbours["Trunk"]["C"] == {"B", "Q"}
    assert "P" not in network.names
    network = fixed(tmp_path, 'kind = "drop"\nline = "Trunk"\nstation = "B"')
    assert network.lines_at["B"] == ("Cross",)


def test_a_line_that_is_none_is_dropped_with_its_station(tmp_path: Path) -> None:
    network = fixed(tmp_path, 'kind = "drop"\nline = "Alone"')
    assert "Alone" not in network.neighbours
    assert "Nowhere" not in network.names


def test_a_line_gets_the_colour_of_the_fix(tmp_path: Path) -> None:
    network = fixed(tmp_path, 'kind = "colour"\nline = "Ring"\ncolour = "#1f5fc4"')
    assert {line.name: line.colour for line in network.lines if line.colour} == {"Ring": "#1f5fc4"}


NOT_APPLIED = {
    "no such line": ('kind = "close"\nline = "Rng"', "line: found 'Rng', .*such as 'Ring'"),
    "no such station": (
        'kind = "rename"\nstation = "Xidann"\nto = "Y"',
        "station: found 'Xidann', expected a station: .*'Xidan'",
    ),
    "cut already": ('kind = "cut"\nline = "Trunk"\nbetween = ["A", "B"]', "follow each other once"),
    "joined already": ('kind = "join"\nline = "Trunk"\npath = ["A", "F"]', "no neighbours yet"),
    "join to itself": ('kind = "join"\nline = "Trunk"\npath = ["A", "A"]', "no neighbours yet"),
    "join of one": ('kind = "join"\nline = "Trunk"\npath = ["A"]', "no neighbours yet"),
    "extended already": (
        'kind = "extend"\nline = "Last"\npath = ["Q", "A"]\nnew = ["A"]',
        "new: found 'A', expected a name that no station has yet",
    ),
    "extended by nothing": (
        'kind = "extend"\nline = "Last"\npath = ["Q", "A"]\nnew = []',
        "`join` joins those there are",
    ),
    "new but not there": (
        'kind = "extend"\nline = "Last"\npath = ["Q", "A"]\nnew = ["N"]',
        "a station of the path",
    ),
    "merged already": (
        'kind = "merge"\nstation = "A"\ninto = "A"',
        "another station than 'A'",
    ),
    "merged on one line": (
        'kind = "merge"\nstation = "A"\ninto = "F"',
        "not both on 'Trunk'",
    ),
    "split by a line elsewhere": (
        'kind = "split"\nstation = "23 St"\nlines = ["Ring"]',
        "a line at '23 St': Other, Last",
    ),
    "split off whole": (
        'kind = "split"\nstation = "23 St"\nlines = ["Other", "Last"]',
        "some of its lines",
    ),
    "split beside a station elsewhere": (
        'kind = "split"\nstation = "B"\nlines = ["Trunk"]\nbeside = ["A"]',
        r"beside: found \['A'\], expected neighbours of it on 'Trunk'",
    ),
    "split off whole by a neighbour": (
        'kind = "split"\nstation = "P"\nlines = ["Trunk"]\nbeside = ["C"]',
        "some of its lines",
    ),
    "coloured already": (
        'kind = "colour"\nline = "Trunk"\ncolour = ""',
        "colour: found '', expected #rrggbb in small letters, another than ''",
    ),
    "a colour by its name": (
        'kind = "colour"\nline = "Trunk"\ncolour = "blue"',
        "colour: found 'blue', expected #rrggbb",
    ),
    "left out already": (
        'kind = "drop"\nline = "Trunk"\nstation = "R1"',
        "station: found 'R1', expected a station of 'Trunk'",
    ),
    "named already": ('kind = "rename"\nstation = "A"\nto = "B"', "no station has yet"),
    "alias taken": ('kind = "alias"\nstation = "A"\nalias = "A"', "no station has yet"),
    "dropped already": ('kind = "drop"\nline = "Gone"', "line: found 'Gone'"),
    "closed a branch": (
        'kind = "close"\nline = "Last"',
        "a line of one path that is not closed yet",
    ),
}


@pytest.mark.parametrize("name", NOT_APPLIED)
def test_a_fix_that_does_not_apply_is_an_error_with_its_place(tmp_path: Path, name: str) -> None:
    table, message = NOT_APPLIED[name]
    with pytest.raises(RecordError, match=message) as caught:
        fixed(tmp_path, 'kind = "drop"\nline = "Alone"', table)
    assert "fixes.toml: fix 2 (" in str(caught.value)
    assert ", land/town): " in str(caught.value)


MALFORMED = {
    "no TOML": ("[[fix", "file: found .*, expected fixes as TOML"),
    "another table": ("[fixes]", "file: found 'fixes', expected tables .*fix"),
    "no list": ("[fix]\nkind = 1", "with two brackets"),
    "a number for a list": ("fix = [1]", "fix 1: fix: found 1, expected a table"),
    "no kind": ("[[fix]]", "fix 1: kind: found None, expected one of"),
    "a near kind": ('[[fix]]\nkind = "merg"', "such as 'merge'"),
    "a near key": ('[[fix]]\nkind = "close"\nlin = "x"', "fix 1 .*key: found 'lin', .*'line'"),
    "no reason": ('[[fix]]\nkind = "close"\nnetwork = "a/b"\nline = "x"', "reason: found None"),
    "an empty reason": (
        '[[fix]]\nkind = "close"\nnetwork = "a/b"\nline = "x"\nreason = " "',
        "reason: found ' ', expected why",
    ),
    "no country": (
        '[[fix]]\nkind = "close"\nnetwork = "b"\nline = "x"\nreason = "y"',
        "network: found 'b', expected <country>/<city>",
    ),
    "a date": (
        '[[fix]]\nkind = "close"\nnetwork = "a/b"\nline = 2020-01-01\nreason = "y"',
        "expected texts and lists of texts",
    ),
    "a number": (
        '[[fix]]\nkind = "close"\nnetwork = "a/b"\nline = 5\nreason = "y"',
        "line: found 5, expected a valid string",
    ),
    "three ends": (
        '[[fix]]\nkind = "cut"\nnetwork = "a/b"\nline = "l"\nbetween = ["a","b","c"]\nreason = "y"',
        "between",
    ),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_file_of_fixes_is_told_with_the_fix_and_the_field(
    tmp_path: Path, name: str
) -> None:
    text, message = MALFORMED[name]
    path = tmp_path / "fixes.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RecordError, match=message) as caught:
        read_fixes(str(path))
    assert str(caught.value).startswith(str(path))


def test_a_file_of_fixes_that_is_not_utf_8_is_told(tmp_path: Path) -> None:
    path = tmp_path / "fixes.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(RecordError, match=r"expected fixes as TOML"):
        read_fixes(str(path))


def test_a_confirmed_finding_must_be_there(tmp_path: Path) -> None:
    source = tmp_path / "land" / "town.json"
    source.parent.mkdir()
    source.write_text(json.dumps({"J": ["A", "B", "C"], "Z": ["A", "C"]}))
    right = fixes_in(tmp_path, 'kind = "confirm"\ncode = "line_subset"\nline = "Z"')
    assert len(read_network_files(source, read_fixes(right), Terms()).networks) == 1
    wrong = fixes_in(tmp_path, 'kind = "confirm"\ncode = "line_subset"\nline = "J"')
    with pytest.raises(RecordError, match="without one this fix can go"):
        read_network_files(source, read_fixes(wrong), Terms())


def test_every_shipped_fix_applies_and_leaves_nothing_to_find(station_lists: Path) -> None:
    fixes = read_fixes(SHIPPED)
    made = read_network_files(station_lists, fixes, REASONMAP)
    there = {f"{n.country}/{n.city}" for n in made.networks}
    applied = [placed.fix for placed in fixes.placed if placed.fix.network in there]
    known = [fix for fix in applied if isinstance(fix, Known)]
    confirmed = [fix for fix in applied if isinstance(fix, Confirm)]
    for network in made.networks:
        of_it = [fix for fix in confirmed if fix.network == f"{network.country}/{network.city}"]
        assert not [
            one
            for one in of_network(network)
            if not any(fix.covers(one.code, one.line, one.station) for fix in of_it)
        ]
    assert made.changes == len(applied) - len(known) - len(confirmed)
    assert {note.partition(":")[0] for note in made.notes} == {fix.network for fix in known}
    assert all(n.licence == "MIT" and n.country in n.source for n in made.networks)


def test_the_shipped_fixes_repair_all_that_is_found_in_the_lists(station_lists: Path) -> None:
    """But for marks, which do not pass into networks."""
    found = {
        f"{path.parent.name}/{path.stem}"
        for path in find_networks([station_lists])
        for one in validate(path)
        if one.code not in {"transfer_mark", "one_name"}
    }
    assert found <= set(read_fixes(SHIPPED).networks())


BRANCHES = {
    "singapore/singapore": ("Circle Line", "Bayfront Station", "Promenade Station"),
    "united_arab_emirates/dubai": ("Red Line", "lbn Battuta Station", "Jabal Ali Station"),
    "china/shanghai": ("Line 11", "上海赛车场站", "嘉定新城站"),
    "china/hefei": ("Line 4", "复兴集站", "北雁湖站"),
    "china/kunming": ("Line 1", "市级行政中心站", "春融街站"),
    "china/dalian": ("Line 3", "通世泰站", "开发区站"),
}


@pytest.mark.parametrize("place", BRANCHES)
def test_a_repaired_branch_has_the_neighbours_of_the_map_and_no_others(
    station_lists: Path, place: str
) -> None:
    line, first, fork = BRANCHES[place]
    source = station_lists / f"{place}.json"
    (network,) = read_network_files(source, read_fixes(SHIPPED), REASONMAP).networks
    near = network.neighbours[line]
    assert fork in near[first]
    assert len(near[fork]) == 3
    listed: dict[str, list[str]] = json.loads(source.read_text(encoding="utf-8"))
    stops = [plain_name(stop) for stop in listed[line]]
    false = stops[stops.index(first) - 1]
    assert false not in near[first]
    edges = {frozenset(pair) for pair in pairwise(stops)}
    found = {frozenset((a, b)) for a, around in near.items() for b in around}
    assert found == edges - {frozenset((false, first))} | {frozenset((fork, first))}


def test_the_branch_that_the_list_of_singapore_lacks_is_there(station_lists: Path) -> None:
    source = station_lists / "singapore" / "singapore.json"
    (network,) = read_network_files(source, read_fixes(SHIPPED), REASONMAP).networks
    near = network.neighbours["East West Line"]
    assert near["Changi Airport Station"] == {"Expo Station"}
    assert len(near["Tanah Merah Station"]) == 3
    assert network.lines_at["Expo Station"] == ("East West Line", "Downtown Line")


def test_the_rings_of_beijing_are_closed(station_lists: Path) -> None:
    source = station_lists / "china" / "beijing.json"
    (network,) = read_network_files(source, read_fixes(SHIPPED), REASONMAP).networks
    assert [line.name for line in network.lines if line.loop] == ["Line 2", "Line 10"]
    assert all(len(near) == 2 for near in network.neighbours["Line 10"].values())
    assert load_network(source).neighbours["Line 10"]["巴沟站"] == {"苏州街站"}


def test_the_documentation_names_every_kind_of_fix_and_of_finding() -> None:
    text = (Path(__file__).resolve().parents[3] / "docs" / "networks.md").read_text("utf-8")
    assert [name for name in (*KINDS, *CODES) if f"`{name}`" not in text] == []


def test_there_is_a_test_of_every_kind_of_fix() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    assert {kind for kind in KINDS if f'kind = "{kind}"' not in text} == {"known"}
