"""The order as a file: rows in, rows out, and what a trainer makes of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.data import BatchSampler, SequentialSampler

from rm_curriculum import SCHEDULES, Curriculum, CurriculumError
from rm_curriculum.adapters.row_fields import QuestionRow, question_fields
from rm_curriculum.adapters.rows_file import read_records, read_rows, write_rows
from rm_curriculum.adapters.static_plan import batches, cut, findings, stages_of
from rm_rewards import QUESTION_TYPES, Question, RecordError
from rm_rewards.adapters import encode_question

PLANNED = [name for name, schedule in SCHEDULES.items() if not schedule.reactive]
LEVELS = ("easy", "middle", "hard")


def rows(count: int) -> list[QuestionRow]:
    return [
        QuestionRow(id=f"q{i}", type=QUESTION_TYPES[i % 6], difficulty_question=LEVELS[i % 3])
        for i in range(count)
    ]


def trained(order: Sequence[str], size: int, *, drop_last: bool) -> list[list[str]]:
    """The steps that torch's own loader makes of rows in that order."""
    places = BatchSampler(SequentialSampler(order), size, drop_last)
    return [[order[place] for place in step] for step in places]


@pytest.mark.parametrize("schedule", PLANNED)
@pytest.mark.parametrize("size", [1, 5, 16])
def test_a_filled_order_is_dealt_whole_and_one_stage_a_step_by_a_trainer_that_drops_the_tail(
    schedule: str, size: int
) -> None:
    questions = rows(47)
    made = list(batches(Curriculum(questions, schedule, 3, epochs=2), size, fill=True))
    order = [one for batch in made for one in batch.ids]
    steps = trained(order, size, drop_last=True)
    assert steps == [list(batch.ids) for batch in made]
    assert findings(stages_of(made), size, drop_last=True) == []
    plain = [
        one for b in Curriculum(questions, schedule, 3, epochs=2).batches(size) for one in b.ids
    ]
    assert set(plain) <= set(order)
    assert len(order) >= len(plain)


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=60), st.integers(1, 9), st.booleans())
@settings(max_examples=200)
def test_what_is_told_of_an_order_is_what_torch_makes_of_it(
    stages: list[str], size: int, drop_last: bool
) -> None:
    steps = trained(stages, size, drop_last=drop_last)
    made = cut(stages, size, drop_last=drop_last)
    assert made.steps == len(steps)
    assert [i for i, step in enumerate(steps) if len(set(step)) > 1] == list(made.mixed)
    assert len(made.dropped) == len(stages) - sum(map(len, steps))
    assert made.short == (len(steps[-1]) % size if steps else 0)
    assert bool(findings(stages, size, drop_last=drop_last)) == bool(made.mixed or made.dropped)


def test_the_findings_name_steps_rows_and_stages() -> None:
    stages = ["judgement"] * 6 + ["planning"] * 5
    assert findings(stages, 4, drop_last=True) == [
        "1 of 2 steps mix stages; the first is step 1 (rows 4 to 7): judgement, planning",
        "the last 3 of 11 rows do not fill a step of 4 and are dropped: 3 planning",
    ]
    assert len(findings(stages, 4, drop_last=False)) == 1
    assert findings(stages[:4], 4, drop_last=True) == []
    with pytest.raises(CurriculumError, match="batch: found 0"):
        cut(stages, 0, drop_last=True)


def test_a_schedule_that_reacts_has_no_plan() -> None:
    with pytest.raises(CurriculumError, match="'bandit' reacts to what the questions earn"):
        next(batches(Curriculum(rows(12), "bandit"), 4, fill=False))


ASKED = Question(id="a", type="TorF1", question="?", answer=1)


@pytest.mark.parametrize(
    "row",
    [
        {"id": "a", "type": "TorF1", "prompt": "?"},
        {"prompt": "?", "extra_info": {"id": "a", "type": "TorF1", "index": 3}},
        {"problem": "?", "answer": encode_question(ASKED)},
        {"messages": [], "label": encode_question(ASKED)},
        {"reward_model": {"style": "rule", "ground_truth": encode_question(ASKED)}},
    ],
)
def test_the_rows_of_every_trainer_say_which_question_they_are(row: dict[str, object]) -> None:
    found = question_fields(row)
    assert (found["id"], found["type"]) == ("a", "TorF1")


