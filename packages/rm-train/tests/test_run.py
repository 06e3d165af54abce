from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import pytest
import torch

import rm_train
from rm_eval import load_policy
from rm_rewards import RecordError
from rm_train import ConfigError, TrainConfig
from rm_train.checkpoints import MARKER, complete_ones, newest
from rm_train.config_file import from_yaml, to_yaml
from rm_train.run_directory import RunDirectory, RunError


class MakeConfig(Protocol):
    def __call__(self, **overrides: object) -> TrainConfig: ...


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def learned(path: Path) -> list[dict[str, Any]]:
    return [{k: v for k, v in line.items() if k != "step_time"} for line in lines(path)]


def test_a_run_leaves_everything_to_repeat_and_to_judge_it(
    make_config: MakeConfig, short_questions: Path
) -> None:
    config = make_config(max_steps=6, log_samples=3, eval_questions=str(short_questions))
    result = rm_train.run(config)
    out = RunDirectory(result.out)
    assert from_yaml(out.config.read_text(encoding="utf-8"), where="there") == config
    versions = json.loads(out.versions.read_bytes())
    assert set(versions["fingerprints"]) == {"questions", "model"}
    assert versions["packages"]["trl"].startswith("1.16.")
    metrics = lines(out.metrics)
    assert [line["step"] for line in metrics] == [1, 2, 3, 4, 5, 6]
    for line in metrics:
        assert {"stage", "reward", "accuracy", "grad_norm", "step_time", "dead_groups"} <= set(line)
        assert list(line["rewards"]) == ["format", "correctness", "detail"]
        parts = line["rewards"]
        assert line["reward"] == pytest.approx(parts["format"] + parts["correctness"], abs=1e-5)
    samples = lines(out.samples)
    assert len(samples) == 6 * 3
    assert {"step", "question_id", "text", "total", "reasons", "type"} <= set(samples[0])
    assert newest(out.checkpoints) == out.checkpoints / "checkpoint-6"
    assert out.curves.read_bytes().startswith(b"\x89PNG")
    for name in ("before", "after"):
        assert (out.path / "eval" / name / "rewards.jsonl").is_file()
    trained = load_policy(result.model).model.state_dict()
    start = load_policy(config.model).model.state_dict()
    assert any(not bool((trained[name] == value).all()) for name, value in start.items())


def test_adapters_are_saved_alone_and_load_with_their_base(
    make_config: MakeConfig, tmp_path: Path
) -> None:
    config = make_config(max_steps=2, **{"lora.r": 4})
    result = rm_train.run(config)
    assert (result.model / "adapter_config.json").is_file()
    assert not (result.model / "model.safetensors").exists()
    merged = load_policy(result.model).model.state_dict()
    base = load_policy(config.model).model.state_dict()
    assert set(merged) == set(base)
    with pytest.raises(ConfigError, match="an adapter; merge it first"):
        rm_train.run(make_config(model=str(result.model), out=str(tmp_path / "next")))
    assert not (tmp_path / "next").exists()
    moved = {name for name, value in base.items() if not bool((merged[name] == value).all())}
    assert moved
    assert all("language_model" in name for name in moved)


def test_a_warm_up_comes_first_and_is_what_the_kl_term_refers_to(
    make_config: MakeConfig,
) -> None:
    config = make_config(max_steps=2, beta=0.1, **{"sft.steps": 3, "sft.batch": 4})
    result = rm_train.run(config)
    warmup = RunDirectory(result.out).warmup_metrics
    assert [line["step"] for line in lines(warmup)] == [1, 2, 3]
    # in the first step the policy is its own reference; the model before the warm-up would differ
    assert lines(result.out / "metrics.jsonl")[0]["kl"] == pytest.approx(0.0, abs=1e-6)


