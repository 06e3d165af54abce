from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from rm_data.marks import COLOURS, marks
from rm_data.picture.truth import LineTruth, PixelTruth, StationTruth
from rm_rewards import Leg, Question

AT = {"A": (100.0, 100.0), "B": (300.0, 300.0), "C": (300.0, 500.0), "D": (700.0, 500.0)}
"""Line 1 goes A - B by a bend at (300, 100), then C; line 2 goes C - D."""


def station(name: str, *lines: str) -> StationTruth:
    x, y = AT[name]
    return StationTruth(name=name, bounds=(x - 9, y - 9, x + 9, y + 9), centre=(x, y), lines=lines)


def line(*points: tuple[float, float]) -> LineTruth:
    return LineTruth(colour="#ff0000", width=8.0, polylines=(points,))


TRUTH = PixelTruth(
    city="c",
    width=800,
    height=600,
    stations={
        "a": station("A", "1"),
        "b": station("B", "1"),
        "c": station("C", "1", "2"),
        "d": station("D", "2"),
    },
    labels={},
    lines={
        "1": line((100.0, 100.0), (300.0, 100.0), (300.0, 300.0), (300.0, 500.0)),
        "2": line((302.0, 502.0), (700.0, 500.0)),
    },
)


def leg(name: str, start: str, end: str, *via: str) -> Leg:
    return Leg(route_name=name, departure_stop=start, arrival_stop=end, via_stops=via)


ROUTE = (leg("1", "A", "C", "B"), leg("2", "C", "D"))


def planning(*routes: tuple[Leg, ...]) -> Question:
    return Question(
        id="1", type="planning", question="?", routes=routes, station_1="A", station_2="D"
    )


def polylines(drawn: str) -> list[list[tuple[float, float]]]:
    found = re.findall(r'<polyline points="([^"]*)" fill="none" stroke="(?!#ffffff)', drawn)
    return [
        [tuple[float, float](map(float, point.split(","))) for point in points.split()]
        for points in found
    ]


def circles(drawn: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r'cx="([^"]*)" cy="([^"]*)"', drawn)]


def test_a_route_follows_the_bends_of_its_lines() -> None:
    first, second = polylines(marks(planning(ROUTE), TRUTH))
    assert first == [
        (100, 100),
        (100, 100),
        (300, 100),
        (300, 300),
        (300, 300),
        (300, 300),
        (300, 500),
        (300, 500),
    ]
    assert second[0] == (300, 500)
    assert second[-1] == (700, 500)


def test_departure_change_and_destination_are_ringed() -> None:
    assert circles(marks(planning(ROUTE), TRUTH)) == [AT["C"], AT["A"], AT["D"]]


def test_every_optimal_route_has_a_colour_and_the_first_lies_on_top() -> None:
    drawn = marks(planning(ROUTE, ROUTE[::1]), TRUTH)
    order = re.findall(r'<polyline[^>]*stroke="(?!#ffffff)([^"]*)"', drawn)
    assert order == [COLOURS[1], COLOURS[1], COLOURS[0], COLOURS[0]]


def test_a_count_draws_the_ride_that_is_counted() -> None:
    asked = Question(
        id="1",
        type="Counting1",
        question="?",
        answer=0,
        options=("1", "2", "3", "4"),
        line="1",
        station_1="A",
        station_2="C",
        fine_grained_answer=("B",),
    )
    drawn = marks(asked, TRUTH)
    (ride,) = polylines(drawn)
    assert ride[0] == AT["A"]
    assert ride[-1] == AT["C"]
    assert (300, 100) in ride
    assert circles(drawn) == [AT["A"], AT["C"]]


def test_a_question_about_a_line_draws_the_line() -> None:
    asked = Question(id="1", type="TorF2", question="?", answer=0, line="2", station_1="A")
    drawn = marks(asked, TRUTH)
    assert polylines(drawn) == [[(302, 502), (700, 500)]]
    assert circles(drawn) == [AT["A"]]


def test_a_question_about_two_stations_rings_them() -> None:
    asked = Question(
        id="1", type="TorF1", question="?", answer=0, station_1="A", station_2="Unknown"
    )
    assert circles(marks(asked, TRUTH)) == [AT["A"]]


@pytest.mark.parametrize(
    "asked",
    [
        Question(id="1", type="Counting3", question="?", answer=2),
        Question(id="1", type="TorF1", question="?", answer=0, station_1="X", station_2="Y"),
    ],
)
def test_what_the_picture_does_not_show_has_no_marks(asked: Question) -> None:
    assert marks(asked, TRUTH) == ""


def test_the_marks_are_well_formed_and_of_the_size_of_the_picture() -> None:
    root = ElementTree.fromstring(marks(planning(ROUTE), TRUTH))
    assert root.tag == "svg"
    assert root.get("viewBox") == "0 0 800 600"