@pytest.mark.parametrize("row", [{}, {"answer": "{"}, {"answer": "yes"}, {"extra_info": 3}])
def test_a_row_that_says_nothing_is_given_back(row: dict[str, object]) -> None:
    assert question_fields(row) == row


def write_jsonl(path: Path, records: Sequence[Mapping[str, Any]]) -> Path:
    text = "".join(json.dumps(one, ensure_ascii=False) + "\r\n\n" for one in records)
    path.write_bytes(text.encode())
    return path


RECORDS = [
    {"id": f"q{i}", "type": QUESTION_TYPES[i % 6], "text": f"« {i} » ö\u2028", "n": [i, None]}
    for i in range(7)
]


def test_lines_of_json_stay_as_they_are(tmp_path: Path) -> None:
    source = read_rows(write_jsonl(tmp_path / "in.jsonl", RECORDS))
    order = ["q3", "q0", "q3", "q6"]
    assert write_rows(source, order, tmp_path / "deep/out.jsonl") == 4
    lines = (tmp_path / "deep/out.jsonl").read_text("utf-8").split("\n")
    assert lines == [json.dumps(RECORDS[int(one[1])], ensure_ascii=False) for one in order] + [""]
    assert source.places[1] == f"{tmp_path / 'in.jsonl'}:3"


def test_parquet_comes_from_both_and_keeps_its_columns(tmp_path: Path) -> None:
    source = read_rows(write_jsonl(tmp_path / "in.jsonl", RECORDS))
    write_rows(source, ["q5", "q1"], tmp_path / "one.parquet")
    write_rows(read_rows(tmp_path / "one.parquet"), ["q1", "q5", "q1"], tmp_path / "two.parquet")
    found = [one for _, one in read_records(tmp_path / "two.parquet")]
    assert found == [RECORDS[1], RECORDS[5], RECORDS[1]]
    with pytest.raises(CurriculumError, match=r"expected a name that ends in \.parquet"):
        write_rows(read_rows(tmp_path / "one.parquet"), ["q1"], tmp_path / "x.jsonl")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"id": "a"}', ":1: type: found None, expected a value: the field is missing"),
        ('{"id": 3, "type": "TorF1"}', ":1: id: found 3"),
        ("[]", ":1: line: found \\[\\], expected a JSON object"),
        ("{", ":1: line: found '{', expected a JSON object"),
        ('{"id": "a", "type": "x"}\n{"id": "a", "type": "x"}', ":2: id: found 'a', expected each"),
    ],
)
def test_rows_that_cannot_be_used_are_told_with_their_place(
    text: str, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text(text)
    with pytest.raises(RecordError, match=re.escape(str(path)) + said):
        read_rows(path).once()


def test_a_file_that_is_no_parquet_is_told(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    path.write_text("nothing")
    with pytest.raises(CurriculumError, match=r"in\.parquet: .*; expected a Parquet file"):
        read_rows(path)
    with pytest.raises(FileNotFoundError):
        read_rows(tmp_path / "no.parquet")


def test_nothing_half_written_is_left(tmp_path: Path) -> None:
    source = read_rows(write_jsonl(tmp_path / "in.jsonl", [{"id": "a", "type": "x", "n": 1}]))
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError):
        write_rows(source, ["a"], tmp_path / "folder")
    mixed = [{"id": "a", "type": "x", "n": 1}, {"id": "b", "type": "x", "n": "two"}]
    broken = read_rows(write_jsonl(tmp_path / "mixed.jsonl", mixed))
    with pytest.raises(CurriculumError, match="do not fit into one Parquet table"):
        write_rows(broken, ["a", "b"], tmp_path / "out.parquet")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["folder", "in.jsonl", "mixed.jsonl"]
