import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_rewards import (
    Leg,
    Line,
    Network,
    Question,
    RecordError,
    Route,
    Station,
    reward_spec,
    route_text,
    score,
)
from rm_rewards.directory import directory_of
from rm_rewards.jsonl import read_network
from rm_rewards.judge import ACCEPTED, Accept, faults
from rm_rewards.search import best_routes, frontier
from rm_rewards.truth import truth_of

DEMO = read_network(Path(__file__).parent / "data/demo.json")


def _legs(text: str) -> Route:
    """The legs of `Red: Alpha > Charlie | Blue: Charlie > Hotel`."""
    rides = (re.split(": ?| > ", ride) for ride in text.split(" | "))
    return tuple(Leg(route_name=a, departure_stop=b, arrival_stop=c) for a, b, c in rides)


def _asked(start: str, end: str, routes: tuple[Route, ...] | None = None) -> Question:
    return Question(
        id="q", type="planning", question="?", station_1=start, station_2=end, routes=routes
    )


def _faults(
    asked: Question, legs: Route, network: Network | None = DEMO, accept: Accept = "min-transfers"
) -> list[str]:
    truth = truth_of(asked, network)
    return list(faults(truth.rides(legs), truth, accept))


GOLD = _legs("Red Line: Alpha > Charlie | Blue Line: Charlie > Hotel")
DETOUR = _legs("Red Line: Alpha > Delta St. Mary | Violet: Delta St. Mary > Hotel")


@pytest.mark.parametrize(
    ("legs", "expected"),
    [
        (GOLD, []),
        (_legs("red: ALPHA station > Central | Blue: central. > hotel"), []),
        (DETOUR, []),
        (_legs("Red: Bravo > Charlie | Blue: Charlie > Hotel"), ["wrong_origin"]),
        (_legs("Red: Alpha > Charlie | Blue: Charlie > Golf"), ["wrong_destination"]),
        (
            _legs("Red: Alpha > Charlie | Blue: Golf > Hotel"),
            ["leg2:does_not_join"],
        ),
        (_legs("Red: Alpha > Hotel"), ["leg1:stop_not_on_line", "missing_leg"]),
        (
            _legs("Line 9: Alpha > Charlie | Blue: Charlie > Hotel"),
            ["leg1:unknown_line"],
        ),
        (
            _legs("Red: Atlantis > Charlie | Blue: Charlie > Hotel"),
            ["wrong_origin", "leg1:unknown_departure"],
        ),
        (
            _legs("Red: Alpha > Atlantis | Blue: Atlantis > Hotel"),
            ["leg1:unknown_arrival", "leg2:unknown_departure"],
        ),
        (
            (*GOLD, *_legs("Blue: Hotel > Hotel")),
            ["leg3:goes_nowhere", "extra_leg"],
        ),
        (
            _legs("Red: Alpha > Bravo | Red: Bravo > Charlie | Blue: Charlie > Hotel"),
            ["extra_leg"],
        ),
        (
            _legs(
                "Red: Alpha > Charlie | Red: Charlie > Alpha"
                " | Red: Alpha > Charlie | Blue: Charlie > Hotel"
            ),
            ["loop", "extra_leg"],
        ),
        (
            _legs(":  > "),
            ["wrong_origin", "wrong_destination", "leg1:unknown_line", "missing_leg"],
        ),
    ],
)
def test_all_that_is_wrong_with_a_route_is_named(legs: Route, expected: list[str]) -> None:
    assert _faults(_asked("Alpha Station", "Hotel"), legs) == expected


def test_a_line_of_separate_parts_cannot_be_ridden_from_one_to_the_other() -> None:
    legs = _legs("Line 5: Oscar > Alpha")
    assert _faults(_asked("Oscar", "Alpha"), legs) == ["leg1:not_connected"]


def test_a_place_that_cannot_be_reached_has_no_right_route() -> None:
    legs = _legs("Line 5: Oscar > Papa")
    assert _faults(_asked("Oscar", "Echo"), legs) == ["wrong_destination"]


def test_more_transfers_are_right_where_any_route_is_accepted() -> None:
    legs = _legs("Red: Alpha > Bravo | Red: Bravo > Charlie | Blue: Charlie > Hotel")
    asked = _asked("Alpha", "Hotel")
    assert _faults(asked, legs, accept="any") == []
    assert _faults(asked, legs) == ["extra_leg"]


def test_only_the_best_routes_are_right_where_those_are_asked_for() -> None:
    asked = _asked("Alpha", "Hotel")
    assert _faults(asked, GOLD, accept="best") == []
    assert _faults(asked, DETOUR, accept="best") == ["other_route"]


def test_a_route_of_the_question_is_right_whatever_the_network_says() -> None:
    listed = _legs("Ghost Line: Alpha > Hotel")
    assert _faults(_asked("Alpha", "Hotel", (listed,)), listed) == []


