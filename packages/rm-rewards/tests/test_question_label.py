from __future__ import annotations

import json
from collections import deque
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_rewards import Leg, Question, RecordError
from rm_rewards.adapters import decode_question, encode_question
from rm_rewards.adapters.question_label import TAG

TRIP = Question(
    id="q1",
    type="planning",
    question="From Alpha to Hotel?",
    city="demo",
    country="nowhere",
    station_1="Alpha",
    station_2="Hotel",
    routes=((Leg(route_name="Red Line", departure_stop="Alpha", arrival_stop="Hotel"),),),
    question_transfer_count=1,
    difficulty_city="hard",
)
COUNT = Question(
    id="q2",
    type="Counting1",
    question="Which?",
    answer=2,
    options=("1", "2", "3", "4"),
    fine_grained_answer=("Bravo", "Charlie"),
)
YES = Question(
    id="q3",
    type="TorF1",
    question="Is it?",
    answer=0,
    json={"Red Line": ("Alpha", "二号站")},
    fine_grained_answer={"Alpha": ("Red Line",)},
)


@pytest.mark.parametrize("question", [TRIP, COUNT, YES], ids=lambda q: q.type)
def test_a_question_comes_back_as_it_was(question: Question) -> None:
    label = encode_question(question)
    assert "\n" not in label
    assert decode_question(label) == question
    assert decode_question(json.loads(label)) == question
    assert decode_question(question) is question


@given(
    id=st.text(min_size=1).filter(lambda text: not any("\ud800" <= c <= "\udfff" for c in text)),
    question=st.text(st.characters(codec="utf-8")),
    answer=st.integers(0, 999_999),
    line=st.none() | st.text(st.characters(codec="utf-8")),
)
def test_any_text_survives_the_label(id: str, question: str, answer: int, line: str | None) -> None:  # noqa: A002 - the field's name
    asked = Question(id=id, type="Counting2", question=question, answer=answer, line=line)
    assert decode_question(encode_question(asked)) == asked


def test_fields_at_their_default_are_left_out() -> None:
    asked = Question(id="q", type="Counting2", question="?", answer=0)
    assert json.loads(encode_question(asked)) == {
        "schema": TAG,
        "id": "q",
        "type": "Counting2",
        "question": "?",
        "answer": 0,
    }


def test_paths_become_absolute_where_the_folder_is_known(tmp_path: Path) -> None:
    asked = Question(
        id="q",
        type="planning",
        question="?",
        network="maps/a.json",
        figure="maps/a.png",
        json="/elsewhere/b.json",
    )
    found = decode_question(encode_question(asked, tmp_path))
    assert found.network == str(tmp_path / "maps/a.json")
    assert found.figure == str(tmp_path / "maps/a.png")
    assert found.json == "/elsewhere/b.json"
    assert decode_question(encode_question(asked)) == asked


def test_what_a_table_fills_with_none_is_as_good_as_absent() -> None:
    row = {
        "id": "q",
        "type": "planning",
        "question": "?",
        "city": None,
        "json": {"Red Line": ["Alpha", "Bravo"], "Line of another row": None},
        "routes": [[{"route_name": "R", "departure_stop": "A", "arrival_stop": "B",
                     "via_stops": None}]],
    }  # fmt: skip
    found = decode_question(row)
    assert found.city == ""
    assert found.json == {"Red Line": ("Alpha", "Bravo")}
    assert found.routes == ((Leg(route_name="R", departure_stop="A", arrival_stop="B"),),)


def test_a_table_may_hold_its_lists_as_arrays() -> None:
    row = {"id": "q", "type": "Counting1", "question": "?", "answer": 1}
    found = decode_question({**row, "options": deque("ABCD")})
    assert found.options == ("A", "B", "C", "D")
    with pytest.raises(RecordError, match=r"label: found .*complex.*, expected texts, numbers"):
        decode_question({**row, "line": 1j})


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("", "label: found '', expected the JSON text that encode_question makes"),
        ("yes", "label: found 'yes', expected the JSON text"),
        ("[1]", r"label: found \[1\], expected the JSON object"),
        ('{"schema": "other"}', "label.schema: found 'other', expected 'rm-rewards/question-1'"),
        ('{"id": "q"}', "label: type: found None, expected a value: the field is missing"),
        ('{"id": "q", "type": "TorF1", "question": "?", "answer": 2}', "label: answer: found 2"),
        ("[" * 100_000, "label: found"),
    ],
)
def test_a_label_that_cannot_be_used_says_what_is_wrong(label: str, said: str) -> None:
    with pytest.raises(RecordError, match=said):
        decode_question(label)
