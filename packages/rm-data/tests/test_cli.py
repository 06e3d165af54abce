from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from rm_data.cli import app
from rm_rewards import Question, from_published
from rm_rewards.jsonl import read, read_network


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def maps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli") / "maps"
    assert run("maps", "--out", folder, "--count", "4", "--style", "compact").exit_code == 0
    return folder


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lists")
    for city, stops in {"north": ["A", "B", "C"], "south": ["D", "E"]}.items():
        path = folder / "stations" / "land" / f"{city}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"L": stops}))
    return folder


def test_every_command_has_help_and_the_program_a_version() -> None:
    assert run("--version").stdout.startswith("rm-data ")
    for command in ("maps", "import", "questions", "validate", "stats", "show"):
        result = run(command, "--help")
        assert result.exit_code == 0
        assert "Usage" in result.stdout


def test_maps_questions_stats_and_page_follow_each_other(maps: Path, tmp_path: Path) -> None:
    out = tmp_path / "q.jsonl"
    asked = run("questions", maps, "--out", out, "--maps", maps, "--per-map", "TorF1=4,planning=6")
    assert asked.exit_code == 0, asked.stderr
    kinds = [q.type for q in read(Question, out)]
    assert kinds.count("TorF1") == 16
    assert "short: Counting2:" in asked.stderr
    counted = run("stats", out)
    assert counted.exit_code == 0
    assert counted.stdout.startswith("type ")
    assert run("show", out, "--out", tmp_path / "p.html").exit_code == 0
    assert (tmp_path / "p.html").read_text().count("<img") == 4
    again = tmp_path / "again.jsonl"
    run("questions", maps, "--out", again, "--per-map", "TorF1=4,planning=6")
    assert again.read_bytes() == out.read_bytes()


def test_standard_output_and_input_are_a_dash(maps: Path) -> None:
    result = run("questions", maps, "--out", "-", "--types", "Counting3")
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 4
    counted = CliRunner().invoke(app, ["stats", "-"], input=result.stdout)
    assert counted.exit_code == 0
    assert "Counting3  4" in counted.stdout


def test_a_split_is_written_by_city(maps: Path, tmp_path: Path) -> None:
    out = tmp_path / "q.jsonl"
    result = run("questions", maps, "--out", out, "--split", "city", "--test-share", "0.25")
    assert result.exit_code == 0, result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["q.test.jsonl", "q.train.jsonl"]
    assert len({q.city for q in read(Question, tmp_path / "q.train.jsonl")}) == 3


def test_planning_keeps_to_transfers_from_the_command_line(maps: Path, tmp_path: Path) -> None:
    out = tmp_path / "q.jsonl"
    run("questions", maps, "--out", out, "--types", "planning", "--transfers", "1")
    assert {q.question_transfer_count for q in read(Question, out)} == {1}


def test_published_lists_are_imported_with_source_and_licence(lists: Path, tmp_path: Path) -> None:
    out = tmp_path / "networks"
    assert run("import", "reasonmap", lists, "--out", out).exit_code == 0
    network = read_network(out / "land" / "north.json")
    assert network.licence == "MIT"
    assert "land/north.json" in network.source
    assert network.lines == from_published({"L": ["A", "B", "C"]}, city="north").lines


def test_validate_ends_with_1_exactly_if_something_was_found(lists: Path, tmp_path: Path) -> None:
    clean = run("validate", lists / "stations")
    assert (clean.exit_code, clean.stdout) == (0, "")
    bad = tmp_path / "bad.json"
    bad.write_text('{"L": ["A", "B "]}')
    found = run("validate", bad)
    assert found.exit_code == 1
    assert found.stdout == f"{bad}: L: 'B ': blanks at the ends, or two in a row [blank]\n"


