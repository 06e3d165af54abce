from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_rewards import Leg, Question, route_text
from rm_rewards.jsonl import read_network
from rm_rewards.methods.star_r1_route import route_star

DEMO = read_network(Path(__file__).parent / "data/demo.json")
TRIP = Question(id="q", type="planning", question="?", station_1="Alpha", station_2="Hotel")
FIRST = Leg(route_name="Red Line", departure_stop="Alpha", arrival_stop="Charlie")
SECOND = Leg(route_name="Blue Line", departure_stop="Charlie", arrival_stop="Hotel")
ENDS = Leg(route_name="Line 3", departure_stop="Alpha", arrival_stop="Hotel")
OTHER = Leg(route_name="Line 3", departure_stop="Lima", arrival_stop="Nowhere")


@pytest.mark.parametrize(
    ("legs", "correct", "expected", "answer"),
    [
        ((FIRST, SECOND), True, 1.0, 30.0),
        ((FIRST,), False, 0.5, 15 - 3),
        ((SECOND,), False, 0.5, 3 * 1.5 - 3 - 3),
        ((FIRST, OTHER), False, 0.4, 15 + 4.5 - 3),
        ((OTHER, OTHER), False, 0.0, 9 - 6),
        ((FIRST, SECOND, OTHER), False, 0.5, 30 - 3),
        ((ENDS,), False, 0.0, 5 + 2 * 1.5 - 2 - 3),
    ],
)
def test_a_route_is_a_set_of_statements_about_its_legs(
    legs: tuple[Leg, ...], correct: bool, expected: float, answer: float
) -> None:
    found = route_star(TRIP, route_text(legs), network=DEMO)
    assert found.correct == correct
    assert found.well_formed
    assert found.share == pytest.approx(expected)
    assert found.published.answer == pytest.approx(answer)


STATIONS = st.sampled_from([s.name for s in DEMO.stations])
LINES = st.sampled_from([line.name for line in DEMO.lines])
LEGS = st.builds(Leg, route_name=LINES, departure_stop=STATIONS, arrival_stop=STATIONS)


@given(st.text() | st.lists(LEGS, max_size=4).map(lambda legs: route_text(tuple(legs))))
def test_any_reply_is_scored_and_only_a_right_one_in_full(text: str) -> None:
    found = route_star(TRIP, text, network=DEMO)
    assert 0.0 <= found.share <= 1.0
    assert (found.share == 1.0) == found.correct
    assert found == route_star(TRIP, text, network=DEMO)


WRONG = Leg(route_name="No Line", departure_stop="Nowhere", arrival_stop="Void")
LONG = Question(id="q", type="planning", question="?", station_1="Alpha", station_2="Juliet")


@given(st.sampled_from([TRIP, LONG]), st.lists(LEGS, min_size=1, max_size=4), st.integers(0, 4))
def test_a_wrong_leg_that_is_put_in_never_pays(
    question: Question, legs: list[Leg], at: int
) -> None:
    before = route_star(question, route_text(tuple(legs)), network=DEMO)
    longer = (*legs[:at], WRONG, *legs[at:])
    after = route_star(question, route_text(longer), network=DEMO)
    assert after.share <= before.share
