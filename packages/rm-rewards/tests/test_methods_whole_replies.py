import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_rewards import Leg, Question, RecordError, reward_spec, route_text, score, score_group
from rm_rewards.honest import honest_replies
from rm_rewards.jsonl import read_network
from rm_rewards.specs import METHODS

DEMO = read_network(Path(__file__).parent / "data/demo.json")
TRIP = Question(id="q", type="planning", question="?", station_1="Alpha", station_2="Hotel")
COUNT = Question(id="q", type="Counting2", question="How many?", answer=8)
RED = Leg(route_name="Red Line", departure_stop="Alpha", arrival_stop="Charlie")
BLUE = Leg(route_name="Blue Line", departure_stop="Charlie", arrival_stop="Hotel")
RIGHT = route_text((RED, BLUE))
SHORT = route_text((RED,))
POOR = "Red Line: Alpha -> Charlie\nBlue Line: Charlie -> Hotel"
SEEN = f"<observe>red, blue</observe><think>so</think><answer>{RIGHT}</answer>"


@pytest.mark.parametrize(
    ("reward", "reply", "total"),
    [
        ("star-r1", RIGHT, 3.0),
        ("star-r1", POOR, 2.0),
        ("star-r1", SHORT, 1.5),
        ("star-r1", "", 0.0),
        ("hfrrf", RIGHT, 1.0),
        ("hfrrf", POOR, 0.0),
        ("hfrrf", SHORT, 0.0),
        ("hfrrf", "", 0.0),
        ("observe-r1", SEEN, 1.5),
        ("observe-r1", RIGHT, 1.0),
        ("observe-r1", SEEN.replace(RIGHT, SHORT), 0.5),
        ("observe-r1", "", 0.0),
        ("grounded-prm", RIGHT, 1.0),
        ("grounded-prm", POOR, 1.0),
        ("grounded-prm", SHORT, -0.2),
        ("grounded-prm", "", -1.0),
    ],
)
def test_a_planned_route_is_marked_by_each_method(reward: str, reply: str, total: float) -> None:
    found = score(TRIP, reply, network=DEMO, reward=reward)
    assert found.total == pytest.approx(total)
    assert found.reward_version.startswith(f"{reward}-{reward_spec(reward).semver}+")


@pytest.mark.parametrize(
    ("reward", "right", "poor", "wrong"),
    [
        ("star-r1", 3.0, 2.0, 1.0),
        ("hfrrf", 1.0, 0.0, 0.0),
        ("observe-r1", 1.0, 1.0, 0.0),
        ("grounded-prm", 1.0, 1.0, -1.0),
    ],
)
def test_a_short_answer_is_marked_by_each_method(
    reward: str, right: float, poor: float, wrong: float
) -> None:
    found = score_group(COUNT, [r"\boxed{8}", "8", r"\boxed{7}"], reward=reward)
    assert [reply.total for reply in found] == [right, poor, wrong]
    assert [reply.correct for reply in found] == [True, True, False]


@pytest.mark.parametrize("reward", METHODS)
@pytest.mark.parametrize(
    "two", [r"\boxed{7} or \boxed{8}", r"The answer is 7. \boxed{8}", "8. The answer is 7"]
)
def test_two_answers_earn_less_than_the_right_one(reward: str, two: str) -> None:
    if reward == "observe-r1":
        form = "<observe>a</observe><think>b</think><answer>{}</answer>"
    else:
        form = "{}"
    replies = [form.format(r"\boxed{8}"), form.format(two)]
    honest, hedged = score_group(COUNT, replies, reward=reward)
    assert hedged.total < honest.total == reward_spec(reward).bounds[1]


@pytest.mark.parametrize("question", [TRIP, COUNT], ids=["planning", "Counting2"])
@pytest.mark.parametrize("reward", METHODS)
def test_an_honest_reply_in_the_form_of_the_method_earns_full_marks(
    reward: str, question: Question
) -> None:
    spec = reward_spec(reward)
    for text in honest_replies(question, DEMO, spec):
        found = score(question, text, network=DEMO, reward=spec)
        assert (found.total, found.reasons) == (spec.bounds[1], ())


