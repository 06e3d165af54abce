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


def test_show_tells_what_is_asked_when(questions: Path) -> None:
    ran = call("show", questions, "--batch", 3)
    assert ran.stdout.splitlines() == [
        "batches  stage            questions  types",
        "    0-2  judgement                8  TorF1 4, TorF2 4",
        "    3-4  counting                 6  Counting2 3, Counting3 3",
        "      5  counting-choice          3  Counting1 3",
        "      6  planning                 3  planning 3",
        "20 questions in 7 batches, 1 x through",
    ]


def test_show_counts_epochs_and_tells_long_runs_by_spans(questions: Path) -> None:
    lines = call("show", questions, "--batch", 3, "--epochs", 2).stdout.splitlines()
    assert lines[0].split() == ["batches", "epoch", "stage", "questions", "types"]
    assert lines[5].split()[:4] == ["7-9", "1", "judgement", "8"]
    many = call("show", questions, "--batch", 1, "--epochs", 9).stdout.splitlines()
    assert len(many) == 12
    assert many[1].split()[0] == "0-17"
    assert many[-1] == "180 questions in 180 batches, 9 x through"


def test_show_lets_a_synthetic_learner_meet_a_schedule_that_reacts(questions: Path) -> None:
    ran = call("show", questions, "--schedule", "bandit", "--epochs", 3)
    lines = ran.stdout.splitlines()
    assert lines[0] == "bandit reacts to rewards; this is what a synthetic learner is asked:"
    assert lines[-1].startswith("60 questions in ")
    assert ran.stdout == call("show", questions, "--schedule", "bandit", "--epochs", 3).stdout


def test_rows_are_written_in_the_order_and_pass_the_check(questions: Path, tmp_path: Path) -> None:
    out = tmp_path / "ordered.jsonl"
    ran = call("plan", questions, "--rows", "--fill", "--batch", 3, "--out", out)
    assert (ran.returncode, ran.stdout) == (0, "")
    assert ran.stderr == f"{out}: 21 rows, 1 of them repeats, 7 steps of 3\n"
    lines = out.read_text("utf-8").splitlines()
    assert set(lines) == set(questions.read_text("utf-8").splitlines())
    good = call("check", out, "--batch", 3)
    assert (good.returncode, good.stdout) == (
        0,
        f"{out}: 7 steps of 3, each of one stage; none dropped\n",
    )
    wrong = call("check", out, "--batch", 4)
    assert wrong.returncode == 1
    assert wrong.stdout.splitlines()[0].startswith(f"{out}: 3 of 5 steps mix stages; the first is")
    assert wrong.stdout.splitlines()[1] == (
        f"{out}: the last 1 of 21 rows do not fill a step of 4 and are dropped: 1 planning"
    )


def test_an_order_that_a_trainer_would_spoil_is_refused_or_written_with_a_warning(
    questions: Path, tmp_path: Path
) -> None:
    out = tmp_path / "ordered.jsonl"
    ran = call("plan", questions, "--rows", "--batch", 8, "--out", out)
    assert ran.returncode == 1
    assert not out.exists()
    assert ran.stderr == (
        f"rm-curriculum: {out}: not written, for a trainer that takes 8 rows a step: 1 of 2 steps "
        "mix stages; the first is step 1 (rows 8 to 15): counting, counting-choice; the last 4 of "
        "20 rows do not fill a step of 8 and are dropped: 1 counting-choice, 3 planning. Add "
        "--fill to fill every batch with questions of its stage, or --as-is to write it all the "
        "same\n"
    )
    ran = call("plan", questions, "--rows", "--as-is", "--batch", 8, "--out", out)
    assert ran.returncode == 0
    assert len(out.read_text("utf-8").splitlines()) == 20
    assert len(ran.stderr.splitlines()) == 3


def test_plans_and_rows_go_through_parquet(questions: Path, tmp_path: Path) -> None:
    plan, rows = tmp_path / "plan.parquet", tmp_path / "rows.parquet"
    assert call("plan", questions, "--fill", "--batch", 4, "--out", plan).returncode == 0
    assert call("check", plan, "--batch", 4).returncode == 0
    assert call("plan", questions, "--rows", "--fill", "--batch", 4, "--out", rows).returncode == 0
    assert "the last 24 of 24 rows" in call("check", rows, "--batch", 30).stdout
    assert call("plan", questions, "--rows", "--as-is", "--out", rows).returncode == 0
    assert call("show", rows, "--batch", 4).returncode == 0


def test_check_reads_a_plan(questions: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.jsonl"
    call("plan", questions, "--batch", 3, "--out", plan)
    ran = call("check", plan, "--batch", 3)
    assert ran.returncode == 1
    assert "2 rows do not fill" not in ran.stdout
    assert "steps mix stages" in ran.stdout
    assert call("check", plan, "--batch", 1).returncode == 0


def test_simulate_compares_and_draws(questions: Path, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("page.html", "curves.png", "all.json")]
    options = ("--schedule", "gated", "--seeds", 2, "--epochs", 3)
    ran = call(
        *("simulate", questions, *options),
        *("--html", files[0], "--png", files[1], "--out", files[2]),
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    names = {line.split()[0] for line in ran.stdout.splitlines()[2:5]}
    assert names == {"gated", "uniform", "rewardmap"}
    assert [file.read_bytes()[:4] for file in files] == [b"<!do", b"\x89PNG", b'{\n "']
    assert json.loads(files[2].read_text("utf-8"))["budget"]["questions"] == 60
    again = call("simulate", questions, *options, "--out", "-")
    assert again.stdout == files[2].read_text("utf-8")


def test_ctrl_c_ends_a_simulation_with_130(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    running = subprocess.Popen(
        [COMMAND, "simulate", "--seeds", "500", "--html", page], stderr=subprocess.PIPE, text=True
    )
    time.sleep(2)
    os.kill(running.pid, signal.SIGINT)
    assert running.stderr is not None
    said = running.stderr.read()
    running.stderr.close()
    assert (running.wait(), said) == (130, "rm-curriculum: interrupted; nothing was written\n")
    assert not page.exists()


@pytest.mark.parametrize(
    ("arguments", "said", "status"),
    [
        (("plan", "-", "--schedule", "bandit", "--out", "-"), "schedule 'bandit' reacts", 1),
        (("simulate", "--transfer", "2"), "transfer: found 2, expected 0 to 1", 1),
        (("simulate", "--schedule", "hard"), "found 'hard', expected one of rewardmap", 2),
        (("simulate", "-", "--schedule", "coarse"), "type 'Maze' has no stage", 1),
        (("check", "-"), "type 'Maze' has no stage", 1),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(
    arguments: tuple[str, ...], said: str, status: int
) -> None:
    kind = "TorF1" if "bandit" in arguments else "Maze"
    ran = call(*arguments, stdin=json.dumps({"id": "a", "type": kind}))
    assert ran.returncode == status
    assert said in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
    assert ran.stdout == ""


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
    for command in ((), ("plan",), ("show",), ("check",), ("simulate",)):
        assert call(*command, "--help").returncode == 0
    assert call("plan").returncode == 2
