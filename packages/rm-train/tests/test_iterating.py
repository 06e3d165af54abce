from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from rm_rewards import Completion, Question, gold_answer, jsonl, reward_spec
from rm_train import ConfigError, RunError, TrainConfig
from rm_train.config_file import to_yaml
from rm_train.iterating.phase import Phase, check_launcher, run_phase
from rm_train.iterating.rounds import iterate
from rm_train.iterating.sampling import sample
from rm_train.iterating.summary import write_rounds
from rm_train.iterating.traces import distil

MakeConfig = Callable[..., TrainConfig]
ROUNDS = {"schedule": "medium-to-hard", "max_steps": 3, "save_steps": 1}
TAUGHT = {"sft.steps": 3, "sft.batch": 4, "sft.lr": 1e-3}


def lines(path: Path) -> list[dict[str, Any]]:
    text = path.read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line]


def silent(_line: str) -> None:
    pass


# -- sampling --------------------------------------------------------------------------------------


def test_a_sampling_that_was_stopped_ends_as_if_it_had_not_been(make_config: MakeConfig) -> None:
    config = make_config(seed=3, temperature=0.7)
    whole = sample(config)
    replies = list(jsonl.read(Completion, whole))
    asked = list(jsonl.read(Question, config.questions or Path()))
    assert [(r.question_id, r.sample) for r in replies] == [
        (q.id, k) for q in asked for k in range(config.num_generations)
    ]
    assert {r.finish_reason for r in replies} <= {"stop", "length"}
    assert all(r.tokens and r.tokens <= config.max_completion_length for r in replies)
    said = [{r.text for r in replies if r.question_id == q.id} for q in asked]
    assert any(len(texts) > 1 for texts in said)  # sampled, not greedy
    text = whole.read_bytes()
    chunks = sorted((config.out / "chunks").iterdir())
    assert len(chunks) > 3
    for gone in (whole, *chunks[2:]):
        gone.unlink()
    torch.manual_seed(99)
    assert sample(replace(config, resume="auto")).read_bytes() == text
    with pytest.raises(RunError, match=r"this run has temperature 0\.7, found 1\.0"):
        sample(replace(config, resume="auto", temperature=1.0))


# -- traces ----------------------------------------------------------------------------------------


def test_of_the_right_replies_the_shortest_is_learned(
    short_questions: Path, tmp_path: Path
) -> None:
    asked = list(jsonl.read(Question, short_questions))[:3]
    first, second, third = asked
    gold = gold_answer(first)
    texts = [f"{'so ' * 9}{gold}", "zzz", f"{'so ' * 6}{gold}", f"{'so ' * 7}{gold}"]
    replies = [Completion(question_id=first.id, text=t, sample=i) for i, t in enumerate(texts)]
    doubt = f"I count. Wait, is it so? {gold_answer(second)}"
    replies += [Completion(question_id=second.id, text=doubt)]
    replies += [Completion(question_id=third.id, text="zzz")]
    jsonl.write(replies, tmp_path / "completions.jsonl")
    jsonl.write(asked, short_questions.parent / "three.jsonl")
    arguments = (
        short_questions.parent / "three.jsonl",
        tmp_path / "completions.jsonl",
        tmp_path,
        reward_spec("rewardmap"),
        None,
    )
    counts = distil(*arguments)
    assert (counts.questions, counts.replies, counts.right) == (3, 6, 4)
    assert (counts.traces, counts.cut) == (2, 1)
    taken = list(jsonl.read(Completion, tmp_path / "traces.jsonl"))
    assert [(t.question_id, t.sample) for t in taken] == [(first.id, 2), (second.id, 0)]
    assert "Wait" not in taken[1].text
    (tmp_path / "completions.jsonl").unlink()
    assert distil(*arguments) == counts  # it is done: nothing is read again


def test_a_round_without_a_right_reply_is_one_clear_line(
    make_config: MakeConfig, short_questions: Path, tmp_path: Path
) -> None:
    asked = list(jsonl.read(Question, short_questions))
    wrong = tmp_path / "wrong.jsonl"
    jsonl.write([Completion(question_id=q.id, text="zzz") for q in asked], wrong)
    config = make_config(**ROUNDS, **TAUGHT, **{"sft.replies": str(wrong)})
    with pytest.raises(RunError) as caught:
        iterate(config, 1, tell=silent)
    assert str(caught.value).startswith(f"{wrong}: none of the {len(asked)} replies to ")
    assert "nothing to learn from" in str(caught.value)
    assert not (config.out / "round-1").exists()


# -- rounds ----------------------------------------------------------------------------------------


def start(config: TrainConfig, rounds: int) -> subprocess.Popen[bytes]:
    file = config.out.with_suffix(".yaml")
    file.write_text(to_yaml(config), encoding="utf-8")
    command = [sys.executable, "-m", "rm_train.cli", "iterate", "--config", str(file)]
    command += ["--rounds", str(rounds), "--mix", config.schedule]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)