def test_without_a_network_only_the_questions_own_routes_are_right() -> None:
    asked = _asked("Alpha", "Hotel", (GOLD,))
    assert _faults(asked, GOLD, network=None) == []
    assert _faults(asked, _legs("red: alpha > charlie | blue: charlie > HOTEL"), None) == []
    assert _faults(asked, DETOUR, network=None) != []
    both = _asked("Alpha", "Hotel", (GOLD, DETOUR))
    mixed = (GOLD[0], DETOUR[1])
    assert _faults(both, DETOUR, network=None) == []
    assert "leg2:does_not_join" in _faults(both, mixed, network=None)


def test_a_part_of_a_listed_route_is_not_a_route_of_its_own() -> None:
    listed = (
        Leg(route_name="1", departure_stop="A", arrival_stop="C", via_stops=("B",)),
        Leg(route_name="2", departure_stop="C", arrival_stop="D"),
    )
    other = (
        Leg(route_name="1", departure_stop="A", arrival_stop="B"),
        Leg(route_name="2", departure_stop="B", arrival_stop="D"),
    )
    asked = _asked("A", "D", (listed, other))
    swapped = _legs("1: A > C | 2: C > D")
    assert _faults(asked, swapped, network=None) == []
    assert _faults(_asked("A", "D", (listed,)), other, network=None) == ["leg2:stop_not_on_line"]


def test_the_question_needs_something_to_judge_by() -> None:
    with pytest.raises(RecordError, match=r"network: found None, expected the network of question"):
        truth_of(_asked("Alpha", "Hotel"), None)
    with pytest.raises(RecordError, match=r"station_1: found None"):
        truth_of(Question(id="q", type="planning", question="?"), DEMO)


def test_the_ends_are_taken_from_the_routes_where_the_question_does_not_name_them() -> None:
    asked = Question(id="q", type="planning", question="?", routes=(GOLD,))
    truth = truth_of(asked, DEMO)
    assert (truth.origin, truth.destination) == ("a", "h")


# Once round by one line, or across with a change: 6 stops or 4; a third way has 5 and two changes.
ROUND = Network(
    city="round",
    lines=(
        Line(name="Ring", paths=(tuple("abcdefg"),)),
        Line(name="Up", paths=(tuple("apq"),)),
        Line(name="Down", paths=(tuple("qrg"),)),
        Line(name="Side", paths=(tuple("pst"),)),
        Line(name="Far", paths=(tuple("trg"),)),
    ),
    stations=tuple(Station(id=s, name=s.upper()) for s in "abcdefgpqrst"),
)
RING = _legs("Ring: A > G")
ACROSS = _legs("Up: A > Q | Down: Q > G")
ASIDE = _legs("Up: A > P | Side: P > T | Far: T > G")
BROKEN = _legs("Up: A > P | Up: P > Q | Down: Q > G")


@pytest.mark.parametrize(
    ("accept", "legs", "expected"),
    [
        ("min-transfers", RING, []),
        ("min-transfers", ACROSS, ["extra_leg"]),
        ("any", ACROSS, []),
        ("any", ASIDE, []),
        ("pareto", RING, []),
        ("pareto", ACROSS, []),
        ("pareto", ASIDE, ["longer_ride"]),
        ("pareto", BROKEN, ["extra_leg"]),
        ("shortest", ACROSS, []),
        ("shortest", BROKEN, []),
        ("shortest", ASIDE, ["longer_ride"]),
        ("best", ACROSS, ["extra_leg"]),
    ],
)
def test_which_routes_are_right_is_a_choice(
    accept: Accept, legs: Route, expected: list[str]
) -> None:
    truth = truth_of(_asked("A", "G"), ROUND, front=True)
    assert truth.front == ((1, 6), (2, 4))
    assert list(faults(truth.rides(legs), truth, accept)) == expected


@pytest.mark.parametrize("accept", ACCEPTED)
def test_the_questions_own_routes_are_right_under_each(accept: Accept) -> None:
    spec = replace(reward_spec("rewardmap"), accept=accept)
    assert score(_asked("A", "G", (RING,)), route_text(RING), network=ROUND, reward=spec).correct
    assert score(_asked("A", "G", (RING,)), route_text(RING), reward=spec).correct
    assert not score(_asked("A", "G"), route_text(RING[:0]), network=ROUND, reward=spec).correct


STOPS = st.sampled_from([s.id for s in DEMO.stations])


@given(STOPS, STOPS)
def test_the_front_begins_with_the_best_routes_and_none_beats_another(a: str, b: str) -> None:
    directory = directory_of(DEMO)
    front, best = frontier(directory, a, b), best_routes(directory, a, b)
    assert bool(front) == bool(best)
    assert all(one[0] < two[0] and one[1] > two[1] for one, two in pairwise(front))
    if best:
        ridden = [len(directory.ride(r.line, r.departure, r.arrival)) - 1 for r in best[0]]
        assert front[0] == (len(best[0]), sum(ridden))
