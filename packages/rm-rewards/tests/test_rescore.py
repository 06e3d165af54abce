import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from rm_rewards import Leg, Question, Reward, reward_spec, route_text
from rm_rewards.adapters.question_label import encode_question
from rm_rewards.cli import app
from rm_rewards.jsonl import read, write
from rm_rewards.logs.entries import Format, read_log

DATA = Path(__file__).parent / "data"
PLAN = Question(
    id="plan",
    type="planning",
    question="Plan a route from Alpha Station to Hotel Station.",
    station_1="Alpha Station",
    station_2="Hotel Station",
    network="demo.json",
    question_transfer_count=1,
)
COUNT = Question(id="count", type="Counting2", question="How many lines?", answer=8)
LONGER = Question(id="longer", type="Counting2", question="How many lines? Tell me.", answer=3)
GOLD = route_text(
    (
        Leg(route_name="Red Line", departure_stop="Alpha", arrival_stop="Charlie"),
        Leg(route_name="Blue Line", departure_stop="Charlie", arrival_stop="Hotel"),
    )
)
REPLIES = [(COUNT, "\\boxed{8}"), (COUNT, "\\boxed{7}"), (PLAN, GOLD), (PLAN, "I see")]
TOTALS = [2.0, 1.0, 2.5, 0.0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "demo.json").write_bytes((DATA / "demo.json").read_bytes())
    write([PLAN, COUNT, LONGER], tmp_path / "questions.jsonl")
    return tmp_path


def _run(*arguments: str | Path, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, ["rescore", *(str(a) for a in arguments)], input=stdin)


def _lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def _verl(folder: Path, *, labelled: bool) -> Path:
    rows = [
        {
            "input": f"<|im_start|>user\n{question.question}<|im_end|>",
            "output": text,
            "gts": encode_question(question, folder) if labelled else "8",
            "score": score,
            "step": 3,
            "acc": score > 0,
        }
        for (question, text), score in zip(REPLIES, [0.0, 1.0, 1.0, 0.0], strict=True)
    ]
    return _lines(folder / "3.jsonl", rows)


def _swift(folder: Path) -> Path:
    rows = [
        {
            "step": [1, 1],
            "prompt": [
                [{"role": "user", "content": [{"type": "image"}, _text(q)]}] for q, _ in two
            ],
            "completion": [text for _, text in two],
            "Format": [1.0, 0.5],
            "Right": [0.5, None],
            "advantages": [9.0, 9.0],
        }
        for two in (REPLIES[:2], REPLIES[2:])
    ]
    return _lines(folder / "completions.jsonl", rows)


def _text(question: Question) -> dict[str, str]:
    return {"type": "text", "text": question.question}


def _trl(folder: Path) -> Path:
    arrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    path = folder / "completions_00003.parquet"
    columns = {
        "step": [3] * 4,
        "prompt": [question.question for question, _ in REPLIES],
        "completion": [[{"role": "assistant", "content": text}] for _, text in REPLIES],
        "form": [1.0, 1.0, 1.0, float("nan")],
        "right": [0.5, 0.0, 0.5, 0.0],
        "advantage": [9.0] * 4,
    }
    parquet.write_table(arrow.table(columns), path)
    return path


def _plain(folder: Path) -> Path:
    rows: list[dict[str, Any]] = [
        {"question_id": question.id, "text": text, "reward": {"total": 1.5}, "correct": True}
        for question, text in REPLIES
    ]
    return _lines(folder / "plain.jsonl", rows)


def test_every_trainers_log_is_scored_the_same(folder: Path) -> None:
    questions, out = folder / "questions.jsonl", folder / "out.jsonl"
    logs = [_verl(folder, labelled=False), _swift(folder), _trl(folder), _plain(folder)]
    for log in logs:
        result = _run(log, "--questions", questions, "--out", out)
        assert result.exit_code == 0, result.stderr
        rewards = list(read(Reward, out))
        assert [r.total for r in rewards] == TOTALS
        assert [r.sample for r in rewards] == [0, 1, 0, 1]
        assert [r.question_id for r in rewards] == ["count", "count", "plan", "plan"]


SCORES = [
    ("verl", [0.0, 1.0, 1.0, 0.0]),
    ("ms-swift", [1.5, 0.5, 1.5, 0.5]),
    ("trl", [1.5, 1.0, 1.5, 0.0]),
    ("jsonl", [1.5, 1.5, 1.5, 1.5]),
]


@pytest.mark.parametrize(("form", "scores"), SCORES)
def test_the_score_that_the_log_tells_is_found(
    folder: Path, form: Format, scores: list[float]
) -> None:
    logs = {"verl": _verl(folder, labelled=True), "ms-swift": _swift(folder)}
    path = _trl(folder) if form == "trl" else logs.get(form) or _plain(folder)
    assert [entry.score for entry in read_log(path)] == scores
    assert [entry.score for entry in read_log(path, form)] == scores


