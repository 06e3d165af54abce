"""Probes: a run that is asked on the way is, to the last bit, the run that is not."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import pytest
from test_resume import KILLED, same, together

import rm_train
from rm_eval import EvalError, LookPlan, Watch, watch
from rm_rewards import Completion, jsonl
from rm_train import ConfigError, TrainConfig
from rm_train.checkpoints import complete_ones
from rm_train.probing import check_probes


class MakeConfig(Protocol):
    def __call__(self, **overrides: object) -> TrainConfig: ...


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def test_a_run_that_is_probed_learns_what_one_that_is_not_learns(
    make_config: MakeConfig, short_questions: Path, tmp_path: Path
) -> None:
    given = {
        "max_steps": 3,
        "num_iterations": 2,
        "save_steps": 0,
        "beta": 0.05,
        "lora.r": 4,
        "lora.dropout": 0.2,
        "schedule": "gated:threshold=0.3,window=4,min_steps=1",
    }
    asked = {"probe.questions": str(short_questions), "probe.every": 4, "probe.limit": 6}
    plain = make_config(**given, out=str(tmp_path / "plain"))
    probed = make_config(**given, **asked, out=str(tmp_path / "probed"))
    for config in (plain, probed):
        rm_train.run(config)
    same(probed, plain)
    looks = lines(probed.out / "probes" / "curve.jsonl")
    assert [(look["step"], look["look"]) for look in looks] == [(0, 0), (4, 1), (6, 2)]
    plan = json.loads((probed.out / "probes" / "plan.json").read_text("utf-8"))
    assert plan["budget"] == {"alpha": 0.05, "spending": "obrien-fleming", "looks": 2}
    assert all(look["parts"][0]["n"] == 6 for look in looks)
    assert "<svg" in (probed.out / "probes" / "curve.html").read_text("utf-8")
    assert not (plain.out / "probes").exists()


KILL_IN = "KILL_IN"


def cut(config: TrainConfig) -> None:
    """Train, and end as by `kill -9` when the replies of that probe are on the disk."""
    sync, probes = os.fsync, list[int]()

    def fsync(handle: int) -> None:
        sync(handle)
        if Path(f"/proc/self/fd/{handle}").readlink().name == "completions.jsonl":
            probes.append(handle)
            if len(probes) == int(os.environ[KILL_IN]):
                os.kill(os.getpid(), signal.SIGKILL)

    os.fsync = fsync
    rm_train.run(config)


def run_apart(config: TrainConfig, *, world: int = 1, kill: int = 0) -> list[str]:
    """Train in processes of their own; what each of them said."""
    folder = config.out.parent
    codes = together(lambda: cut(config), folder, world, {KILL_IN: str(kill)})
    said = [(folder / f"said-{rank}.txt").read_text("utf-8") for rank in range(world)]
    assert codes == [KILLED if kill else 0] * world, said
    return said


def replies(probe: Path) -> list[str]:
    return [one.text for one in jsonl.read(Completion, probe / "completions.jsonl")]


def test_a_run_killed_in_a_probe_loses_none_and_asks_none_twice(
    make_config: MakeConfig, short_questions: Path, tmp_path: Path
) -> None:
    asked = {"probe.questions": str(short_questions), "probe.every": 1, "probe.limit": 6}
    given = {"max_steps": 3, "save_steps": 2, "resume": "auto", **asked}
    whole, killed = (
        make_config(**given, out=str(tmp_path / name / "run")) for name in ("whole", "killed")
    )
    for config in (whole, killed):
        config.out.parent.mkdir()
    for kill, kept in ((2, []), (2, [2]), (0, [2, 3])):
        run_apart(killed, kill=kill)
        steps = [int(one.name.split("-")[1]) for one in complete_ones(killed.out / "checkpoints")]
        assert steps == kept
    run_apart(whole)
    same(killed, whole)
    for step in range(4):
        ours, theirs = (out / "probes" / f"step-{step:06d}" for out in (killed.out, whole.out))
        assert len(lines(ours / "batches.jsonl")) == 1
        assert replies(ours) == replies(theirs)
    assert (killed.out / "probes" / "curve.jsonl").read_bytes() == (
        whole.out / "probes" / "curve.jsonl"
    ).read_bytes()
    assert len({tuple(replies(folder)) for folder in (whole.out / "probes").glob("step-*")}) > 1
    watched = Watch(
        run=whole.out,
        questions=short_questions,
        out=tmp_path / "watched",
        plan=LookPlan(limit=6),
        asking={"batch_size": 32, "max_new_tokens": whole.max_completion_length},
    )
    assert [point.step for point in watch(watched).points] == [2, 3]
    for step in (2, 3):
        inside, outside = (out / f"step-{step:06d}" for out in (whole.out / "probes", watched.out))
        assert replies(inside) == replies(outside)


def test_of_two_processes_one_asks_and_tells(
    make_config: MakeConfig, short_questions: Path, tmp_path: Path
) -> None:
    asked = {"probe.questions": str(short_questions), "probe.every": 1, "probe.limit": 4}
    config = make_config(**asked, max_steps=1, save_steps=0, out=str(tmp_path / "two" / "run"))
    config.out.parent.mkdir()
    said = run_apart(config, world=2)
    assert [text.count("probe: step") for text in said] == [2, 0]
    for step in (0, 1):
        folder = config.out / "probes" / f"step-{step:06d}"
        assert len(lines(folder / "batches.jsonl")) == 1


def test_what_cannot_be_probed_is_told_before_anything_is_written(
    make_config: MakeConfig,
    short_questions: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = make_config(**{"probe.questions": str(short_questions)})
    empty = tmp_path / "empty.jsonl"
    empty.touch()
    with pytest.raises(EvalError, match=r"empty.jsonl: no question to ask"):
        rm_train.run(replace(config, probe=replace(config.probe, questions=empty)))
    for name, found in {"every": 0, "limit": -1}.items():
        with pytest.raises(ConfigError, match=rf"probe\.{name}: found {found}, expected"):
            make_config(**{f"probe.{name}": found})
    monkeypatch.setenv("ACCELERATE_USE_FSDP", "true")
    with pytest.raises(ConfigError, match=r"FSDP or ZeRO-3 divides the weights.*rm-eval watch"):
        check_probes(config)
    assert not config.out.exists()
