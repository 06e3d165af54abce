import json
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from rm_rewards import Completion, Leg, Question, Reward, jsonl, route_text
from rm_rewards.cli import app

DATA = Path(__file__).parent / "data"
SAMPLE = DATA / "reference_sample.jsonl"
SHARED = Path(__file__).resolve().parents[3].parent / "shared"
GOLDEN = SHARED / "golden/reference_scores.jsonl"
GOLD = (
    Leg(route_name="Red Line", departure_stop="Alpha", arrival_stop="Charlie"),
    Leg(route_name="Blue Line", departure_stop="Charlie", arrival_stop="Hotel"),
)


def _run(*arguments: str | Path, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments], input=stdin)


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    (tmp_path / "maps").mkdir()
    (tmp_path / "maps/demo.json").write_bytes((DATA / "demo.json").read_bytes())
    questions = [
        Question(
            id="plan",
            type="planning",
            question="Plan a route from Alpha Station to Hotel Station.",
            station_1="Alpha Station",
            station_2="Hotel Station",
            network="maps/demo.json",
            question_transfer_count=1,
            difficulty_city="hard",
        ),
        Question(id="count", type="Counting2", question="How many?", answer=8),
    ]
    completions = [
        Completion(question_id="count", text="\\boxed{8}", sample=1),
        Completion(question_id="plan", text=route_text(GOLD)),
        Completion(question_id="plan", text="I see", sample=2, finish_reason="length"),
        Completion(question_id="plan", text=route_text(GOLD[:1]), sample=3),
    ]
    jsonl.write(questions, tmp_path / "questions.jsonl")
    jsonl.write(completions, tmp_path / "completions.jsonl")
    return tmp_path


def test_completions_are_scored_in_order(run_folder: Path) -> None:
    out = run_folder / "rewards.jsonl"
    source, questions = run_folder / "completions.jsonl", run_folder / "questions.jsonl"
    result = _run("score", source, "--questions", questions, "--out", out)
    assert result.exit_code == 0, result.stderr
    rewards = list(jsonl.read(Reward, out))
    assert [(r.question_id, r.sample, r.total, r.status) for r in rewards] == [
        ("count", 1, 2.0, "ok"),
        ("plan", 0, 2.5, "ok"),
        ("plan", 2, 0.0, "truncated"),
        ("plan", 3, pytest.approx(1 + 0.5 * 5 / 11), "ok"),
    ]
    assert [r.weight for r in rewards] == [1.0, 2.0, 2.0, 2.0]
    assert result.stdout == ""
    assert result.stderr.splitlines()[:3] == [
        "replies     4 (0 unparsed, 1 truncated, 0 error)",
        "mean total  1.4318",
        "accuracy    0.5000",
    ]


def test_self_contained_lines_are_scored_to_standard_output() -> None:
    result = _run("score", SAMPLE, "--reward", "reference")
    assert result.exit_code == 0, result.stderr
    lines = [json.loads(line) for line in SAMPLE.read_text(encoding="utf-8").splitlines()]
    rewards = [json.loads(line) for line in result.stdout.splitlines()]
    assert [r["question_id"] for r in rewards] == [str(i) for i in range(1, len(lines) + 1)]
    assert [r["total"] for r in rewards] == [ln["reference"]["difficulty_aware"] for ln in lines]
    assert len({tuple(r) for r in rewards}) == 1


def test_standard_input_is_read() -> None:
    line = json.dumps({"type": "TorF1", "answer": 1, "response": "\\boxed{yes}"})
    result = _run("score", "-", stdin=line + "\n")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["total"] == 2.0


@pytest.mark.skipif(not GOLDEN.is_file(), reason=f"{GOLDEN} is not there")
def test_the_golden_file_is_reproduced_with_its_folder_of_cities(tmp_path: Path) -> None:
    out, cities = tmp_path / "rewards.jsonl", SHARED / "reasonmap/stations"
    result = _run("score", GOLDEN, "--reward", "reference", "--networks", cities, "--out", out)
    assert result.exit_code == 0, result.stderr
    with GOLDEN.open(encoding="utf-8") as stream:
        expected = [json.loads(line)["reference"] for line in stream]
    rewards = list(jsonl.read(Reward, out))
    found = [(r.correct, r.total) for r in rewards]
    assert found == [(e["correct"], e["difficulty_aware"]) for e in expected]


def test_a_reply_is_explained(run_folder: Path) -> None:
    source, questions = run_folder / "completions.jsonl", run_folder / "questions.jsonl"
    result = _run("explain", source, "--line", "4", "--questions", questions)
    assert result.exit_code == 0, result.stderr
    for part in (
        "question     plan (planning, hard map)",
        "Plan a route from Alpha Station to Hotel Station.",
        "best         Red Line: Alpha Station -> Charlie Station | Blue Line:",
        "read as      Red Line: Alpha -> Charlie",
        "status       ok, wrong",
        "detail       0.4545 x alpha 0.5",
        "weight       2 (not in the total)",
        "total        1.22727 (range 0 to 2.5)",
        "wrong_destination: the last leg does not arrive at the destination",
        "version      rewardmap-1.0.0+",
    ):
        assert part in result.stdout