def failing(folder: Path, maps: Path) -> dict[str, tuple[Sequence[str | Path], int, str]]:
    broken = folder / "broken.json"
    broken.write_text("{")
    empty = folder / "empty.jsonl"
    empty.write_text("")
    wrong = folder / "wrong.jsonl"
    wrong.write_text('{"id": "1", "type": "TorF1", "question": "?", "answer": 7}\n')
    deep = folder / "deep.json"
    deep.write_text("[" * 100_000)
    full = folder / "full"
    (full / "x").mkdir(parents=True)
    q = folder / "q.jsonl"
    return {
        "missing path": (["questions", folder / "no", "--out", q], 1, "PATH: found"),
        "missing file": (["stats", folder / "no.jsonl"], 1, "no.jsonl: No such file"),
        "a folder for a file": (["stats", folder], 1, "Is a directory"),
        "broken JSON": (["questions", broken, "--out", q], 1, "broken.json: file: found"),
        "broken JSON, validate": (["validate", broken], 1, "broken.json: file: found"),
        "deep JSON": (["questions", deep, "--out", q], 1, "deep.json: file: found"),
        "deep JSON, stats": (["stats", deep], 1, "deep.json:1: line: found"),
        "empty file": (["stats", empty], 1, "empty.jsonl: file: found 'no question'"),
        "wrong value": (
            ["show", wrong, "--out", folder / "p"],
            1,
            "wrong.jsonl:1: answer: found 7",
        ),
        "unknown type": (["questions", maps, "--out", q, "--types", "TorF9"], 2, "TorF9"),
        "no number": (["questions", maps, "--out", q, "--per-map", "x"], 2, "--per-map"),
        "bad range": (["questions", maps, "--out", q, "--transfers", "2-1"], 2, "lower first"),
        "no range": (["maps", "--out", folder / "m", "--count", "1", "--lines", "a"], 2, "--lines"),
        "too many lines": (
            ["maps", "--out", folder / "m", "--count", "1", "--lines", "90"],
            2,
            "lines: found 90-90",
        ),
        "unknown style": (
            ["maps", "--out", folder / "m", "--count", "1", "--style", "art"],
            2,
            "expected one of metro",
        ),
        "folder in use": (["maps", "--out", full, "--count", "1"], 1, "nothing is replaced"),
        "no pictures": (["questions", maps, "--out", q, "--maps", full], 1, "the file is missing"),
        "split to a pipe": (
            ["questions", maps, "--out", "-", "--split", "city"],
            2,
            "several files",
        ),
        "share of all": (
            ["questions", maps, "--out", q, "--split", "city", "--test-share", "1"],
            1,
            "test_share: found 1.0",
        ),
        "no such origin": (["import", "metro", maps, "--out", folder / "m"], 2, "metro"),
        "nowhere to write": (["questions", maps, "--out", broken / "q"], 1, "broken.json"),
    }


CASES = (
    "missing path",
    "missing file",
    "a folder for a file",
    "broken JSON",
    "broken JSON, validate",
    "deep JSON",
    "deep JSON, stats",
    "empty file",
    "wrong value",
    "unknown type",
    "no number",
    "bad range",
    "no range",
    "too many lines",
    "unknown style",
    "folder in use",
    "no pictures",
    "split to a pipe",
    "share of all",
    "no such origin",
    "nowhere to write",
)


@pytest.mark.parametrize("name", CASES)
def test_a_failure_ends_in_one_clear_line_and_writes_nothing(
    name: str, maps: Path, tmp_path: Path
) -> None:
    cases = failing(tmp_path, maps)
    assert set(cases) == set(CASES)
    arguments, code, message = cases[name]
    before = sorted(tmp_path.rglob("*"))
    result = run(*arguments)
    assert result.exit_code == code, result.output
    assert message in result.stderr
    assert result.stderr.startswith("rm-data: " if code == 1 else f"rm-data {arguments[0]}: ")
    assert result.stderr.endswith("\n" if code == 1 else f"; see rm-data {arguments[0]} --help\n")
    assert len(result.stderr.splitlines()) == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_ctrl_c_ends_with_130_and_leaves_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from rm_data.cli import app; app()", "maps"]
    with subprocess.Popen(
        [*command, "--out", str(tmp_path / "m"), "--count", "100000", "--workers", "2"],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    ) as process:
        begun = time.monotonic()
        while not list(tmp_path.glob(".m.*/synthetic/*.png")):
            assert time.monotonic() - begun < 60
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors == "rm-data: interrupted; nothing was left half-written\n"
    assert list(tmp_path.iterdir()) == []