def test_the_columns_of_the_score_can_be_named(folder: Path) -> None:
    assert [e.score for e in read_log(_swift(folder), columns=["Format"])] == [1.0, 0.5, 1.0, 0.5]
    result = _run(_verl(folder, labelled=True), "--diff", "--logged", "step, sore")
    assert "3.jsonl:1: --logged: found 'sore', expected one of input, output" in result.stderr


def test_a_log_with_labels_needs_no_questions(folder: Path) -> None:
    result = _run(_verl(folder, labelled=True))
    assert result.exit_code == 0, result.stderr
    assert [json.loads(line)["total"] for line in result.stdout.splitlines()] == TOTALS
    assert "replies     4 (1 unparsed" in result.stderr


def test_the_difference_is_shown(folder: Path) -> None:
    result = _run(_verl(folder, labelled=True), "--diff", "--show", "1")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines() == [
        f"from the log to {reward_spec('rewardmap').version}",
        "replies        4, 4 of them with a score in the log",
        "scored anew    2 (50.0%) differ",
        "mean score     0.5000 -> 1.3750",
        "correlation    0.3906",
        "order          of 2 pairs in groups: 1 swapped, 0 ties parted, 0 made ties",
        "wrong -> wrong   1",
        "wrong -> right   1",
        "right -> wrong   1",
        "right -> right   1",
        "the 1 widest changes",
        f"  {folder}/3.jsonl:1: count: 0 wrong -> 2 right",
    ]


def test_two_rewards_can_be_compared_on_a_log(folder: Path) -> None:
    out = folder / "out.jsonl"
    arguments = ("--diff", "--against", "sparse", "--out", out)
    result = _run(_verl(folder, labelled=True), *arguments)
    assert result.exit_code == 0, result.stderr
    assert "scored anew    1 (25.0%) differ" in result.stdout
    assert "3.jsonl:3: plan: 2 right -> 2.5 right" in result.stdout
    assert [r.total for r in read(Reward, out)] == TOTALS


def test_a_file_to_standard_output_is_not_mixed_with_the_difference(folder: Path) -> None:
    result = _run(_verl(folder, labelled=True), "--diff", "--out", "-")
    assert [json.loads(line)["total"] for line in result.stdout.splitlines()] == TOTALS
    assert result.stderr.startswith("from the log to rewardmap-")


def test_the_longest_question_in_a_prompt_is_the_one_that_was_asked(folder: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"input": f"user: {LONGER.question}", "output": "\\boxed{3}"},
        {"input": COUNT.question, "output": "\\boxed{3}"},
    ]
    result = _run(_lines(folder / "1.jsonl", rows), "--questions", folder / "questions.jsonl")
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(r["question_id"], r["correct"]) for r in found] == [("longer", True), ("count", False)]


def test_a_prompt_of_two_questions_is_not_guessed_at(folder: Path) -> None:
    write([COUNT, replace(COUNT, id="again", answer=3)], folder / "questions.jsonl")
    log = _verl(folder, labelled=False)
    result = _run(log, "--questions", folder / "questions.jsonl")
    assert result.exit_code == 1
    assert f"{log}:1: question: found" in result.stderr
    assert "give --questions with its id or its text" in result.stderr


FAULTS = [
    ("{", "1.jsonl:1: line: found '{', expected JSON"),
    ("3", "1.jsonl:1: line: found 3, expected a JSON object"),
    ('{"input": "a", "output": 3}', "1.jsonl:1: output: found 3, expected the reply as text"),
    ('{"prompt": ["a"], "completion": []}', "1.jsonl:1: prompt: found 1, expected 0 values"),
    ('{"response": "a"}', "1.jsonl:1: question: found None, expected a question"),
    ('{"type": "TorF1", "answer": 7, "response": ""}', "1.jsonl:1: answer: found 7"),
    (
        '{"input": "a", "output": "b", "gts": "{\\"schema\\":\\"rm-rewards/question-1\\"}"}',
        "1.jsonl:1: id: found None",
    ),
    ("", "expected at least one reply"),
]


@pytest.mark.parametrize(("line", "message"), FAULTS)
def test_a_fault_in_a_log_is_one_clear_line(folder: Path, line: str, message: str) -> None:
    log = folder / "1.jsonl"
    log.write_text(line, encoding="utf-8")
    result = _run(log, "--out", folder / "out.jsonl")
    assert result.exit_code == 1
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert not (folder / "out.jsonl").exists()


def test_a_missing_or_broken_parquet_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    broken = folder / "completions_1.parquet"
    broken.write_bytes(b"not parquet at all")
    assert "expected a parquet file" in _run(broken).stderr
    assert "none.parquet: No such file" in _run(folder / "none.parquet").stderr
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    result = _run(broken)
    assert result.exit_code == 1
    assert "expected pyarrow to read parquet: pip install pyarrow" in result.stderr
