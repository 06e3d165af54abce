from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any, cast

import pytest
from transformers import TrainerControl, TrainerState

from rm_train.failures import explained_failures, explanation
from rm_train.journal import Journal, forget_after, metrics_line
from rm_train.plan import Step
from rm_train.run_directory import RunDirectory, RunError
from rm_train.step_log import AfterStep

LOGS = {
    "reward": 1.5,
    "loss": 0.1,
    "learning_rate": 1e-4,
    "accuracy": 0.5,
    "accuracy/TorF1": 0.75,
    "rewards/format/mean": 1.0,
    "rewards/format/std": 0.0,
    "rewards/detail/mean": None,
    "frac_reward_zero_std": 0.25,
    "completions/mean_length": 7.0,
}


def test_a_line_of_metrics_has_our_names_and_the_stage() -> None:
    assert metrics_line(3, Step("judgement", 1, ("q",)), LOGS) == {
        "step": 3,
        "stage": "judgement",
        "epoch": 1,
        "reward": 1.5,
        "accuracy": 0.5,
        "loss": 0.1,
        "lr": 1e-4,
        "dead_groups": 0.25,
        "completion_length": 7.0,
        "rewards": {"format": 1.0, "detail": None},
        "accuracy_by_type": {"TorF1": 0.75},
    }


@pytest.mark.parametrize("name", ["loss", "grad_norm"])
def test_a_run_whose_numbers_are_none_any_more_stops(tmp_path: Path, name: str) -> None:
    step = Step("s", 0, ("q",))
    journal = Journal(RunDirectory(tmp_path), lambda _: step, tuple, 0, lambda _: None)
    journal.write(1, LOGS)
    with pytest.raises(RunError, match=f"step 1: {name} is nan; lower lr or set max_grad_norm"):
        journal.write(1, {**LOGS, name: float("nan")})
    assert len(RunDirectory(tmp_path).metrics.read_text(encoding="utf-8").splitlines()) == 1


def test_steps_alone_are_handed_on_and_by_the_first_process_alone() -> None:
    told: list[object] = []
    callback = AfterStep("reward", lambda step, logs: told.append((step, logs)))
    args, control = cast("Any", None), TrainerControl()
    first = TrainerState(global_step=4, is_world_process_zero=True)
    other = TrainerState(global_step=4, is_world_process_zero=False)
    for state, logs in [(first, LOGS), (first, {"train_loss": 1.0}), (other, LOGS)]:
        callback.on_log(args, state, control, logs=logs)
    assert told == [(4, LOGS)]


def test_a_resumed_run_forgets_what_came_after_its_checkpoint(tmp_path: Path) -> None:
    directory = RunDirectory(tmp_path)
    text = "".join(json.dumps({"step": step}) + "\n" for step in (1, 2, 3, 4))
    directory.metrics.write_text(text + '{"step": 4, "rewa', encoding="utf-8")
    directory.samples.write_text('{"step": 3}\nnonsense\n{"step": 2}\n', encoding="utf-8")
    forget_after(directory, 2)
    assert directory.metrics.read_text(encoding="utf-8") == '{"step": 1}\n{"step": 2}\n'
    assert directory.samples.read_text(encoding="utf-8") == '{"step": 2}\n'
    forget_after(directory, 0)
    assert not directory.metrics.exists()
    assert not directory.samples.exists()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "no space left on the disk"),
        (RuntimeError("I/O error: No space left on device (os error 28)"), "no space left"),
        (RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), "smaller micro_batch"),
        (RuntimeError("probability tensor contains either `inf`, `nan`"), "lower lr"),
    ],
)
def test_a_failure_of_the_machine_is_told_with_the_way_out(
    error: Exception, said: str, tmp_path: Path
) -> None:
    with pytest.raises(RunError, match=said), explained_failures(tmp_path):
        raise error


def test_a_fault_of_the_program_is_not_explained_away(tmp_path: Path) -> None:
    assert explanation(RuntimeError("shape mismatch"), tmp_path) is None
    with pytest.raises(ZeroDivisionError), explained_failures(tmp_path):
        raise ZeroDivisionError
