from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_eval.map_score import Faults, RouteScore, route_score
from rm_eval.published_reply import clean
from rm_eval.reference_line import line_from_reply, reference_line
from rm_rewards import Leg, Question

CHINA = {"Line 1": ("A站", "B站", "C站", "D站"), "Line 2": ("C站", "E站", "F站")}
ABROAD = {"Red Line": ("A Station", "B Station", "C Station"), "Line 5": ("C Station", "D Station")}
Form = Literal["short", "number", "names"]
ASKED: Mapping[Form, str] = {
    "short": "How do I get there?",
    "number": "Say Number of Via Stops: for each section.",
    "names": "Say Via Stops: for each section.",
}


def question(form: Form, country: str, *plans: Sequence[Leg], ends: tuple[str, str]) -> Question:
    return Question(
        id="1",
        type="planning",
        question=ASKED[form],
        country=country,
        city="rome" if country != "china" else "beijing",
        station_1=ends[0],
        station_2=ends[1],
        routes=tuple(tuple(plan) for plan in plans),
    )


def leg(line: str, departure: str, arrival: str, *via: str) -> Leg:
    return Leg(
        route_name=line,
        departure_stop=departure,
        arrival_stop=arrival,
        via_stops=via,
        num_via_stops=len(via),
    )


def section(line: str, departure: str, arrival: str, via: str = "") -> str:
    return f"Route Name: {line}\nDeparture Stop: {departure}\nArrival Stop: {arrival}\n{via}"


def scored(asked: Question, reply: str, faults: Faults) -> RouteScore:
    return route_score(asked, reply, CHINA if asked.country == "china" else ABROAD, faults)


DIRECT = question("short", "china", [leg("地铁1号线(A--D)", "A", "D")], ends=("A站", "D站"))


def test_a_right_direct_route_earns_five_and_ten() -> None:
    reply = section("Line 1", "A站", "D站")
    assert scored(DIRECT, reply, "compat") == RouteScore(read=True, right=True, score=15)
    assert scored(DIRECT, reply, "fixed") == RouteScore(read=True, right=True, score=15)


def test_a_change_earns_a_second_section_and_the_cap_is_ten_without_the_bonus() -> None:
    plan = [leg("地铁1号线", "A", "C"), leg("地铁2号线", "C", "F")]
    asked = question("short", "china", plan, ends=("A站", "F站"))
    reply = section("Line 1", "A站", "C站") + "--" + section("Line 2", "C站", "F站")
    assert scored(asked, reply, "fixed").score == 1 + 4 + 4 + 10
    three = question("short", "china", [*plan, leg("地铁1号线", "F", "A")], ends=("A站", "A站"))
    longer = f"{reply}--{section('Line 1', 'F站', 'A站')}"
    assert scored(three, longer, "fixed") == RouteScore(read=True, right=False, score=10)


@pytest.mark.parametrize(
    ("reply", "right", "score"),
    [
        ("I do not know", False, 0),
        (section("Line 1", "B站", "D站"), False, 0),  # another start
        (section("Line 9", "A站", "D站"), False, 3),  # no such line: ends and two stops
        (section("line 1", "A站", "D站"), False, 5),  # not the key, but the same name when cleaned
        (section("**Line 1**", "A站", "D站"), False, 5),
        (section("Line 1", "A", "D"), False, 0),  # `站` belongs to the name here
        (section("Line 1", "A站", "C站") + "--" + section("Line 1", "B站", "D站"), False, 4),
    ],
)
def test_what_is_wrong_in_a_route_costs_its_part(reply: str, score: float, *, right: bool) -> None:
    found = scored(DIRECT, reply, "compat")
    assert (found.right, found.score) == (right, score)


def test_the_best_plan_counts() -> None:
    plans = [[leg("地铁2号线", "A", "D")], [leg("地铁1号线", "A", "D")]]
    asked = question("short", "china", *plans, ends=("A站", "D站"))
    assert scored(asked, section("Line 1", "A站", "D站"), "fixed").score == 15


def test_abroad_the_line_is_out_of_reach_with_the_faults() -> None:
    asked = question("short", "italy", [leg("Red Line", "A", "C")], ends=("A Station", "C Station"))
    reply = section("Red Line", "A Station", "C Station")
    assert scored(asked, reply, "compat") == RouteScore(read=True, right=True, score=13)
    assert scored(asked, reply, "fixed") == RouteScore(read=True, right=True, score=15)


