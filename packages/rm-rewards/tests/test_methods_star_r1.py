from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_rewards import Leg, Question, RecordError, route_text
from rm_rewards.jsonl import read_network
from rm_rewards.methods.star_r1 import StarPoints, Triple, published, route_star, share

DEMO = read_network(Path(__file__).parent / "data/demo.json")
CYAN, LARGE = Triple(2, "color", "cyan"), Triple(5, "size", "large")
TRUTH = [CYAN, LARGE]
SMALL, SHAPE, RED = Triple(5, "size", "small"), Triple(2, "shape", "cube"), Triple(7, "color", "r")
EIGHT_WRONG = [Triple(9, "color", i) for i in range(8)]


@pytest.mark.parametrize(
    ("predicted", "answer", "repaired"),
    [
        (TRUTH, 10.0, 1.0),
        ([CYAN, SMALL], 5.5, 0.65),
        ([CYAN], 4.0, 0.5),
        ([SHAPE, RED], -1.5, 0.05),
        ([], -2.0, 0.0),
        ([*TRUTH, *EIGHT_WRONG], 2.0, 0.2),
        ([CYAN, CYAN], 10.0, 0.5),
    ],
)
def test_each_prediction_earns_by_what_it_gets_right(
    predicted: list[Triple], answer: float, repaired: float
) -> None:
    assert published(predicted, TRUTH).answer == pytest.approx(answer)
    assert share(predicted, TRUTH) == pytest.approx(repaired)


def test_guessing_pays_in_the_published_form_alone() -> None:
    guesses = [Triple(2, "color", i) for i in range(3)]
    assert published([*guesses, *TRUTH], TRUTH).answer > published(TRUTH, TRUTH).answer
    assert share([*guesses, *TRUTH], TRUTH) < share(TRUTH, TRUTH)


TRIPLES = st.builds(Triple, st.integers(0, 3), st.sampled_from("ab"), st.integers(0, 2))
SETS = st.lists(TRIPLES, max_size=6)


@given(SETS, SETS)
def test_the_share_is_bounded_and_full_for_the_true_set_alone(
    predicted: list[Triple], true: list[Triple]
) -> None:
    found = share(predicted, true)
    assert 0.0 <= found <= 1.0
    exact = len(predicted) == len(set(predicted)) and set(predicted) == set(true)
    assert (found == 1.0) == exact
    assert found == pytest.approx(share(list(reversed(predicted)), list(reversed(true))))


@given(SETS, SETS)
def test_a_prediction_about_nothing_never_pays(predicted: list[Triple], true: list[Triple]) -> None:
    longer = [*predicted, Triple(99, "nothing", 0)]
    assert share(longer, true) <= share(predicted, true)
    assert published(longer, true).points == published(predicted, true).points


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


def test_points_and_shares_that_cannot_be_used_are_refused() -> None:
    with pytest.raises(RecordError, match="miss: found -1"):
        StarPoints(miss=-1)
    with pytest.raises(RecordError, match=r"attribute: found 1\.5"):
        share([], TRUTH, attribute=1.5)
    with pytest.raises(RecordError, match=r"index: found 0\.5, expected a number from 0 to 0\.3"):
        share([], TRUTH, index=0.5)