def test_an_explanation_of_the_reference_says_that_the_weight_is_in() -> None:
    result = _run("explain", SAMPLE, "--line", "3", "--reward", "reference")
    assert "weight       1.5 (multiplied into the total)" in result.stdout
    assert "total        15.75 (range -inf to 30)" in result.stdout


def _line(**fields: object) -> str:
    return json.dumps({"type": "Counting2", "answer": 8, "response": "8", **fields})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "in.jsonl: file: found 'no line', expected at least one reply"),
        ("{", "in.jsonl:1: line: found '{', expected JSON"),
        ("[]", "in.jsonl:1: line: found [], expected a JSON object"),
        ("[" * 100_000, "in.jsonl:1: line: found"),
        (
            '{"question_id": "q", "text": "t"}',
            "in.jsonl:1: response: found None, expected the reply",
        ),
        (_line(response=3), "in.jsonl:1: response: found 3"),
        (_line(type="Riddle"), "in.jsonl:1: type: found 'Riddle', expected one of TorF1"),
        (_line(answer="8"), "in.jsonl:1: answer: found '8'"),
        (_line(answer=-3), "in.jsonl:1: answer: found -3"),
        (_line(sample=-1), "in.jsonl:1: sample: found -1"),
        (_line() + "\n" + _line(difficulty_city="x"), "in.jsonl:2: difficulty_city: found 'x'"),
        (
            _line(type="planning", answer=None, station_1="A", station_2="B"),
            "in.jsonl:1: network: found None, expected the network of question '1'",
        ),
        (
            _line(type="planning", answer=None, country="x", city="atlantis"),
            "in.jsonl:1: city: found 'x/atlantis'",
        ),
        (_line(type="planning", answer=None, network="no.json"), "in.jsonl:1: network: found"),
    ],
)
@pytest.mark.parametrize("command", ["score", "explain"])
def test_bad_input_ends_in_one_line(tmp_path: Path, text: str, message: str, command: str) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(text, encoding="utf-8")
    (tmp_path / "cities").mkdir()
    last = text.count("\n") + 1
    rest = ["--out", out] if command == "score" else ["--line", str(last)]
    result = _run(command, source, *rest, "--networks", tmp_path / "cities")
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    if text:
        assert message in result.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cities", "in.jsonl"]


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["score", "gone.jsonl"], 1, "gone.jsonl: No such file or directory"),
        (["score", "."], 1, "Is a directory"),
        (
            ["score", str(SAMPLE), "--reward", "dense"],
            2,
            "--reward: found 'dense', expected",
        ),
        (["score", str(SAMPLE), "--networks", "gone"], 1, "--networks: found 'gone', expected a"),
        (["score", str(SAMPLE), "--questions", "gone"], 1, "gone: No such file"),
        (["explain", str(SAMPLE), "--line", "999"], 1, "--line: found 999, expected the number"),
    ],
)
def test_a_wrong_call_ends_in_one_line(arguments: list[str], status: int, message: str) -> None:
    result = _run(*arguments)
    assert result.exit_code == status
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("arguments", [["explain", str(SAMPLE), "--line", "0"], ["score"], ["x"]])
def test_a_call_that_lacks_something_is_a_usage_error(arguments: list[str]) -> None:
    assert _run(*arguments).exit_code == 2


def test_questions_and_completions_must_agree(run_folder: Path) -> None:
    source, questions = run_folder / "completions.jsonl", run_folder / "questions.jsonl"
    jsonl.write([Completion(question_id="other", text="")], source)
    result = _run("score", source, "--questions", questions)
    assert "completions.jsonl:1: question_id: found 'other', expected the id of a question in" in (
        result.stderr
    )
    twice = list(jsonl.read(Question, questions)) * 2
    jsonl.write(twice, questions)
    result = _run("score", source, "--questions", questions)
    assert "questions.jsonl:3: id: found 'plan', expected an id that is unique" in result.stderr


@pytest.mark.parametrize("arguments", [["--help"], ["score", "--help"], ["explain", "--help"]])
def test_help_is_given(arguments: list[str]) -> None:
    result = _run(*arguments)
    assert result.exit_code == 0
    assert "Usage:" in result.stdout


def test_the_version_is_given() -> None:
    assert _run("--version").stdout == "rm-rewards 0.1.0\n"


def _process(*arguments: str) -> subprocess.Popen[str]:
    program = "from rm_rewards.cli import app; app()"
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments], stdin=pipe, stdout=pipe, stderr=pipe, text=True
    )


def test_ctrl_c_ends_in_one_line_and_status_130(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    with _process("score", "-", "--out", str(out)) as process:
        assert process.stdin is not None
        process.stdin.write(_line() + "\n")
        process.stdin.flush()
        deadline = time.monotonic() + 20
        while not list(tmp_path.iterdir()) and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert errors == "rm-rewards: interrupted\n"
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_stops_early_is_no_error_worth_a_traceback() -> None:
    with _process("score", "-") as process, suppress(BrokenPipeError):
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        with suppress(BrokenPipeError):
            process.stdin.write((_line() + "\n") * 2_000)
            process.stdin.close()
        assert process.stderr.read() == ""
    assert process.returncode == 1
