from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rm_curriculum import SCHEDULES, Curriculum
from rm_rewards import QUESTION_TYPES

ROWS = [{"id": f"q{i}", "type": QUESTION_TYPES[i % 6], "question": "?"} for i in range(20)]
COMMAND = Path(sys.executable).parent / "rm-curriculum"


def call(*arguments: object, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *map(str, arguments)], input=stdin, capture_output=True, text=True, check=False
    )


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    path = tmp_path / "questions.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS), "utf-8")
    return path


def test_plan_writes_the_batches_of_the_curriculum(questions: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "plan.jsonl"
    ran = call(
        *("plan", questions, "--schedule", "coarse", "--seed", 3),
        *("--out", out, "--batch", 6, "--epochs", 2),
    )

    expected = [
        {"batch": b.batch, "stage": b.stage, "epoch": b.epoch, "ids": list(b.ids)}
        for b in Curriculum(ROWS, "coarse", 3, epochs=2).batches(6)
    ]
    assert (ran.returncode, ran.stdout) == (0, "")
    assert [json.loads(line) for line in out.read_text("utf-8").splitlines()] == expected
    assert len(out.read_text("utf-8").split('"q')) == 41


def test_plan_reads_and_writes_pipes(questions: Path) -> None:
    ran = call("plan", "-", "--out", "-", stdin=questions.read_text("utf-8"))
    assert ran.returncode == 0
    assert [json.loads(line)["stage"] for line in ran.stdout.splitlines()] == [
        "judgement",
        "counting",
        "counting-choice",
        "planning",
    ]


def test_show_counts_questions_and_batches(questions: Path) -> None:
    ran = call("show", questions, "--batch", 3)
    assert ran.stdout.splitlines() == [
        "stage            questions  batches  types",
        "judgement                8        3  TorF1, TorF2",
        "counting                 6        2  Counting2, Counting3",
        "counting-choice          3        1  Counting1",
        "planning                 3        1  planning",
        "total                   20        7  1 x through",
    ]


@pytest.mark.parametrize(
    ("stdin", "options", "said"),
    [
        ("", (), "-: there are no items, expected at least one"),
        ('{"id": "a"}', (), "-:1: type: found None, expected a value: the field is missing"),
        ('{"id": "a", "type": 3}', (), "-:1: type: found 3, expected a valid string"),
        ("[]", (), "-:1: line: found [], expected a JSON object"),
        (
            '{"id": "a", "type": "TorF1"}\n\n{"id": "a", "type": "TorF1"}',
            (),
            "-:3: id: found 'a', expected each id once (first at -:1)",
        ),
        (
            '{"id": "a", "type": "TorF1"}\n{"id": "b", "type": "Maze"}',
            (),
            "-:2: item 'b': type 'Maze' has no stage in schedule 'rewardmap', expected one of "
            "TorF1, TorF2, Counting2, Counting3, Counting1, planning; or take the schedule "
            "'random'",
        ),
    ],
)
def test_bad_input_ends_in_one_line(
    stdin: str, options: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    out = tmp_path / "plan.jsonl"
    ran = call("plan", "-", "--out", out, *options, stdin=stdin)
    assert (ran.returncode, ran.stderr) == (1, f"rm-curriculum: {said}\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            ("--schedule", "hard"),
            f"Invalid value for '--schedule': found 'hard', expected one of {', '.join(SCHEDULES)}",
        ),
        (("--speed", "3"), "No such option: --speed (Possible options: --seed)"),
    ],
)
def test_a_wrong_call_ends_in_one_line(options: tuple[str, ...], said: str) -> None:
    ran = call("plan", "-", "--out", "-", *options)
    assert ran.returncode == 2
    assert ran.stderr == f"rm-curriculum plan: {said}; see rm-curriculum plan --help\n"


def test_a_missing_file_ends_in_one_line(tmp_path: Path) -> None:
    ran = call("show", tmp_path / "no.jsonl")
    assert ran.returncode == 1
    assert ran.stderr == f"rm-curriculum: {tmp_path / 'no.jsonl'}: No such file or directory\n"


def test_a_reader_that_goes_away_causes_no_traceback(questions: Path) -> None:
    writer = subprocess.Popen(
        [COMMAND, "plan", questions, "--out", "-", "--batch", "1", "--epochs", "20000"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert writer.stdout is not None
    writer.stdout.readline()
    writer.stdout.close()
    assert writer.stderr is not None
    said = writer.stderr.read()
    writer.stderr.close()
    assert (writer.wait(), said) == (1, b"")


def test_ctrl_c_ends_with_130_and_leaves_nothing(tmp_path: Path) -> None:
    rows = "".join(json.dumps(row) + "\n" for row in ROWS)
    running = subprocess.Popen(
        [COMMAND, "plan", "-", "--out", tmp_path / "plan.jsonl", "--epochs", "9999999"],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdin is not None
    running.stdin.write(rows)
    running.stdin.close()
    deadline = time.monotonic() + 20
    while not any(tmp_path.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(running.pid, signal.SIGINT)
    assert running.stderr is not None
    said = running.stderr.read()
    running.stderr.close()

    assert (running.wait(), said) == (130, "rm-curriculum: interrupted; nothing was written\n")
    assert list(tmp_path.iterdir()) == []


def test_help_and_version_are_there() -> None:
    assert call("--version").stdout == "rm-curriculum 0.1.0\n"
    for command in ((), ("plan",), ("show",)):
        assert call(*command, "--help").returncode == 0
    assert call("plan").returncode == 2