@pytest.mark.parametrize("answer", ["A B C D", "A, B", "A or B", "A/B/C/D", "B/A"])
def test_several_letters_in_the_answers_tags_are_no_answer(answer: str) -> None:
    options = Question(
        id="q", type="Counting1", question="?", answer=0, options=("w", "x", "y", "z")
    )
    found = score(options, f"<answer>{answer}</answer>", reward="grounded-prm")
    assert (found.total, found.reasons) == (-1.0, ("unboxed", "several_answers"))


def test_observe_r1_asks_for_its_own_form() -> None:
    assert score(TRIP, SEEN, network=DEMO, reward="observe-r1").reasons == ()
    assert score(TRIP, RIGHT, network=DEMO, reward="observe-r1").reasons == ("form:tags",)


def test_the_form_of_observe_r1_needs_an_answer_in_it() -> None:
    form = "<observe>a</observe><think>b</think><answer>{}</answer>"
    for text in ("I do not know.", "", COUNT.question):
        assert score(COUNT, form.format(text), reward="observe-r1").total == 0.0


STATIONS = st.sampled_from([s.name for s in DEMO.stations])
LEGS = st.builds(
    Leg,
    route_name=st.sampled_from([line.name for line in DEMO.lines]),
    departure_stop=STATIONS,
    arrival_stop=STATIONS,
)
ROUTES = st.lists(LEGS, max_size=4).map(lambda legs: route_text(tuple(legs)))
REPLIES = st.one_of(st.text(), ROUTES, st.sampled_from([RIGHT, POOR, SHORT, SEEN, "8", ""]))


@given(st.sampled_from([TRIP, COUNT]), REPLIES, REPLIES, st.sampled_from(METHODS))
def test_any_text_is_marked_within_bounds_and_no_wrong_reply_is_above_a_right_one(
    question: Question, one: str, other: str, reward: str
) -> None:
    low, high = reward_spec(reward).bounds
    a, b = score_group(question, [one, other], network=DEMO, reward=reward)
    assert low <= a.total <= high
    assert a == score(question, one, network=DEMO, reward=reward)
    if a.correct and not b.correct:
        assert a.total >= b.total


@given(st.integers(0, 1), LEGS, st.sampled_from(METHODS))
def test_changing_one_leg_of_a_right_route_never_pays(at: int, leg: Leg, reward: str) -> None:
    legs = [RED, BLUE]
    legs[at] = leg
    found = score(TRIP, route_text(tuple(legs)), network=DEMO, reward=reward)
    assert found.total <= score(TRIP, RIGHT, network=DEMO, reward=reward).total


STRANGE = {s.name: f"Zz{i:02} Platform" for i, s in enumerate(DEMO.stations)}
RENAMED = replace(
    DEMO, stations=tuple(replace(s, name=STRANGE[s.name], aliases=()) for s in DEMO.stations)
)
ABROAD = replace(TRIP, station_1=STRANGE["Alpha Station"], station_2=STRANGE["Hotel Station"])


@given(st.lists(LEGS, max_size=4), st.sampled_from(METHODS))
def test_the_names_of_the_stations_and_the_case_do_not_matter(legs: list[Leg], reward: str) -> None:
    renamed = tuple(
        replace(
            leg,
            departure_stop=STRANGE[leg.departure_stop].upper(),
            arrival_stop=STRANGE[leg.arrival_stop],
        )
        for leg in legs
    )
    home = score(TRIP, route_text(tuple(legs)), network=DEMO, reward=reward)
    abroad = score(ABROAD, route_text(renamed), network=RENAMED, reward=reward)
    assert (abroad.total, abroad.reasons) == (home.total, home.reasons)


@pytest.mark.parametrize("reward", METHODS)
def test_a_question_that_cannot_be_graded_is_refused(reward: str) -> None:
    with pytest.raises(RecordError, match="network"):
        score(TRIP, RIGHT, reward=reward)
    with pytest.raises(RecordError, match="type: found 'poem'"):
        score(replace(COUNT, type="poem"), "8", reward=reward)


def test_importing_the_package_does_not_load_the_methods() -> None:
    program = "import sys, rm_rewards; print([m for m in sys.modules if 'methods' in m])"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"
