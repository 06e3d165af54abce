from itertools import pairwise
from pathlib import Path

import pytest

from rm_rewards import Line, Network, Station, from_published
from rm_rewards.directory import Directory, directory_of, is_known
from rm_rewards.jsonl import read_network

DEMO = directory_of(read_network(Path(__file__).parent / "data/demo.json"))


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("alpha", "a"),
        ("Central station", "c"),
        ("Echo", "e"),
        ("Juliet", "j"),
        ("Juliet Airport", "j"),
        ("JULIET (AIRPORT) Station", "j"),
        ("Hotel (change here)", "h"),
        ("Golf. You have arrived!", "g"),
        ("Delta St. Mary", "d"),
        ("苹果园", "k"),
        ("Mike and Co", "m"),
    ],
)
def test_a_place_is_found_by_its_names(written: str, place: str) -> None:
    assert DEMO.place(written) == place


@pytest.mark.parametrize("written", ["", "Nowhere", "Alphabet", "***", "Delta"])
def test_an_unknown_name_is_a_place_of_its_own(written: str) -> None:
    assert not is_known(DEMO.place(written))
    assert DEMO.place(written) == DEMO.place(written.upper())


@pytest.mark.parametrize(
    ("written", "line"),
    [("red", "Red Line"), ("Line 4", "4号线"), ("4", "4号线"), ("3号线", "Line 3")],
)
def test_a_line_is_found_by_its_names(written: str, line: str) -> None:
    assert DEMO.line(written) == line


def test_an_unknown_line_is_told_apart_from_known_ones() -> None:
    assert not is_known(DEMO.line("Line 9"))
    assert DEMO.line("Line 9") != DEMO.line("Line 8")


def test_the_shortest_ride_goes_round_a_loop_the_short_way() -> None:
    assert DEMO.ride("Line 3", "h", "k") == ("h", "k")
    assert DEMO.ride("Line 3", "h", "i") == ("h", "i")
    assert len(DEMO.ride("Line 3", "h", "j")) == 3


def test_a_ride_follows_neighbours_on_the_line() -> None:
    ride = DEMO.ride("Red Line", "e", "a")
    assert ride == ("e", "d", "c", "b", "a")
    assert all(b in DEMO.near["Red Line"][a] for a, b in pairwise(ride))


def test_there_is_no_ride_between_two_separate_parts_of_a_line() -> None:
    assert DEMO.serves("Line 5", "o")
    assert DEMO.serves("Line 5", "a")
    assert DEMO.ride("Line 5", "o", "a") == ()


def test_there_is_no_ride_to_a_stop_off_the_line() -> None:
    assert DEMO.ride("Red Line", "a", "h") == ()
    assert DEMO.ride("Line 9", "a", "b") == ()


def test_an_interchange_spelled_in_two_ways_is_one_place() -> None:
    network = from_published({"1": ["甲站", "乙站"], "2": ["乙", "丙站"]}, city="x")
    directory = directory_of(network)
    assert directory.place("乙") == directory.place("乙站")
    assert directory.lines_at[directory.place("乙")] == ("1", "2")


def test_a_name_wins_over_the_alias_of_another_station() -> None:
    network = from_published({"1": ["Park", "Park (North)"]}, city="x")
    directory = directory_of(network)
    assert directory.place("Park") == "Park"
    assert directory.place("Park North") == "Park (North)"


def test_many_networks_do_not_mix() -> None:
    networks = [from_published({"1": ["A", f"B{i}"]}, city=str(i)) for i in range(200)]
    for i, network in enumerate(networks):
        assert is_known(directory_of(network).place(f"B{i}"))
        assert not is_known(directory_of(network).place(f"B{i + 1}"))


def _network(lines: tuple[Line, ...], stations: tuple[Station, ...]) -> Directory:
    return directory_of(Network(city="c", lines=lines, stations=stations))


MARKET = (
    Station(id="1", name="Market Street", aliases=("Market", "M St")),
    Station(id="2", name="Market Square", aliases=("Market", "Square")),
    Station(id="3", name="Old Square (North)"),
    Station(id="4", name="Old Square (South)"),
    Station(id="5", name="Square Garden", aliases=("Market Street",)),
)


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("Market", None),  # an alias of two stations names neither
        ("M St", "1"),
        ("Square", "2"),
        ("Old Square", None),  # two stations differ in their brackets alone
        ("Old Square (North)", "3"),
        ("Market Street", "1"),  # a name comes before an alias
        ("Mark", None),
    ],
)
def test_an_ambiguous_abbreviation_never_names_a_station(written: str, place: str | None) -> None:
    line = Line(name="1", paths=(("1", "2", "3", "4", "5"),))
    found = _network((line,), MARKET).place(written)
    assert (found if is_known(found) else None) == place


LINES = (
    Line(name="Line 1", paths=(("1", "2"),), aliases=("1号线", "Line No. 1", "Loop")),
    Line(name="Line 2", paths=(("2", "3"),), aliases=("Loop", "Line 1")),
    Line(name="Line 10", paths=(("3", "4"),)),
)


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ("1号线", "Line 1"),
        ("地铁1号线", "Line 1"),
        ("Line No. 1", "Line 1"),
        ("LINE NO 1", "Line 1"),
        ("line 1", "Line 1"),  # a name comes before an alias
        ("2号线", None),  # not declared
        ("Line No. 2", None),
        ("Loop", None),  # an alias of two lines names neither
        ("10号线", None),
        ("Line 1 0", "Line 10"),
    ],
)
def test_a_line_has_the_names_that_the_network_declares(written: str, line: str | None) -> None:
    found = _network(LINES, MARKET).line(written)
    assert (found if is_known(found) else None) == line


def test_a_network_in_the_published_form_declares_how_its_numbered_lines_are_called() -> None:
    lists = {"Line 1": ["苹果园", "古城"], "Line 2": ["Alpha", "Bravo"], "Red Line": ["Alpha", "K"]}
    lines = {line.name: line for line in from_published(lists, city="c").lines}
    assert lines["Line 1"].aliases == ("Line No. 1", "1号线", "1號線")
    assert lines["Line 2"].aliases == ("Line No. 2",)
    assert lines["Red Line"].aliases == ()
