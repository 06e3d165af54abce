from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_rewards import Line, Network, Question, Station, gold_answer, grades_stops, score
from rm_rewards.adapters import LabelScorer, encode_question
from rm_rewards.jsonl import Networks, write
from rm_rewards.stops import listed_stops

VIA = ("Holly", "Pine", "Oak", "Elm")
ASKED = Question(
    id="q",
    type="Counting1",
    question="How many?",
    answer=3,
    options=("6", "3", "5", "4"),
    station_1="Aspen",
    station_2="Fern",
    fine_grained_answer=VIA,
)

LISTS = [
    ("Via Stops: Holly, Pine", ("Holly", "Pine")),
    ("via stops: Holly; Pine.", ("Holly", "Pine")),
    ("**Via Stops:** Holly, **Pine**", ("Holly", "Pine")),
    ("- Intermediate Stops: Holly -> Pine", ("Holly", "Pine")),
    ("Intermediate stations: Holly → Pine", ("Holly", "Pine")),
    ("The stops between: Holly, Pine", ("Holly", "Pine")),
    ("Stations in between： Holly、Pine", ("Holly", "Pine")),
    ("中间站：苹果园、古城", ("苹果园", "古城")),
    ("Via Stops:\nHolly, Pine", ()),
    (r"Via Stops: Holly, Pine \boxed{D}", ("Holly", "Pine")),
    ("Via Stops: Elm\nNo, once more.\nVia Stops: Holly", ("Holly",)),
    ("<think>Via Stops: Elm</think>Via Stops: Holly", ("Holly",)),
    ("<think>Via Stops: Elm</think>D", ()),
    ("I pass Holly and Pine.", ()),
    ("Via Stops: , ,", ()),
]


@pytest.mark.parametrize(("text", "stops"), LISTS)
def test_the_stops_are_read_from_their_labelled_line(text: str, stops: tuple[str, ...]) -> None:
    assert listed_stops(text) == stops


@pytest.mark.parametrize(
    ("listed", "detail"),
    [
        ("", 0.0),
        ("Holly", 0.25),
        ("Holly, Pine", 0.5),
        ("PINE station, holly", 0.5),
        ("Holly, Holly", 0.0),
        ("Holly, Pine, Maple", 0.25),
        ("Aspen, Holly, Pine, Oak, Fern", 0.75),
        ("Holly, Pine, Oak, Elm", 0.9),
        ("Holly, Pine, Oak, Elm, Maple, Lime, Rose, Ivy", 0.0),
        ("Maple, Lime", 0.0),
    ],
)
def test_a_wrong_letter_keeps_the_credit_for_its_stops(listed: str, detail: float) -> None:
    reward = score(ASKED, f"Via Stops: {listed}\n\\boxed{{A}}")
    assert (reward.correct, reward.detail) == (False, pytest.approx(detail))
    assert reward.total == pytest.approx(1 + 0.5 * detail)


@pytest.mark.parametrize("text", [r"\boxed{D}", "Via Stops: Rose\n\\boxed{D}", "D"])
def test_a_right_letter_has_all_the_detail(text: str) -> None:
    reward = score(ASKED, text)
    assert (reward.correctness, reward.detail) == (1.0, 1.0)
    assert reward.total > score(ASKED, f"Via Stops: {', '.join(VIA)}\n\\boxed{{A}}").total


def test_the_gold_answer_has_full_marks() -> None:
    assert score(ASKED, gold_answer(ASKED)).total == 2.5
    assert score(ASKED, gold_answer(ASKED), reward="sparse").total == 2.0
    assert score(ASKED, gold_answer(ASKED), reward="paper").detail == 0.0


def test_a_stop_is_known_by_the_aliases_of_the_network() -> None:
    stations = tuple(Station(id=n, name=n) for n in ("Aspen", *VIA[1:], "Fern"))
    holly = Station(id="h", name="Holly", aliases=("冬青",))
    network = Network(
        city="c",
        lines=(Line(name="1", paths=(("Aspen", "h", *VIA[1:], "Fern"),)),),
        stations=(*stations, holly),
    )
    assert score(ASKED, "Via Stops: 冬青\n\\boxed{A}", network=network).detail == 0.25


