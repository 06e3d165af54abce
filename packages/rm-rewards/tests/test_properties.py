from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from rm_rewards import Leg, Question, gold_answer, reward_spec, route_text, score, score_group
from rm_rewards.directory import directory_of
from rm_rewards.jsonl import read_network
from rm_rewards.search import best_routes

DEMO = read_network(Path(__file__).parent / "data/demo.json")
NAMES = [s.name for s in DEMO.stations]
SPECS = ["rewardmap", "sparse"]


def _plan(start: str, end: str) -> Question:
    return Question(id="q", type="planning", question="?", station_1=start, station_2=end)


TRIP = _plan("Alpha Station", "Hotel Station")
STATIONS = st.sampled_from(NAMES)
LEGS = st.builds(
    Leg,
    route_name=st.sampled_from([line.name for line in DEMO.lines]),
    departure_stop=STATIONS,
    arrival_stop=STATIONS,
)
ROUTES = st.lists(LEGS, max_size=4).map(lambda legs: route_text(tuple(legs)))
ANSWERS = st.sampled_from(["\\boxed{yes}", "\\boxed{no}", "8", "\\boxed{8}", "\\boxed{B}", "A", ""])
TEXTS = st.one_of(st.text(), ROUTES, ANSWERS)
PLANS = (
    st.tuples(STATIONS, STATIONS).filter(lambda ends: ends[0] != ends[1]).map(lambda e: _plan(*e))
)
SHORT = st.sampled_from(
    [
        Question(id="q", type="TorF1", question="?", answer=1),
        Question(id="q", type="TorF2", question="?", answer=0),
        Question(id="q", type="Counting1", question="?", answer=1),
        Question(id="q", type="Counting2", question="?", answer=8),
        Question(id="q", type="Counting3", question="?", answer=0),
    ]
)


@given(st.one_of(PLANS, SHORT), TEXTS, st.sampled_from([*SPECS, "reference", "paper"]))
def test_any_text_is_scored_within_the_bounds_and_always_the_same(
    question: Question, text: str, reward: str
) -> None:
    found = score(question, text, network=DEMO, reward=reward)
    low, high = reward_spec(reward).bounds
    assert low <= found.total <= high
    assert found == score(question, text, network=DEMO, reward=reward)


@given(st.one_of(PLANS, SHORT), TEXTS, TEXTS, st.sampled_from(SPECS))
def test_a_wrong_reply_is_never_above_a_right_one(
    question: Question, one: str, other: str, reward: str
) -> None:
    a, b = score_group(question, [one, other], network=DEMO, reward=reward)
    if a.correct and not b.correct:
        assert a.total >= b.total
    if a.status == "unparsed" and b.status == "ok":
        assert a.total <= b.total


@given(PLANS, st.sampled_from(SPECS))
def test_every_best_route_scores_full_marks(question: Question, reward: str) -> None:
    directory = directory_of(DEMO)
    start, end = question.station_1 or "", question.station_2 or ""
    for route in best_routes(directory, directory.place(start), directory.place(end)):
        legs = tuple(
            Leg(
                route_name=ride.line,
                departure_stop=DEMO.names[ride.departure],
                arrival_stop=DEMO.names[ride.arrival],
            )
            for ride in route
        )
        found = score(question, route_text(legs), network=DEMO, reward=reward)
        assert found.total == reward_spec(reward).bounds[1]
        assert found.reasons == ()
        alone = replace(question, routes=(legs,))
        assert score(alone, gold_answer(alone), reward=reward).total == found.total


@given(SHORT, st.sampled_from(SPECS))
def test_every_right_answer_in_a_box_scores_full_marks(question: Question, reward: str) -> None:
    best = 2.5 if (question.type, reward) == ("Counting1", "rewardmap") else 2.0
    found = score(question, gold_answer(question), reward=reward)
    assert (found.correct, found.format, found.total, found.reasons) == (True, 1.0, best, ())


@given(st.lists(LEGS, min_size=1, max_size=4))
def test_the_order_and_the_case_of_the_networks_lines_change_nothing(legs: list[Leg]) -> None:
    shuffled = replace(DEMO, lines=tuple(reversed(DEMO.lines)))
    text = route_text(tuple(legs))
    found = score(TRIP, text, network=DEMO)
    assert score(TRIP, text, network=shuffled) == found
    loud = replace(TRIP, station_1="ALPHA", station_2="hotel")
    assert score(loud, text, network=DEMO) == found
