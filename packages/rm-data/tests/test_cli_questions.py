from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rm_data import generate
from rm_data.cli import app
from rm_data.leaks import leaks
from rm_rewards.jsonl import dump

OWN = '''
from rm_data import register
from rm_rewards import Question


def last(sheet, count, seed):
    """The last station by name."""
    for number, stop in zip(sheet.ids("TorFLast"), sorted(sheet.stations)[:count]):
        yield Question(
            id=number, type="TorFLast", question=f"{stop}?", answer=0, **sheet.columns
        )


register("TorFLast", last, per_map=2)
'''


@pytest.fixture(scope="module")
def maps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("maps")
    for seed in range(6):
        network = generate(seed, style="named")
        (folder / f"{network.city}.json").write_text(dump(network), encoding="utf-8")
    return folder


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["questions", *map(str, arguments)])
    return result.exit_code, result.stderr


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_forms_quotas_and_types_are_options(maps: Path, tmp_path: Path) -> None:
    out = tmp_path / "q.jsonl"
    assert run(maps, "--out", out, "--types", "planning", "--planning", "both")[0] == 0
    endings = Counter(row["question"].rpartition("\n")[2] for row in rows(out))
    assert len(endings) == 3
    code, told = run(maps, "--out", out, "--quota", "paper", "--per-map", "planning=3")
    assert code == 0
    counts = Counter(row["type"] for row in rows(out))
    assert counts["planning"] <= 18
    assert counts["Counting1"] == 6 * 35
    assert "short: Counting2: " in told
    types = "ChoiceImpossible,CountingStations"
    assert run(maps, "--out", out, "--types", types, "--per-map", "ChoiceImpossible=4")[0] == 0
    counts = Counter(row["type"] for row in rows(out))
    assert counts["ChoiceImpossible"] == 24
    assert counts.total() - 24 == counts["CountingStations"] > 12


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_type_from_a_file_is_asked_by_every_process(
    maps: Path, tmp_path: Path, workers: str
) -> None:
    own = tmp_path / f"own_{workers}.py"
    own.write_text(OWN.replace("TorFLast", f"TorFLast{workers}"), encoding="utf-8")
    out = tmp_path / "q.jsonl"
    code, told = run(
        maps, "--out", out, "--kinds", own, "--types", f"TorFLast{workers}", "--workers", workers
    )
    assert (code, told) == (0, f"{out}: 12 questions\n")
    assert {row["type"] for row in rows(out)} == {f"TorFLast{workers}"}


def test_levels_are_four_files_without_a_leak(maps: Path, tmp_path: Path) -> None:
    out = tmp_path / "q.jsonl"
    unseen = ["--unseen-types", "ChoiceTerminal,planning"]
    code, told = run(maps, "--out", out, "--split", "levels", "--test-share", "0.3", *unseen)
    assert code == 0
    files = {name: tmp_path / f"q.{name}.jsonl" for name in ("train", "level1", "level2", "level3")}
    for name, path in files.items():
        assert f"{path}: {len(rows(path))} questions" in told
        assert rows(path), name
    assert {row["type"] for row in rows(files["level3"])} == {"ChoiceTerminal", "planning"}
    assert "planning" not in {row["type"] for row in rows(files["train"])}
    found = leaks([files["train"]], [files["level1"]], allow=["city", "text"])
    assert [str(leak) for leak in found] == []


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--types", "Riddle"], 2, "found 'Riddle', expected one of TorF1"),
        (["--planning", "brief"], 2, "--planning"),
        (["--quota", "half"], 2, "--quota"),
        (["--workers", "0"], 2, "--workers"),
        (["--kinds", "none.py"], 1, "none.py"),
        (["--kinds", "broken.py"], 1, "broken.py: file: found 'ZeroDivisionError"),
        (["--split", "levels", "--unseen-types", "Riddle"], 2, "--unseen-types"),
        (
            ["--split", "levels", "--types", "TorF1", "--unseen-types", "TorF1"],
            2,
            "expected at least one of --types to be trained on",
        ),
        (["--split", "levels", "--test-share", "0"], 1, "test_share: found 0"),
    ],
)
def test_options_that_make_no_sense_end_in_one_line_and_write_nothing(
    maps: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    code: int,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("broken.py").write_text("1 / 0", encoding="utf-8")
    status, told = run(maps, "--out", "out/q.jsonl", *arguments)
    assert (status, len(told.splitlines())) == (code, 1)
    assert message in told
    assert [p.name for p in tmp_path.iterdir()] == ["broken.py"]
