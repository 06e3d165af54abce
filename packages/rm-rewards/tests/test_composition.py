from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_rewards import Leg, Question, RecordError, reward_spec, route_text, score
from rm_rewards.composition import Composition, Part, rewards_of
from rm_rewards.jsonl import read_network
from rm_rewards.parts import KINDS, Kind, each

DEMO = read_network(Path(__file__).parent / "data/demo.json")
COUNT = Question(id="n", type="Counting2", question="How many?", answer=8)
PLAN = Question(
    id="p", type="planning", question="?", station_1="Alpha Station", station_2="Hotel Station"
)
GOLD = (
    Leg(route_name="Red Line", departure_stop="Alpha", arrival_stop="Charlie"),
    Leg(route_name="Blue Line", departure_stop="Charlie", arrival_stop="Hotel"),
)
FORM = Part(name="form", kind=KINDS["format"])
RIGHT = Part(name="right", kind=KINDS["correctness"])
DETAIL = Part(name="detail", kind=KINDS["detail"], weight=0.5)
BRIEF = Part(name="brief", kind=KINDS["brevity"], gate="right", options={"limit": 100.0})
TEXTS = st.one_of(
    st.text(),
    st.sampled_from(["\\boxed{8}", "8", "\\boxed{9}", "so so so so so so so so", route_text(GOLD)]),
    st.just(route_text(GOLD[:1])),
)


def test_the_same_parts_give_the_same_total_as_the_named_reward() -> None:
    made = Composition(name="mine", parts=(FORM, RIGHT, DETAIL))
    texts = [route_text(GOLD), route_text(GOLD[:1]), "", "Red Line: Alpha -> Charlie"]
    own = rewards_of(made, PLAN, texts, DEMO)
    named = rewards_of(reward_spec("rewardmap"), PLAN, texts, DEMO)
    assert [r.total for r in own] == [r.total for r in named]
    assert made.bounds == (0.0, 2.5)


def test_a_gate_shuts_out_what_a_wrong_reply_would_earn() -> None:
    made = Composition(name="mine", parts=(RIGHT, BRIEF))
    right, wrong = made.score_group(COUNT, ["\\boxed{8}", "\\boxed{9}"])
    assert right.components["brief"].value == wrong.components["brief"].value == 0.91
    assert (right.reward.total, wrong.reward.total) == (1.0 + 0.91, 0.0)
    assert (right.components["brief"].open, wrong.components["brief"].open) == (True, False)
    assert made.bounds == (0.0, 2.0)


def test_a_part_of_the_whole_group_sees_the_group() -> None:
    quick = Part(name="quick", kind=KINDS["shortest"], options={"at_least": 5.0})
    agree = Part(name="agree", kind=KINDS["agreement"], weight=0.0)
    made = Composition(name="mine", parts=(RIGHT, quick, agree))
    texts = ["8", "I say \\boxed{8}", "\\boxed{8}", "\\boxed{9}"]
    found = made.score_group(COUNT, texts)
    assert [c.components["quick"].value for c in found] == [0.0, 0.0, 1.0, 0.0]
    assert [c.components["agree"].value for c in found] == [0.75, 0.75, 0.75, 0.25]
    assert [c.reward.total for c in found] == [1.0, 1.0, 2.0, 0.0]


def test_repeated_runs_of_words_are_found() -> None:
    again = Part(name="again", kind=KINDS["repetition"], weight=-0.5)
    made = Composition(name="mine", parts=(RIGHT, again))
    words = "a b c d e f"
    found = made.score_group(COUNT, [f"{words} {words}", words, "\\boxed{8}"])
    values = [c.components["again"].value for c in found]
    assert values == [pytest.approx(1 / 7), 0.0, 0.0]
    assert made.bounds == (-0.5, 1.0)


