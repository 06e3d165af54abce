from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_rewards import Leg, Network, Question, Route, reward_spec, route_text
from rm_rewards.alike import Sketcher
from rm_rewards.credit import credit
from rm_rewards.jsonl import read_network
from rm_rewards.judge import ACCEPTED, BY_STOPS, faults
from rm_rewards.marker import Marker
from rm_rewards.route import read_route
from rm_rewards.truth import Truth, truth_of

DEMO = read_network(Path(__file__).parent / "data/demo.json")
GOLD = (
    Leg(route_name="Red Line", departure_stop="Alpha", arrival_stop="Charlie"),
    Leg(route_name="Blue Line", departure_stop="Charlie", arrival_stop="Hotel"),
)
SIDEWAYS = (replace(GOLD[0], route_name="4号线"), replace(GOLD[1], departure_stop="Golf"))
QUESTIONS = [
    Question(id="a", type="planning", question="?", station_1="Alpha", station_2="Hotel"),
    Question(id="b", type="planning", question="?", station_1="Echo", station_2="Juliet"),
    Question(id="c", type="planning", question="?", routes=(GOLD,)),
    Question(id="d", type="planning", question="?", routes=(GOLD, GOLD[:1], SIDEWAYS)),
    Question(id="e", type="planning", question="?", routes=(SIDEWAYS[:1],), station_2="Nowhere"),
    Question(id="f", type="planning", question="?", station_1="Alpha", station_2="Alpha"),
]
STOPS = st.sampled_from(["Alpha", "Charlie", "Delta St. Mary", "Hotel", "Nowhere", "golf station"])
LINES = st.sampled_from(["Red Line", "blue", "Blue Line", "Line 3", "4号线", "Line 5", "Line 9"])
LEGS = st.builds(Leg, route_name=LINES, departure_stop=STOPS, arrival_stop=STOPS)
ROUTES = st.lists(st.one_of(LEGS, st.sampled_from(GOLD)), min_size=1, max_size=6).map(tuple)
JOINED = ROUTES.map(
    lambda route: tuple(
        replace(leg, departure_stop=route[i - 1].arrival_stop) if i else leg
        for i, leg in enumerate(route)
    )
)
TAILS = st.sampled_from(["", "\n", "\nBye!", "\n--"])


def _truth(question: Question, network: Network | None = DEMO, accept: str = "any") -> Truth:
    return truth_of(question, network, front=accept in BY_STOPS)


@given(
    st.sampled_from(QUESTIONS),
    st.lists(st.one_of(ROUTES, JOINED), min_size=1, max_size=8),
    st.sampled_from(ACCEPTED),
    TAILS,
    st.booleans(),
)
def test_a_route_earns_what_it_is_judged_to_earn_by_itself(
    question: Question, routes: list[Route], accept: str, tail: str, mapped: bool
) -> None:
    spec = replace(reward_spec("rewardmap"), accept=accept)
    network = DEMO if mapped or not question.routes else None
    marker, truth = Marker(question, network, spec), _truth(question, network, accept)
    for route in routes:
        reading = read_route(text := route_text(route) + tail)
        rides = truth.rides(route)
        wrong = faults(rides, truth, spec.accept)
        detail = min(0.9, credit(rides, truth, spec.points)) if wrong else 1.0
        for i in range(2):
            found = marker.reward(text, i)
            assert (found.sample, found.question_id) == (i, question.id)
            assert (found.format, found.detail) == (float(reading.well_formed), detail)
            assert found.reasons == (*reading.reasons, *wrong)


@given(ROUTES)
def test_a_route_reads_as_it_was_written(route: Route) -> None:
    sketch = Sketcher(_truth(QUESTIONS[0]), stops=False).of(route_text(route))
    if sketch is not None:
        written = (f"{r.route_name}: {r.departure_stop} -> {r.arrival_stop}" for r in route)
        assert sketch[1] == " | ".join(written)


def test_names_that_no_best_route_has_are_not_told_apart() -> None:
    sketcher = Sketcher(_truth(QUESTIONS[0]), stops=False)
    one, other, joined = (
        sketcher.of(route_text((leg, GOLD[1])))
        for leg in (
            replace(GOLD[0], arrival_stop="Echo"),
            replace(GOLD[0], arrival_stop="Bravo"),
            GOLD[0],
        )
    )
    assert one
    assert other
    assert joined
    assert one[0] == other[0] != joined[0]
    assert one[1] != other[1]


def test_where_stops_count_rides_of_different_length_are_told_apart() -> None:
    sketcher = Sketcher(_truth(QUESTIONS[0]), stops=True)
    one, other = (
        sketcher.of(route_text((replace(GOLD[0], arrival_stop=stop),)))
        for stop in ("Echo", "Bravo")
    )
    assert one
    assert other
    assert one[0] != other[0]


def test_questions_whose_best_routes_hang_together_alike_are_alike() -> None:
    sketches = [
        Sketcher(_truth(replace(QUESTIONS[2], routes=routes)), stops=False).question
        for routes in ((GOLD,), (GOLD[::-1],), (GOLD, GOLD[:1]), (GOLD[:1],), (GOLD[1:],))
    ]
    assert sketches[3] == sketches[4]
    assert len(set(sketches)) == 4


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Take the Red Line.",
        "\n" + route_text(GOLD),
        "I look.\n" + route_text(GOLD),
        route_text(GOLD).replace("\n--\n", "\n\n--\n"),
        route_text(GOLD).replace("\n--\n", "\n--\n\n"),
        route_text(GOLD).replace("\n--\n", "\n"),
        route_text(GOLD) + "\n--",
        route_text(GOLD) + "\nBye!",
        route_text(GOLD).lower(),
        route_text(GOLD).replace("Hotel", "Ho:tel"),
        route_text(GOLD).replace("Hotel", "*Hotel*"),
        route_text(GOLD).replace("Hotel", "Hotel."),
        route_text(GOLD).replace("Hotel", "H" * 500),
        route_text(GOLD[:1] * 17),
        "Route Name: Line x\nDeparture Stop: xx Station\nArrival Stop: xx Station",
    ],
)
def test_what_is_not_in_just_the_form_that_was_asked_for_has_no_sketch(text: str) -> None:
    assert Sketcher(_truth(QUESTIONS[0]), stops=False).of(text) is None


def test_what_is_kept_of_many_legs_does_not_change_what_a_route_earns() -> None:
    marker = Marker(QUESTIONS[0], DEMO, "rewardmap")
    first = marker.reward(route_text(GOLD), 0)
    for i in range(2_000):
        odd = replace(GOLD[1], arrival_stop=f"Stop {i}")
        assert marker.reward(route_text((GOLD[0], odd)), 0).reasons == (
            "wrong_destination",
            "leg2:unknown_arrival",
        )
    assert marker.reward(route_text(GOLD), 0) == first