@pytest.mark.parametrize("via", [VIA, (), None])
def test_every_counting_question_has_the_same_full_marks(via: tuple[str, ...] | None) -> None:
    asked = replace(ASKED, fine_grained_answer=via)
    assert grades_stops(asked)
    assert score(asked, gold_answer(asked)).total == 2.5
    assert score(asked, "D").total == 1.5
    assert score(asked, r"\boxed{A}").total == 1.0


def test_nothing_is_earned_by_stops_where_none_are_known() -> None:
    for via in ((), None):
        asked = replace(ASKED, fine_grained_answer=via)
        for listed in ("", "none", "Holly, Pine"):
            assert score(asked, f"Via Stops: {listed}\n\\boxed{{A}}").detail == 0.0
    assert not grades_stops(replace(ASKED, type="TorF1", answer=1))


ROAD = ("Aspen", *VIA, "Fern")
DETOUR = ("Aspen", "Rose", "Ivy", "Fern")


def _town(**lines: tuple[str, ...]) -> Network:
    names = dict.fromkeys(name for path in lines.values() for name in path)
    return Network(
        city="c",
        lines=tuple(Line(name=name, paths=(path,)) for name, path in lines.items()),
        stations=tuple(Station(id=name, name=name) for name in names),
    )


@pytest.mark.parametrize(
    ("network", "line", "detail"),
    [
        (None, None, 0.0),
        (_town(Green=ROAD), None, 0.5),
        (_town(Green=ROAD), "Green", 0.5),
        (_town(Green=ROAD, Red=DETOUR), None, 0.5),
        (_town(Green=ROAD, Red=DETOUR), "Red", 0.0),
        (_town(Green=ROAD, Blue=("Aspen", "Holly", "Pine", "Rose", "Ivy", "Fern")), None, 0.0),
        (_town(Green=ROAD, Blue=("Aspen", "Holly", "Pine", "Rose", "Ivy", "Fern")), "Green", 0.5),
        (_town(Green=("Aspen", "Holly"), Red=("Pine", "Fern")), None, 0.0),
    ],
)
def test_stops_that_the_question_does_not_tell_come_from_the_network(
    network: Network | None, line: str | None, detail: float
) -> None:
    asked = replace(ASKED, fine_grained_answer=None, line=line)
    found = score(asked, "Via Stops: Holly, Pine\n\\boxed{A}", network=network)
    assert found.detail == detail


def test_the_network_of_a_counting_question_is_read_where_it_is_there(tmp_path: Path) -> None:
    asked = replace(ASKED, fine_grained_answer=None, network="town.json")
    assert Networks(tmp_path).to_judge(asked) is None
    write([_town(Green=ROAD)], tmp_path / "town.json")
    assert Networks(tmp_path).to_judge(asked) == _town(Green=ROAD)
    assert Networks(tmp_path).to_judge(replace(asked, fine_grained_answer=VIA)) is None
    reply = "Via Stops: Holly, Pine\n\\boxed{A}"
    label = encode_question(asked, tmp_path)
    assert LabelScorer()(label, reply).reward.detail == 0.5


@given(st.lists(st.sampled_from([*VIA, "Aspen", "Rose", "Ivy"])), st.sampled_from(["Rose", "Lime"]))
def test_a_wrong_stop_never_helps(listed: list[str], wrong: str) -> None:
    before = score(ASKED, f"Via Stops: {', '.join(listed)}\n\\boxed{{A}}").detail
    after = score(ASKED, f"Via Stops: {', '.join([*listed, wrong])}\n\\boxed{{A}}").detail
    assert 0 <= after <= before <= 0.9


@given(st.text())
def test_reading_stops_never_raises(text: str) -> None:
    assert all(listed_stops(f"Via Stops: {text}"))