def test_the_version_changes_with_each_number_and_with_nothing_else() -> None:
    made = Composition(name="mine", parts=(RIGHT, BRIEF))
    same = Composition(name="mine", parts=(RIGHT, BRIEF))
    other = Composition(
        name="mine",
        parts=(RIGHT, Part(name="brief", kind=KINDS["brevity"], gate="right")),
    )
    assert made.version == same.version
    assert made.version.startswith("mine-1.0.0+")
    assert made.version != other.version
    assert made.score_group(COUNT, ["8"])[0].reward.reward_version == made.version


WRONG_PARTS = [
    ((), "parts: found ()"),
    ((RIGHT, RIGHT), "parts.right: found 'right', expected a name that no other part has"),
    ((BRIEF, RIGHT), "parts.brief.gate: found 'right', expected an earlier part"),
    ((Part(name="a", kind=KINDS["format"], weight=float("nan")),), "parts.a.weight: found nan"),
    (
        (RIGHT, Part(name="a", kind=KINDS["format"], options={"limit": 1.0})),
        "parts.a.limit: found 'limit', expected an option of format: no options",
    ),
    ((FORM,), "parts: found 'a right reply 1 points below a wrong one'"),
    ((RIGHT, Part(name="a", kind=KINDS["brevity"], weight=2.0)), "found 'a right reply 1 points"),
]


@pytest.mark.parametrize(("parts", "message"), WRONG_PARTS)
def test_parts_that_cannot_be_used_are_refused(parts: tuple[Part, ...], message: str) -> None:
    with pytest.raises(RecordError) as caught:
        Composition(name="mine", parts=parts)
    assert message in str(caught.value)


def test_a_reward_that_inverts_must_say_so() -> None:
    made = Composition(name="mine", parts=(FORM,), inversions=True)
    assert made.score_group(COUNT, ["\\boxed{9}"])[0].reward.total == 1.0


def test_values_outside_the_range_are_clipped_and_their_number_is_checked() -> None:
    wild = Kind(name="wild", of=each(lambda s, _: float("nan") if s.text else 7.0))
    made = Composition(name="m", parts=(Part(name="w", kind=wild),), inversions=True)
    assert [c.reward.total for c in made.score_group(COUNT, ["", "x"])] == [1.0, 0.0]
    short = Kind(name="short", of=lambda samples, _: [0.0] * (len(samples) - 1))
    made = Composition(name="m", parts=(Part(name="s", kind=short),), inversions=True)
    with pytest.raises(RecordError, match=r"parts.s: found 1, expected one value for each of 2"):
        made.score_group(COUNT, ["", "x"])


@given(
    st.sampled_from([COUNT, PLAN]),
    st.lists(TEXTS, min_size=1, max_size=5),
    st.lists(st.floats(-2, 2), min_size=4, max_size=4),
    st.booleans(),
)
def test_any_weights_that_are_accepted_hold_their_promises(
    question: Question, texts: list[str], weights: list[float], gated: bool
) -> None:
    extra = [
        Part(name=name, kind=KINDS[name], weight=w, gate="right" if gated else None)
        for name, w in zip(("format", "detail", "brevity", "repetition"), weights, strict=True)
    ]
    try:
        made = Composition(name="any", parts=(RIGHT, *extra))
    except RecordError:
        return
    found = made.score_group(question, texts, network=DEMO)
    low, high = made.bounds
    assert found == made.score_group(question, texts, network=DEMO)
    assert all(low - 1e-9 <= c.reward.total <= high + 1e-9 for c in found)
    assert {tuple(c.components) for c in found} == {tuple(p.name for p in made.parts)}
    right = [c.reward.total for c in found if c.reward.correct]
    wrong = [c.reward.total for c in found if not c.reward.correct]
    assert min(right, default=high) >= max(wrong, default=low) - 1e-9


def test_a_group_of_no_replies_has_no_rewards() -> None:
    assert Composition(name="m", parts=(RIGHT,)).score_group(COUNT, []) == []
    assert score(COUNT, "8").correct