def test_the_same_seed_gives_the_same_run(make_config: MakeConfig, tmp_path: Path) -> None:
    first = rm_train.run(make_config(max_steps=2))
    second = rm_train.run(make_config(max_steps=2, out=str(tmp_path / "again")))
    assert learned(first.out / "metrics.jsonl") == learned(second.out / "metrics.jsonl")
    assert (first.out / "samples.jsonl").read_bytes() == (second.out / "samples.jsonl").read_bytes()


def test_a_directory_in_use_is_refused_with_the_way_out(make_config: MakeConfig) -> None:
    config = make_config()
    config.out.mkdir()
    (config.out / "thesis.tex").write_text("mine", encoding="utf-8")
    with pytest.raises(RunError, match=r"not empty; go on with `rm-train run --out .* --resume"):
        rm_train.run(config)
    with pytest.raises(RunError, match="not empty, and no run"):
        rm_train.run(replace(config, resume="auto"))
    assert [path.name for path in config.out.iterdir()] == ["thesis.tex"]


def test_a_bad_picture_leaves_no_run_directory(make_config: MakeConfig, tmp_path: Path) -> None:
    file = tmp_path / "q.jsonl"
    config = make_config(questions=str(file))
    file.write_text(
        '{"id": "q", "type": "TorF1", "question": "?", "answer": 1, "figure": "gone.png"}\n',
        encoding="utf-8",
    )
    with pytest.raises(RecordError, match="No such file or directory"):
        rm_train.run(config)
    assert not config.out.exists()


def test_a_finished_run_is_not_trained_again(make_config: MakeConfig) -> None:
    config = make_config(max_steps=2)
    first = rm_train.run(config)
    weights = (first.model / "model.safetensors").stat().st_mtime_ns
    assert rm_train.run(replace(config, resume="auto")) == first
    assert (first.model / "model.safetensors").stat().st_mtime_ns == weights


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lr": 0.5}, "this run has lr 0.001, found 0.5"),
        ({"seed": 9}, "this run has seed 0, found 9"),
        ({"sft.steps": 4}, "this run has sft.steps 0, found 4"),
        ({"num_generations": 8}, "this run has num_generations 4, found 8"),
    ],
)
def test_a_run_with_other_settings_is_not_resumed(
    make_config: MakeConfig, change: dict[str, object], message: str
) -> None:
    config = make_config()
    RunDirectory(config.out).begin(config, {})
    with pytest.raises(RunError) as caught:
        rm_train.run(make_config(resume="auto", **change))
    assert message in str(caught.value)


def test_a_run_on_other_questions_is_not_resumed(make_config: MakeConfig) -> None:
    config = make_config()
    assert config.questions is not None
    copy = config.out.parent / "copy"
    shutil.copytree(config.questions.parent, copy)
    file = copy / config.questions.name
    config = replace(config, questions=file, max_steps=1)
    rm_train.run(config)
    file.write_text("".join(file.read_text(encoding="utf-8").splitlines(True)[:-1]), "utf-8")
    shutil.rmtree(RunDirectory(config.out).model)
    with pytest.raises(RunError, match="the questions have changed since this run began"):
        rm_train.run(replace(config, resume="auto"))


def test_a_checkpoint_of_another_run_is_not_taken(make_config: MakeConfig, tmp_path: Path) -> None:
    config = make_config(resume=str(tmp_path / "other" / "checkpoint-2"))
    with pytest.raises(RunError, match="no run has begun here"):
        rm_train.run(config)
    RunDirectory(config.out).begin(config, {})
    with pytest.raises(RunError, match="no complete checkpoint; --resume auto takes the newest"):
        rm_train.run(config)
    other = tmp_path / "other" / "checkpoint-2"
    other.mkdir(parents=True)
    (other / MARKER).write_text("", encoding="utf-8")
    with pytest.raises(RunError, match="not a checkpoint of"):
        rm_train.run(config)


# -- the command, killed and stopped ---------------------------------------------------------------


def command(config: TrainConfig, *more: str) -> list[str]:
    file = config.out.parent / "run.yaml"
    file.write_text(to_yaml(config), encoding="utf-8")
    return [sys.executable, "-m", "rm_train.cli", "run", "--config", str(file), *more]


