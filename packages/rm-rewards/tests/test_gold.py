import pytest

from rm_rewards import Leg, Question, RecordError, gold_answer, route_text, score

LEGS = (
    Leg(route_name="1", departure_stop="A", arrival_stop="B"),
    Leg(route_name="2", departure_stop="B", arrival_stop="C"),
)


@pytest.mark.parametrize(
    ("kind", "answer", "text"),
    [
        ("TorF1", 1, r"\boxed{yes}"),
        ("TorF2", 0, r"\boxed{no}"),
        ("Counting1", 3, r"\boxed{D}"),
        ("Counting2", 12, r"\boxed{12}"),
    ],
)
def test_a_short_answer_is_written_in_a_box(kind: str, answer: int, text: str) -> None:
    assert gold_answer(Question(id="q", type=kind, question="?", answer=answer)) == text


def test_a_route_is_written_in_the_short_form() -> None:
    question = Question(id="q", type="planning", question="?", routes=(LEGS,))
    assert (
        gold_answer(question)
        == route_text(LEGS)
        == (
            "Route Name: 1\nDeparture Stop: A\nArrival Stop: B\n--\n"
            "Route Name: 2\nDeparture Stop: B\nArrival Stop: C"
        )
    )


@pytest.mark.parametrize(("kind", "field"), [("planning", "routes"), ("Riddle", "answer")])
def test_a_question_without_its_answer_has_no_gold(kind: str, field: str) -> None:
    with pytest.raises(RecordError) as raised:
        gold_answer(Question(id="q", type=kind, question="?"))
    assert raised.value.field == field


@pytest.mark.parametrize(
    ("asked", "first", "second"),
    [
        ("... Number of Via Stops: x ...", "Number of Via Stops: 2", "Number of Via Stops: 0"),
        ("... Via Stops: xx Station ...", "Via Stops: Pine, Elm", "Via Stops: none"),
    ],
)
def test_a_route_is_written_with_the_stops_in_between_where_the_prompt_asks_for_them(
    asked: str, first: str, second: str
) -> None:
    legs = (
        Leg(route_name="Red", departure_stop="A", arrival_stop="B", via_stops=("Pine", "Elm")),
        Leg(route_name="Blue", departure_stop="B", arrival_stop="C"),
    )
    question = Question(id="q", type="planning", question=asked, routes=(legs,))
    reply = gold_answer(question)
    assert reply == (
        f"Route Name: Red\nDeparture Stop: A\nArrival Stop: B\n{first}\n--\n"
        f"Route Name: Blue\nDeparture Stop: B\nArrival Stop: C\n{second}"
    )
    reward = score(question, reply)
    assert (reward.correct, reward.format, reward.reasons) == (True, 1.0, ())
