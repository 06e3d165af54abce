import json
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from rm_rewards.cli import app

SAMPLE = Path(__file__).parent / "data/reference_sample.jsonl"


def _run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments])


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
            "rm-rewards score: Invalid value for '--reward': found 'dense', expected one of",
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
