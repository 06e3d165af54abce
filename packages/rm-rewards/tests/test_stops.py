import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_rewards import Line, Network, Question, Station, gold_answer, grades_stops, score
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


def test_only_counting_questions_that_know_their_stops_are_graded_so() -> None:
    assert grades_stops(ASKED)
    for change in ({"fine_grained_answer": None}, {"fine_grained_answer": ()}, {"type": "TorF1"}):
        other = Question(**{"id": "q", "type": "Counting1", "question": "?", "answer": 1, **change})  # pyright: ignore[reportArgumentType]
        assert not grades_stops(other)
        assert score(other, "Via Stops: Holly\n\\boxed{A}").detail == 0.0


@given(st.lists(st.sampled_from([*VIA, "Aspen", "Rose", "Ivy"])), st.sampled_from(["Rose", "Lime"]))
def test_a_wrong_stop_never_helps(listed: list[str], wrong: str) -> None:
    before = score(ASKED, f"Via Stops: {', '.join(listed)}\n\\boxed{{A}}").detail
    after = score(ASKED, f"Via Stops: {', '.join([*listed, wrong])}\n\\boxed{{A}}").detail
    assert 0 <= after <= before <= 0.9


@given(st.text())
def test_reading_stops_never_raises(text: str) -> None:
    assert all(listed_stops(f"Via Stops: {text}"))
