from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_rewards import Leg, Question, RecordError, reward_spec, route_text, score
from rm_rewards.composition import Composition, Part
from rm_rewards.composition_file import composition_from
from rm_rewards.jsonl import read_network
from rm_rewards.methods.kinds import METHOD_KINDS, box_iou, boxes_found, map_drawn
from rm_rewards.methods.vlm_r1 import Found
from rm_rewards.parts import KINDS, Aside, Kind
from rm_rewards.specs import SPECS

DEMO = read_network(Path(__file__).parent / "data/demo.json")
COUNT = Question(id="n", type="Counting2", question="How many?", answer=8)
STOPS = Question(
    id="c",
    type="Counting1",
    question="How many?",
    answer=2,
    options=("1", "2", "3", "4"),
    fine_grained_answer=("Bravo", "Charlie", "Delta"),
)
PLAN = Question(
    id="p", type="planning", question="?", station_1="Alpha Station", station_2="Hotel Station"
)
RED = Leg(route_name="Red Line", departure_stop="Alpha", arrival_stop="Charlie")
BLUE = Leg(route_name="Blue Line", departure_stop="Charlie", arrival_stop="Hotel")
GOLD, FIRST = route_text((RED, BLUE)), route_text((RED,))
BACK = route_text(
    tuple(
        replace(leg, departure_stop=leg.arrival_stop, arrival_stop=leg.departure_stop)
        for leg in (BLUE, RED)
    )
)
SEEN = "<observe>o</observe><think>t</think><answer>{}</answer>"
RIGHT = Part(name="right", kind=KINDS["correctness"])


def _values(
    kind: str | Kind, question: Question, texts: list[str], *, asides: list[Aside] | None = None
) -> list[float]:
    part = Part(name="own", kind=METHOD_KINDS[kind] if isinstance(kind, str) else kind, weight=0.0)
    made = Composition(name="m", parts=(RIGHT, part))
    found = made.score_group(question, texts, network=DEMO, asides=asides)
    return [each.components["own"].value for each in found]


BOX, OFF = r"\boxed{8}", r"\boxed{7}"
EACH = [
    ("star_r1", PLAN, [GOLD, FIRST, ""], [1.0, 0.5, 0.0]),
    ("hfrrf", PLAN, [GOLD, FIRST, "Red Line: Alpha -> Charlie"], [1.0, 0.0, 0.0]),
    ("hfrrf", COUNT, [BOX, "8", OFF], [1.0, 0.0, 0.0]),
    ("hfrrf_gated", COUNT, [BOX, "8", OFF], [1.0, 0.0, 0.0]),
    ("hfrrf_gated", PLAN, [GOLD, FIRST, ""], [1.0, 0.5 * 5 / 11, 0.0]),
    ("grounded_prm", PLAN, [GOLD, FIRST, ""], [1.0, -0.2, -1.0]),
    ("observe_format", COUNT, [SEEN.format(8), SEEN.format("?"), BOX], [0.5, 0.0, 0.0]),
    ("cosine_length", COUNT, ["8" + " " * 2047, "8" + " " * 5000, OFF], [0.75, 0.5, -0.5]),
    ("word_repetition", COUNT, ["a b c d e f a b c d e f", BOX], [-1 / 7, 0.0]),
    ("mra", COUNT, [BOX, r"\boxed{6}", r"\boxed{99}", "?"], [1.0, 0.6, 0.0, 0.0]),
    ("mra", STOPS, [r"\boxed{C}", r"\boxed{A}"], [1.0, 0.0]),
    ("station_order", STOPS, ["Via Stops: Bravo, Charlie, Delta", "Via Stops: Bravo"], [1.0, 0.0]),
    ("station_order", COUNT, ["Via Stops: Bravo, Charlie"], [0.0]),
    ("thought_then_answer", COUNT, ["<think>a</think><answer>8</answer>", BOX], [1.0, 0.0]),
    ("consistent", COUNT, [f"<think>7</think>{OFF}", f"<think>8</think>{OFF}", OFF], [1, 0, 0]),
    ("observe_weight", COUNT, [BOX, OFF], [1.8, 1.8]),
    ("observe_weight", COUNT, [BOX, BOX], [0.0, 0.0]),
    ("copo_entropy", COUNT, [BOX, OFF], [1.0, 1.0]),
    ("copo_entropy", COUNT, [BOX, BOX], [0.0, 0.0]),
    ("copo_entropy", COUNT, [BOX], [0.0]),
    ("copo_coefficient", COUNT, [BOX, OFF], [0.5, 0.5]),
]


@pytest.mark.parametrize(("kind", "question", "texts", "values"), EACH)
def test_each_method_is_a_part(
    kind: str, question: Question, texts: list[str], values: list[float]
) -> None:
    assert _values(kind, question, texts) == pytest.approx(values, abs=1e-3)


def test_the_bonus_of_observe_r1_looks_at_the_group_and_at_the_tokens_where_they_are_known() -> (
    None
):
    long, longer = BOX + "." * 500, BOX + "." * 900
    assert _values("observe_bonus", COUNT, [BOX, longer, long, OFF]) == [0.0, 0.0, 0.2, 0.0]
    asides = [Aside(tokens=count) for count in (120, 110, 101, 5)]
    assert _values("observe_bonus", COUNT, [BOX, longer, long, OFF], asides=asides)[2] == 0.2
    asides = [Aside(tokens=count) for count in (105, 110, 90, 5)]
    assert _values("observe_bonus", COUNT, [BOX, longer, long, OFF], asides=asides)[0] == 0.2


