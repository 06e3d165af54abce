import json
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
        "version      rewardmap-1.2.0+",
    ):
        assert part in result.stdout


def test_an_explanation_of_the_reference_says_that_the_weight_is_in() -> None:
    result = _run("explain", SAMPLE, "--line", "3", "--reward", "reference")
    assert "weight       1.5 (multiplied into the total)" in result.stdout
    assert "total        15.75 (range -inf to 30)" in result.stdout


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
    assert "questions.jsonl:3: id: found 'plan', expected each id once (first at" in result.stderr


@pytest.mark.parametrize("arguments", [["--help"], ["score", "--help"], ["explain", "--help"]])
def test_help_is_given(arguments: list[str]) -> None:
    result = _run(*arguments)
    assert result.exit_code == 0
    assert "Usage:" in result.stdout


def test_the_version_is_given() -> None:
    assert _run("--version").stdout == "rm-rewards 0.1.0\n"