def kill_when(process: subprocess.Popen[bytes], reached: Callable[[], bool]) -> None:
    while not reached():
        assert process.poll() is None, "it ended before it could be killed"
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_rounds_that_are_killed_anywhere_go_on_to_the_same_end(
    make_config: MakeConfig, short_questions: Path, tmp_path: Path
) -> None:
    held_out = {"eval_questions": str(short_questions)}
    config = make_config(**ROUNDS, **TAUGHT, **held_out)
    told: list[str] = []
    done = iterate(config, 1, tell=told.append)
    assert [line.partition(":")[0] for line in told] == ["round 1"]
    text = write_rounds(done, config.out)
    assert text.count("\n| ") == 3
    assert (config.out / "rounds.md").read_text(encoding="utf-8") == text

    again = replace(config, out=tmp_path / "killed")
    first = again.out / "round-1"
    kill_when(start(again, 1), lambda: len(list(first.glob("rollouts/chunks/*.jsonl"))) > 1)
    assert not (first / "traces.jsonl").exists()
    kill_when(start(again, 1), (first / "sft" / "config.yaml").is_file)
    metrics = first / "grpo" / "metrics.jsonl"
    kill_when(start(again, 1), lambda: metrics.is_file() and len(lines(metrics)) >= 1)
    resumed = iterate(again, 1, tell=silent)
    assert write_rounds(resumed, again.out) == text
    learned = [
        [{k: v for k, v in line.items() if k != "step_time"} for line in lines(file)]
        for file in (config.out / "round-1" / "grpo" / "metrics.jsonl", metrics)
    ]
    assert learned[0] == learned[1]
    assert iterate(config, 1, tell=silent) == done  # all is done: nothing is trained again


def test_each_round_teaches_the_base_model_what_the_last_policy_said(
    make_config: MakeConfig,
) -> None:
    config = make_config(**ROUNDS, **TAUGHT)
    done = iterate(config, 2, tell=silent)
    assert done.base is None
    for number, one in enumerate(done.rounds, 1):
        folder = config.out / f"round-{number}"
        stored = {n: (folder / n / "config.yaml").read_text() for n in ("rollouts", "sft", "grpo")}
        asked_of = config.model if number == 1 else str(config.out / "round-1" / "grpo" / "model")
        assert f"model: {asked_of}\n" in stored["rollouts"]
        assert f"model: {config.model}\n" in stored["sft"]
        assert f"replies: {folder / 'traces.jsonl'}\n" in stored["sft"]
        assert f"model: {folder / 'sft' / 'model'}\n" in stored["grpo"]
        assert "schedule: medium-to-hard\n" in stored["grpo"]
        assert all(f"seed: {config.seed + number}\n" in text for text in stored.values())
        assert one.taught is None
        assert 0 < one.distilled.traces <= one.distilled.questions
    assert iterate(config, 1, tell=silent).rounds == done.rounds[:1]


@pytest.mark.parametrize(
    ("rounds", "changes", "message"),
    [
        (0, TAUGHT, "--rounds: found 0, expected 1 or more"),
        (1, {}, r"sft\.steps: found 0, expected a number of steps"),
        (1, {**TAUGHT, "schedule": "ptst"}, "ptst"),
        (1, {**TAUGHT, "use_vllm": True, "device": "auto"}, "use_vllm: found True, but vLLM keeps"),
    ],
)
def test_rounds_that_cannot_work_are_refused_before_anything_is_written(
    make_config: MakeConfig, rounds: int, changes: dict[str, object], message: str
) -> None:
    config = make_config(**changes)
    with pytest.raises(ConfigError, match=message):
        iterate(config, rounds, tell=silent)
    assert not config.out.exists()


# -- phases in processes of their own --------------------------------------------------------------


def test_a_launched_phase_is_the_same_as_one_that_runs_here(
    make_config: MakeConfig, tmp_path: Path
) -> None:
    here = run_phase(Phase("sample", make_config(num_generations=2)), None)
    there = make_config(num_generations=2, out=str(tmp_path / "there" / "rollouts"))
    assert run_phase(Phase("sample", there), sys.executable).read_bytes() == here.read_bytes()


def test_a_launched_phase_that_fails_says_what_was_run(make_config: MakeConfig) -> None:
    phase = Phase("sample", make_config())
    with pytest.raises(RunError, match=r"`false -m rm_train\.cli sample .*` ended with status 1; "):
        run_phase(phase, "false")


def test_a_launcher_that_is_not_there_is_refused_at_once(make_config: MakeConfig) -> None:
    for launcher in ("no-such-program --x", ""):
        with pytest.raises(ConfigError, match=f"--launcher: found '{launcher}', expected a comm"):
            check_launcher(make_config(), launcher)


def test_one_of_several_processes_cannot_drive_the_phases(
    make_config: MakeConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(ConfigError, match="WORLD_SIZE: found 2, expected one process"):
        check_launcher(make_config(), None)
