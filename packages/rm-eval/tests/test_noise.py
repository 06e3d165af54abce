from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from math import sqrt
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from rm_eval import EvalError, bench
from rm_eval.cli import app
from rm_eval.noise import noise_floor
from rm_rewards import Completion, Question, Reward, jsonl

if TYPE_CHECKING:
    from conftest import Maps, TinyModel


@pytest.fixture
def bench_again(tiny: TinyModel, maps: Maps, tmp_path: Path) -> Callable[[], object]:
    data = maps.write()
    return lambda: bench(tiny.folder, data, tmp_path / "run", batch_size=4, max_new_tokens=16)


@pytest.fixture
def run(bench_again: Callable[[], object], tmp_path: Path) -> Path:
    bench_again()
    return tmp_path / "run"


def change_replies(run: Path, bench_again: Callable[[], object], texts: dict[str, str]) -> None:
    """Put other replies to some questions into a finished run, and grade it anew."""
    file = run / "completions.jsonl"
    held = [
        replace(one, text=texts.get(one.question_id, one.text))
        for one in jsonl.read(Completion, file)
    ]
    jsonl.write(held, file)
    bench_again()


def right(run: Path) -> list[bool]:
    return [reward.correct for reward in jsonl.read(Reward, run / "rewards.jsonl")]


def test_in_float32_other_company_changes_nothing(run: Path) -> None:
    found = noise_floor(run, repeats=2, batch_size=5)
    assert (found.n, found.repeats, found.batch_sizes, found.questions) == (24, 2, (4, 5), 12)
    assert (found.texts, found.answers, found.gained, found.lost) == (0, 0, 0, 0)
    assert (found.flip_rate, found.low, found.deviation) == (0.0, 0.0, 0.0)
    assert 0.1 < found.high < 0.2  # Wilson of 0 of 24
    asked = [
        [question.id for question in jsonl.read(Question, folder / "questions.jsonl")]
        for folder in (run, *sorted((run / "noise").iterdir()))
    ]
    assert len(asked) == 3
    assert [sorted(order) for order in asked[1:]] == [sorted(asked[0])] * 2
    assert len({tuple(order) for order in asked}) == 3
    kept = json.loads((run / "noise.json").read_bytes())
    assert (kept["flip_rate"], kept["n"], kept["settings_differ"]) == (0.0, 24, {})


def test_what_changes_is_counted_by_kind(run: Path, bench_again: Callable[[], object]) -> None:
    # places 0 to 7 are right; the model will say again what it said
    change_replies(
        run,
        bench_again,
        {
            "q0": r"\boxed{9}",
            "q2": r"\boxed{9}",
            "q1": r"perhaps \boxed{2}",
            "q8": r"\boxed{2}",
            "q9": "?",
        },
    )
    before = right(run)
    found = noise_floor(run)
    assert found.batch_sizes == (4, 3)
    assert found.texts == 5
    assert found.answers == 4  # q1 says the same in more words
    assert (before[0], before[1], before[8], before[9]) == (False, True, True, False)
    assert (found.gained, found.lost) == (2, 1)
    assert found.flip_rate == 3 / 12
    assert found.deviation == sqrt(3 / 12 / 12)


def test_a_part_is_repeated_and_the_same_command_asks_nothing_again(run: Path) -> None:
    first = noise_floor(run, limit=5)
    (folder,) = (run / "noise").iterdir()
    told = (folder / "completions.jsonl").stat().st_mtime_ns
    assert noise_floor(run, limit=5) == first
    assert (first.n, first.questions) == (5, 12)
    assert (folder / "completions.jsonl").stat().st_mtime_ns == told


def test_what_cannot_be_repeated_is_told(run: Path, tiny: TinyModel, tmp_path: Path) -> None:
    with pytest.raises(EvalError, match="batch_size: found 4, which is that of the run"):
        noise_floor(run, batch_size=4)
    with pytest.raises(EvalError, match="repeats: found 0, expected 1 or more"):
        noise_floor(run, repeats=0)
    other = tmp_path / "other"
    shutil.copytree(tiny.folder, other)
    (other / "generation_config.json").write_text("{}", encoding="utf-8")
    manifest = json.loads((run / "manifest.json").read_bytes())
    manifest["model"]["path"] = str(other)
    (run / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(EvalError, match=r"generation_config.json has changed since; run rm-eval"):
        noise_floor(run)
    (run / "rewards.jsonl").unlink()
    with pytest.raises(EvalError, match="the run is not finished"):
        noise_floor(run)
    assert not (run / "noise").exists()


def test_the_command_tells_what_the_repeat_found(run: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["noise", str(run), "--limit", "50%", "--batch-size", "6"])
    assert done.exit_code == 0, done.output
    assert "6 replies repeated, shuffled, in batches of 6 instead of 4" in done.output
    assert "flip rate: 0.00 % (95 % interval 0.00 to 39.03)" in done.output
    lost = CliRunner().invoke(app, ["noise", str(tmp_path)])
    assert lost.exit_code == 1
    assert lost.stderr.count("\n") == 1
    assert "no manifest.json there, expected the folder of an rm-eval run" in lost.stderr