def environment() -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": "1"}


def until(condition: Any, process: subprocess.Popen[str]) -> None:  # noqa: ANN401
    for _ in range(1200):
        if condition():
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    pytest.fail("the run never came so far")


def started(words: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        words, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.fixture
def endless(make_config: MakeConfig) -> TrainConfig:
    return make_config(max_steps=200, save_steps=2, beta=0.05)


def test_a_killed_run_goes_on_as_if_nothing_had_happened(
    make_config: MakeConfig, tmp_path: Path
) -> None:
    config = make_config(max_steps=8, save_steps=2, save_total_limit=4, beta=0.05)
    whole = replace(config, out=tmp_path / "whole")
    rm_train.run(whole)
    process = started(command(config))
    until(lambda: newest(config.out / "checkpoints") is not None, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    if (config.out / "model").is_dir():
        pytest.fail("the run was over before it could be killed")
    half = config.out / "checkpoints" / "checkpoint-7"
    half.mkdir()
    (half / "model.safetensors").write_bytes(b"half")
    with (config.out / "metrics.jsonl").open("a", encoding="utf-8") as stream:
        stream.write('{"step": 7, "rew')
    words = [sys.executable, "-m", "rm_train.cli", "run", "--out", str(config.out)]
    done = subprocess.run(
        [*words, "--resume", "auto"], env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "from step" in done.stderr
    assert learned(config.out / "metrics.jsonl") == learned(whole.out / "metrics.jsonl")
    ours, theirs = (load_policy(c.out / "model").model.state_dict() for c in (config, whole))
    assert all(bool((value == theirs[name]).all()) for name, value in ours.items())


def test_ctrl_c_ends_in_one_line_with_the_command_to_go_on(endless: TrainConfig) -> None:
    process = started(command(endless))
    until((endless.out / "metrics.jsonl").is_file, process)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    last = said.strip().splitlines()[-1]
    assert last == (
        f"rm-train: interrupted; go on with `rm-train run --out {endless.out} --resume auto`"
    )
    assert "Traceback" not in said


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1700k", "tmpfs", str(place)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.decode().strip()}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_is_told_and_the_run_goes_on_when_there_is_room(
    endless: TrainConfig, small_disk: Path
) -> None:
    config = replace(
        endless, out=small_disk / "run", max_steps=12, save_total_limit=1, doctor=False
    )
    with pytest.raises(RunError, match="no space left on the disk; free some, then go on with"):
        rm_train.run(config)
    kept = complete_ones(config.out / "checkpoints")
    subprocess.run(["mount", "-o", "remount,size=30m", str(small_disk)], check=True)
    result = rm_train.run(replace(config, resume="auto"))
    assert [line["step"] for line in lines(result.out / "metrics.jsonl")] == list(range(1, 13))
    assert kept or result.steps == 12


def test_a_loss_that_is_no_number_stops_the_run(make_config: MakeConfig) -> None:
    config = make_config(lr=1e30, max_grad_norm=0.0, max_steps=6)
    with pytest.raises(RunError, match=r"lower lr"):
        rm_train.run(config)


def test_two_processes_train_together_on_groups_that_lie_across_them(
    make_config: MakeConfig,
) -> None:
    config = make_config(max_steps=2, save_steps=1, prompts_per_step=1, beta=0.1)
    words = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    words += ["-m", "rm_train.cli", *command(config)[3:]]
    done = subprocess.run(words, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("2 steps, reward") == 1
    assert [line["step"] for line in lines(config.out / "metrics.jsonl")] == [1, 2]
    found = newest(config.out / "checkpoints")
    assert found is not None
    assert {"rng_state_0.pth", "rng_state_1.pth"} <= {path.name for path in found.iterdir()}
    assert load_policy(config.out / "model").model is not None


def test_a_gpu_that_is_not_there_is_told(make_config: MakeConfig) -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    with pytest.raises(ConfigError, match="torch sees no GPU"):
        rm_train.run(make_config(device="cuda"))
