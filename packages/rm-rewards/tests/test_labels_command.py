import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from rm_rewards import Question
from rm_rewards.adapters import encode_question
from rm_rewards.cli import app

DATA = Path(__file__).parent / "data"
COUNT = Question(id="q1", type="Counting2", question="How many?", answer=3)
TRIP = Question(
    id="q2",
    type="planning",
    question="From Alpha to Hotel?",
    network="demo.json",
    station_1="Alpha",
    station_2="Hotel",
)
GOOD = [encode_question(COUNT), encode_question(TRIP, DATA)]
BAD = [
    ({"label": "yes"}, "label: found 'yes', expected the JSON text that encode_question makes"),
    ({"label": "[1]"}, "label: found [1], expected the JSON object that encode_question makes"),
    ({"label": 3}, "label: found 3, expected the text that encode_question makes"),
    ({"input": "How many?"}, "label: found None, expected a field label or"),
    ({"label": GOOD[0].replace("question-1", "question-9")}, "label.schema: found"),
    ({"label": GOOD[0].replace('"answer":3', '"answer":-3')}, "answer: found -3"),
    ({"label": GOOD[0].replace(',"answer":3', "")}, "answer: found None"),
    ({"label": GOOD[0].replace("Counting2", "poem")}, "type: found 'poem'"),
    ({"label": encode_question(replace(TRIP, network="none.json"))}, "the network file none.json"),
    ({"label": encode_question(replace(TRIP, network=None))}, "network: found None"),
    ({"label": encode_question(replace(TRIP, station_2=None), DATA)}, "station_2: found None"),
]


def _run(dataset: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["labels", str(dataset), *options])


def _written(path: Path, rows: list[object]) -> Path:
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def test_good_labels_pass(tmp_path: Path) -> None:
    result = _run(_written(tmp_path / "train.jsonl", [{"input": "?", "label": g} for g in GOOD]))
    assert (result.exit_code, result.stdout, result.stderr) == (0, "2 labels, none bad\n", "")


@pytest.mark.parametrize("field", ["label", "answer", "ground_truth", "solution"])
def test_the_field_of_each_trainer_is_known(field: str, tmp_path: Path) -> None:
    assert _run(_written(tmp_path / "train.jsonl", [{field: g} for g in GOOD])).exit_code == 0


def test_lists_parquet_and_fields_of_ones_own_are_read(tmp_path: Path) -> None:
    rows = [{"reward_model": {"style": "rule", "ground_truth": label}} for label in GOOD]
    listed = tmp_path / "train.json"
    listed.write_text(json.dumps(rows), encoding="utf-8")
    assert _run(listed).stdout == "2 labels, none bad\n"
    own = _written(tmp_path / "own.jsonl", [{"a": {"b": label}, "label": "x"} for label in GOOD])
    assert _run(own).exit_code == 1
    assert _run(own, "--field", "a.b").exit_code == 0
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    parquet.write_table(arrow.Table.from_pylist(rows), tmp_path / "train.parquet")
    assert _run(tmp_path / "train.parquet").stdout == "2 labels, none bad\n"


@pytest.mark.parametrize(("row", "message"), BAD)
def test_a_bad_label_is_one_line_with_its_row(
    row: dict[str, object], message: str, tmp_path: Path
) -> None:
    path = _written(tmp_path / "train.jsonl", [{"label": GOOD[0]}, row, {"label": GOOD[1]}])
    result = _run(path)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"{path}:2: ")
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == "3 labels, 1 bad\n"


def test_all_bad_rows_are_told_and_a_broken_line_does_not_hide_the_next(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_text('{"label"\n[]\n{"label": "x"}\n', encoding="utf-8")
    result = _run(path)
    starts = [line.split(": ")[0] for line in result.stderr.splitlines()]
    assert starts == [f"{path}:{i}" for i in (1, 2, 3)]
    result = _run(path, "--show", "1")
    assert result.stderr.count("\n") == 1
    assert result.stdout == "3 labels, 3 bad (2 of them not shown)\n"


FAILURES = [
    ("none.jsonl", "", "none.jsonl: No such file or directory"),
    ("empty.jsonl", "", "found 'no row', expected at least one row"),
    ("a.json", "{", "a list as JSON"),
    ("a.json", "{}", "a list as JSON"),
    ("a.json", "[3]", "a.json:1: row: found 3, expected an object"),
]


@pytest.mark.parametrize(("name", "text", "message"), FAILURES)
def test_a_file_that_is_no_dataset_is_told_in_one_line(
    name: str, text: str, message: str, tmp_path: Path
) -> None:
    if name != "none.jsonl":
        (tmp_path / name).write_text(text, encoding="utf-8")
    result = _run(tmp_path / name)
    assert result.exit_code == 1
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
