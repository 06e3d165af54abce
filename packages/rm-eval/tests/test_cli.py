from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rm_eval import TASKS

if TYPE_CHECKING:
    from conftest import Maps, TinyModel

COMMAND = Path(sys.executable).parent / "rm-eval"


def call(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
    )


def test_bench_then_compare_on_the_command_line(
    tiny: TinyModel, maps: Maps, tmp_path: Path
) -> None:
    maps.write([*maps.twelve(), maps.row(12, 1, type="TorF1", answer=1)])
    common = ("--model", tiny.folder, "--data", maps.folder, "--max-new-tokens", 16)
    seen = call(
        *("bench", *common, "--out", tmp_path / "seeing", "--tasks", "reasonmap-plus"),
        *("--limit", 12, "--seed", 1, "--batch-size", 5),
    )
    blind = call(
        *("bench", *common, "--out", tmp_path / "blind", "--tasks", "TorF1, Counting2"),
        *("--limit", 12, "--seed", 1, "--blind"),
    )
    assert (seen.returncode, seen.stderr) == (0, "")
    assert (blind.returncode, blind.stderr) == (0, "")
    assert seen.stdout == (tmp_path / "seeing" / "report.md").read_text("utf-8")
    assert "| TorF1 | 1 | 0 | 0.0 |" in seen.stdout

    table = call("compare", tmp_path / "blind", tmp_path / "seeing", tmp_path / "blind")
    assert (table.returncode, table.stderr) == (0, "")
    assert table.stdout.startswith("|  | n | ")
    runs = (tmp_path / "blind", tmp_path / "seeing")
    assert call("compare", *runs, "--margin", 60).returncode == 0
    worse = call("compare", *runs[::-1], "--margin", 1)
    assert (worse.returncode, worse.stderr) == (1, "")
    assert "not shown for ReasonMap-Plus." in worse.stdout
    found = call("compare", tmp_path / "blind", tmp_path / "seeing", "--format", "json")
    rows = json.loads(found.stdout)["rows"]
    assert [row["name"] for row in rows][:3] == ["all", "TorF1", "Counting2"]
    assert rows[0]["gained"] > rows[0]["lost"]


def test_list_shows_tasks_and_backends() -> None:
    shown = call("list")
    assert shown.returncode == 0
    lines = [line.split(maxsplit=1) for line in shown.stdout.splitlines()]
    assert ["reasonmap-plus", "TorF1, TorF2, Counting1, Counting2, Counting3"] in lines
    assert ["hrbench-4k", "HR-Bench 4K"] in lines
    assert ["vlmevalkit-b862cf76", "VLMEvalKit b862cf76 of 2025-09-28, at the paper"] in lines
    assert shown.stdout.endswith("backends\n  transformers\n  vllm\n  openai\n")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            ("--model", "nobody/nothing"),
            "nobody/nothing: no such folder, and not to be had from the hub: ",
        ),
        (("--model", "/nowhere"), "/nowhere: no such folder; expected the folder of a model"),
        (("--data", "/nowhere.jsonl"), "/nowhere.jsonl: No such file or directory"),
    ],
)
def test_bad_settings_end_in_one_line(
    tiny: TinyModel, maps: Maps, tmp_path: Path, changes: tuple[str, str], said: str
) -> None:
    settings = {"--model": tiny.folder, "--data": maps.write(), "--out": tmp_path / "run"}
    arguments = {**settings, changes[0]: changes[1]}
    ran = call("bench", *(part for pair in arguments.items() for part in pair))

    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith(f"rm-eval: {said}")
    assert ran.stderr.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_a_wrong_call_ends_in_one_line() -> None:
    ran = call("bench", "--model", "m", "--data", "d", "--out", "o", "--backend", "sglang")
    assert ran.returncode == 2
    assert ran.stderr.startswith("rm-eval bench: Invalid value for '--backend': ")
    assert ran.stderr.endswith("'vllm', 'openai'; see rm-eval bench --help\n")
    assert ran.stderr.count("\n") == 1


def test_an_unknown_task_ends_in_one_line_that_names_all() -> None:
    ran = call("bench", "--model", "m", "--data", "d", "--out", "o", "--tasks", "seven")
    assert ran.returncode == 2
    assert ran.stderr == (
        "rm-eval bench: Invalid value for '--tasks': found 'seven', expected some of "
        f"{', '.join(TASKS)}; see rm-eval bench --help\n"
    )


@pytest.mark.parametrize("limit", ["0", "-3", "1.5", "150%", "0%", "all", "nan"])
def test_a_limit_that_is_no_count_and_no_share_ends_in_one_line(limit: str) -> None:
    ran = call("bench", "--model", "m", "--data", "d", "--out", "o", f"--limit={limit}")
    assert ran.returncode == 2
    assert ran.stderr == (
        f"rm-eval bench: Invalid value for '--limit': found {limit!r}, expected a number of "
        "questions, or 0.1 or 10%; see rm-eval bench --help\n"
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--price-in", "1"), "price_in, price_out: found one of them, expected both or none"),
        (("--budget", "1"), "budget: found it without price_in and price_out, expected them"),
    ],
)
def test_prices_that_do_not_fit_end_in_one_line(options: tuple[str, ...], said: str) -> None:
    ran = call("bench", "--model", "m", "--data", "d", "--out", "o", *options)
    assert (ran.returncode, ran.stderr.count("\n")) == (1, 1)
    assert ran.stderr.startswith(f"rm-eval: {said}")


def test_a_broken_question_is_named_by_its_line(
    tiny: TinyModel, maps: Maps, tmp_path: Path
) -> None:
    file = maps.write()
    file.write_text(file.read_text() + '{"id": "x", "type": "TorF1", "question": "?"}\n')
    ran = call("bench", "--model", tiny.folder, "--data", file, "--out", tmp_path / "run")
    assert ran.returncode == 1
    assert ran.stderr == (f"rm-eval: {file}:13: answer: found None, expected 0 (no) or 1 (yes)\n")


def test_compare_refuses_what_is_no_run(tmp_path: Path) -> None:
    ran = call("compare", tmp_path, tmp_path)
    assert ran.returncode == 1
    assert ran.stderr.count("\n") == 1
    assert call("compare", tmp_path).returncode == 2


def test_help_and_version_are_there_and_load_no_torch() -> None:
    assert call("--version").stdout == "rm-eval 0.1.0\n"
    for command in ((), ("bench",), ("compare",), ("list",)):
        assert call(*command, "--help").returncode == 0
    code = "import sys, rm_eval, rm_eval.cli; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