def test_an_arrival_is_lost_where_the_departure_ends_in_station_already() -> None:
    plan = [leg("Red Line", "A Station", "C Station")]
    asked = question("short", "italy", plan, ends=("A Station", "C Station"))
    reply = section("Red Line", "A Station", "C Station")
    assert scored(asked, reply, "compat").score == 12
    assert scored(asked, reply, "fixed").score == 15


@pytest.mark.parametrize(
    ("said", "points"), [("2", 4), ("about 3", 2), ("9", 0), ("none", 0), ("9" * 50, 0)]
)
def test_the_number_of_via_stops_earns_by_its_error(said: str, points: float) -> None:
    plan = [leg("地铁1号线", "A", "D", "B", "C")]
    asked = question("number", "china", plan, ends=("A站", "D站"))
    reply = section("Line 1", "A站", "D站", f"Number of Via Stops: {said}")
    assert scored(asked, reply, "fixed").score == 5 + points + 20


@pytest.mark.parametrize(
    ("said", "compat", "fixed"),
    [
        ("B站,C站", (10 + 2) / 2, (10 + 2) / 2),
        ("B站, C站", (10 / 3 + 1) / 2, (10 + 2) / 2),  # the blank belongs to the name there
        ("B站，C站", 0, (10 + 2) / 2),
        ("B, C", 0, (10 + 2) / 2),
        ("E站", 0, 0),
    ],
)
def test_via_stops_earn_by_overlap_and_number(said: str, compat: float, fixed: float) -> None:
    plan = [leg("地铁1号线", "A", "D", "B", "C")]
    asked = question("names", "china", plan, ends=("A站", "D站"))
    reply = section("Line 1", "A站", "D站", f"Via Stops: {said}")
    assert scored(asked, reply, "compat").score == pytest.approx(5 + compat + 20)
    assert scored(asked, reply, "fixed").score == pytest.approx(5 + fixed + 20)


@pytest.mark.parametrize(
    ("name", "compat", "fixed"),
    [
        ("Red Line", "Line Re", "Red Line"),
        ("Metro A Line", "Line A", "Metro A Line"),
        ("12", "Line 12", "12"),
        ("5 Train", "Line 5", "Line 5"),
        ("MRed2", "Line MR", "Red Line"),
        ("B1", "Line B", "B1"),
        ("West", "Line We", "West"),
    ],
)
def test_names_of_lines_abroad(name: str, compat: str, fixed: str) -> None:
    assert line_from_reply(name, "rome") == compat
    assert reference_line(name, ABROAD, "italy") == fixed


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("地铁5号线(后关--虎滩新区)", "Line 5"),
        ("地铁昌平线(昌平西山口--蓟门桥)", "昌平线"),
        ("地铁2号线(8号线)", "Line 2"),
    ],
)
def test_names_of_lines_in_china(name: str, line: str) -> None:
    assert reference_line(name, CHINA, "china") == line


def test_names_are_compared_without_dress_but_with_station() -> None:
    assert clean("**Rome-Metro Central** (Transfer Station)\n") == "romecentral"
    assert clean("Central Station") == "centralstation"
    assert clean("北京（换乘站）站") == "北京站"


PARTS = (
    *("Route Name: ", "Departure Stop: ", "Arrival Stop: ", "Via Stops: ", "A站", "D站"),
    *("Line 1", "Number of Via Stops: ", "3", "--", "\n"),
)
text = st.text() | st.lists(st.sampled_from(PARTS)).map("".join)


@given(reply=text, form=st.sampled_from(["short", "number", "names"]))
def test_a_score_stays_within_its_bounds(reply: str, form: Form) -> None:
    asked = question(form, "china", [leg("地铁1号线", "A", "D", "B", "C")], ends=("A站", "D站"))
    most = 20 if form == "short" else 40
    faults: tuple[Faults, ...] = ("compat", "fixed")
    for one in faults:
        found = scored(asked, reply, one)
        assert 0 <= found.score <= most
        assert not found.right or found.score > most / 2