def test_the_bonus_of_care_needs_likelihoods() -> None:
    asides = [Aside(likelihood=p) for p in (0.9, 0.4, 0.8)]
    assert _values("care_bonus", COUNT, [BOX, BOX, OFF], asides=asides) == [0.5, 0.0, 0.0]
    with pytest.raises(RecordError, match=r"parts.own.likelihood: found None, .*asides="):
        _values("care_bonus", COUNT, [BOX])


def test_a_twin_must_agree_with_a_right_reply() -> None:
    seconds = [Aside(second=text) for text in (BACK, GOLD, BACK)]
    assert _values("pair_agrees", PLAN, [GOLD, GOLD, FIRST], asides=seconds) == [1.0, 0.0, 0.0]
    same = Question(id="t", type="TorF1", question="One line?", answer=1)
    twins = [Aside(second=text) for text in ("yes", "no", "no")]
    assert _values("pair_agrees", same, ["yes", "yes", "no"], asides=twins) == [1.0, 0.0, 0.0]


def test_a_route_that_survives_the_loss_of_its_line_was_not_read() -> None:
    around = route_text((Leg(route_name="Violet Line", departure_stop="A", arrival_stop="H"),))
    asides = [Aside(second=text, removed="Blue Line") for text in (around, GOLD)]
    assert _values("removal", PLAN, [GOLD, GOLD], asides=asides) == [0.5, -0.2]


def test_what_needs_boxes_or_positions_is_made_for_them() -> None:
    said = "<answer>[0, 0, 5, 5]</answer>"
    kind = box_iou({"n": (0, 0, 10, 10)}, model=(50, 50), image=(100, 100))
    assert _values(kind, COUNT, [said, "8"]) == [1.0, 0.0]
    listed = '<answer>[{"bbox_2d": [0, 0, 5, 5], "label": "bus"}]</answer>'
    assert _values(boxes_found({"n": [Found((0, 0, 5, 5), "bus")]}), COUNT, [listed, ""]) == [1, 0]
    drawn = '<map>{"table": [[2, 3]]}</map>'
    kind = map_drawn({"n": {"table": [(2, 3)]}})
    assert _values(kind, COUNT, [drawn + BOX, drawn + OFF, BOX]) == [1.0, 0.0, 0.0]
    with pytest.raises(RecordError, match="true: found 'n', expected the truth of that question"):
        _values(map_drawn({}), COUNT, [drawn])


def test_every_kind_can_be_named_in_a_file() -> None:
    for name, kind in METHOD_KINDS.items():
        parts = {"right": {"use": "correctness"}, "own": {"use": name, "weight": 0.0}}
        made = composition_from({"name": "m", "parts": parts})
        assert made.parts[1].kind is kind
        assert kind.name == name
        assert kind.meaning
        assert made.whole == (("own",) if kind.whole else ())
    assert not KINDS.keys() & METHOD_KINDS.keys()


TEXTS = st.one_of(
    st.text(),
    st.sampled_from(
        [GOLD, FIRST, BOX, OFF, "8", SEEN.format(8), "<think>8</think>8", f"{OFF}{BOX}"]
    ),
    st.sampled_from([f"The answer is 7. {BOX}", f"{FIRST}\n<answer>{GOLD}</answer>"]),
)


@given(
    st.sampled_from([COUNT, PLAN]),
    st.lists(TEXTS, min_size=1, max_size=4),
    st.sampled_from(sorted(METHOD_KINDS)),
)
def test_values_keep_to_their_range_and_right_replies_to_their_lead(
    question: Question, texts: list[str], name: str
) -> None:
    kind = METHOD_KINDS[name]
    asides = [Aside(likelihood=0.5, second=text, removed="Red Line") for text in texts]
    part = Part(name="own", kind=kind, weight=0.0)
    made = Composition(name="m", parts=(RIGHT, part))
    found = made.score_group(question, texts, network=DEMO, asides=asides)
    values = [each.components["own"].value for each in found]
    assert all(kind.range[0] <= value <= kind.range[1] for value in values)
    right = [v for v, each in zip(values, found, strict=True) if each.reward.correct]
    wrong = [v for v, each in zip(values, found, strict=True) if not each.reward.correct]
    low, high = kind.lead
    assert all(low - 1e-9 <= a - b <= high + 1e-9 for a in right for b in wrong)


def test_a_method_that_judges_anew_is_not_trusted_under_a_base_that_judges_otherwise() -> None:
    share = Part(name="share", kind=METHOD_KINDS["star_r1"], weight=2.0)
    Composition(name="m", parts=(RIGHT, share))
    for base in (SPECS["paper"], replace(reward_spec("rewardmap"), name="any", accept="any")):
        with pytest.raises(RecordError, match="a right reply 1 points below a wrong one"):
            Composition(name="m", parts=(RIGHT, share), base=base)


def test_the_named_rewards_can_be_built_of_parts() -> None:
    form = Part(name="form", kind=KINDS["format"])
    made = Composition(
        name="star", parts=(form, RIGHT, Part(name="share", kind=METHOD_KINDS["star_r1"]))
    )
    for question, texts in ((PLAN, [GOLD, FIRST, ""]), (COUNT, [BOX, "8", OFF])):
        own = [c.reward.total for c in made.score_group(question, texts, network=DEMO)]
        assert own == [score(question, t, network=DEMO, reward="star-r1").total for t in texts]
