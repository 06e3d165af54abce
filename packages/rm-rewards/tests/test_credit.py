import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_rewards import Leg, Question, RecordError, Route
from rm_rewards.credit import PlanningPoints, credit
from rm_rewards.jsonl import read_network
from rm_rewards.search import Ride
from rm_rewards.truth import truth_of

DEMO = read_network(Path(__file__).parent / "data/demo.json")
POINTS = PlanningPoints()
TRUTH = truth_of(
    Question(id="q", type="planning", question="?", station_1="Alpha", station_2="Juliet"), DEMO
)
DIRECT = truth_of(
    Question(id="q", type="planning", question="?", station_1="Alpha", station_2="Echo"), DEMO
)
RED, BLUE, THREE = "Red: Alpha > Charlie", "Blue: Charlie > Hotel", "Line 3: Hotel > Juliet"
GOLD = f"{RED} | {BLUE} | {THREE}"
ASTRAY = "Violet: Yankee > X-Ray"


def _legs(text: str) -> Route:
    """The legs of `Red: Alpha > Charlie | Blue: Charlie > Hotel`."""
    rides = (re.split(": ?| > ", ride) for ride in text.split(" | "))
    return tuple(Leg(route_name=a, departure_stop=b, arrival_stop=c) for a, b, c in rides)


def test_the_table_adds_up_to_what_a_perfect_route_earns() -> None:
    assert [POINTS.full(legs) for legs in (1, 2, 3, 4)] == [6.0, 11.0, 16.0, 21.0]


# Of 16 points: origin 1, destination 1, legs 1, three lines of 3, four sides of transfers of 1.
@pytest.mark.parametrize(
    ("route", "points"),
    [
        (GOLD, 16),
        (f"Red: Alpha > Bravo | {BLUE} | {THREE}", 15),
        (f"Red: Bravo > Charlie | {BLUE} | {THREE}", 15),
        (f"Blue: Alpha > Charlie | {BLUE} | {THREE}", 13),
        (f"Line 9: Alpha > Charlie | {BLUE} | {THREE}", 13),
        (f"{RED} | {BLUE}", 10),
        (f"{BLUE} | {THREE}", 10),
        (f"{RED} | {THREE}", 10),
        (RED, 5),
        ("Red: Alpha > Juliet", 2),
        ("Red: Alpha > Echo", 4),
        ("Red: Bravo > Echo", 3),
        (ASTRAY, 0),
        ("Red: Alpha > Nowhere | Blue: Nowhere > Void | Line 3: Void > Juliet", 1),
        ("Red: Alpha > Bravo | Blue: Golf > Foxtrot | Line 3: India > Juliet", 12),
        (f"{GOLD} | {THREE}", 11),
        (f"{GOLD} | {ASTRAY}", 11),
        (f"{ASTRAY} | {GOLD}", 11),
    ],
)
def test_each_right_element_earns_its_points(route: str, points: int) -> None:
    assert credit(TRUTH.rides(_legs(route)), TRUTH, POINTS) == pytest.approx(points / 16)


@pytest.mark.parametrize(
    ("route", "points"),
    [
        ("Red: Alpha > Echo", 6),
        ("Blue: Alpha > Echo", 3),
        ("Red: Echo > Alpha", 4),
        ("Red: Alpha > Alpha", 0),
        ("Red: Alpha > Bravo | Red: Bravo > Echo", 3),
    ],
)
def test_a_direct_ride_has_six_points(route: str, points: int) -> None:
    assert credit(DIRECT.rides(_legs(route)), DIRECT, POINTS) == pytest.approx(points / 6)


RIDES = st.builds(
    Ride,
    st.sampled_from([line.name for line in DEMO.lines]),
    st.sampled_from([s.id for s in DEMO.stations]),
    st.sampled_from([s.id for s in DEMO.stations]),
)
ROUTES = st.lists(RIDES, max_size=5)


@given(ROUTES, st.integers(0, 5))
def test_putting_in_a_leg_that_agrees_with_nothing_never_pays(route: list[Ride], at: int) -> None:
    longer = [*route[:at], Ride("Nowhere Line", "\0nowhere", "\0elsewhere"), *route[at:]]
    before, after = (credit(r, TRUTH, POINTS) for r in (route, longer))
    assert after < before or before == after == 0.0


@given(ROUTES.filter(bool), st.data())
def test_repeating_a_leg_never_pays(route: list[Ride], data: st.DataObject) -> None:
    repeated = data.draw(st.sampled_from(route))
    longer = [*route, repeated]
    before, after = (credit(r, TRUTH, POINTS) for r in (route, longer))
    arrives = repeated.arrival == TRUTH.destination and route[-1].arrival != TRUTH.destination
    assert after < before or before == after == 0.0 or arrives


@given(ROUTES)
def test_credit_is_a_share(route: list[Ride]) -> None:
    assert 0.0 <= credit(route, TRUTH, POINTS) <= 1.0


@given(st.integers(1, 3), RIDES)
def test_changing_a_leg_of_a_perfect_route_never_pays(leg: int, ride: Ride) -> None:
    perfect = list(TRUTH.routes[0])
    changed = [*perfect[: leg - 1], ride, *perfect[leg:]]
    assert credit(changed, TRUTH, POINTS) <= credit(perfect, TRUTH, POINTS) == 1.0


def test_the_best_route_that_suits_a_reply_counts() -> None:
    routes = (
        _legs(GOLD),
        _legs("Violet: Delta St. Mary > Hotel | Line 3: Hotel > India"),
    )
    question = Question(id="q", type="planning", question="?", routes=routes)
    truth = truth_of(question, DEMO)
    for route in routes:
        assert credit(truth.rides(route), truth, POINTS) == 1.0


def test_a_very_long_route_earns_nothing() -> None:
    assert credit(TRUTH.rides(_legs(" | ".join([GOLD] * 20))), TRUTH, POINTS) == 0.0


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({"line": -1.0}, "points.line: found -1.0, expected a finite number, 0 or more"),
        ({"legs": float("nan")}, "points.legs: found nan, expected a finite number"),
        (
            {"origin": 0.0, "destination": 0.0, "legs": 0.0, "line": 0.0},
            "points: found 0.0, expected points for a direct route",
        ),
    ],
)
def test_a_table_without_a_scale_is_refused(rows: dict[str, float], message: str) -> None:
    with pytest.raises(RecordError, match=message):
        PlanningPoints(**rows)
