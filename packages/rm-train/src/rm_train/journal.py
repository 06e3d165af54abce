"""What a run writes down while it goes: metrics and samples."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from math import isfinite
from pathlib import Path
from typing import Any, Final

from rm_train.plan import Step
from rm_train.rewards import Scored
from rm_train.run_directory import RunDirectory, RunError, write_text

_PLAIN: Final = {
    "reward": "reward",
    "reward_std": "reward_std",
    "accuracy": "accuracy",
    "correct": "correct",
    "loss": "loss",
    "grad_norm": "grad_norm",
    "learning_rate": "lr",
    "kl": "kl",
    "entropy": "entropy",
    "frac_reward_zero_std": "dead_groups",
    "dead/all": "dead_groups",  # TRL's is the deviation of the whole step under advantage batch
    "dead/right": "dead_right",
    "dead/wrong": "dead_wrong",
    "unparsed": "unparsed",
    "reward_errors": "reward_errors",
    "completions/mean_length": "completion_length",
    "completions/clipped_ratio": "truncated",
    "step_time": "step_time",
    "sampling/sampling_logp_difference/mean": "rollout_difference",
}
"""TRL's names and ours. `dead_groups`: share of groups whose replies all earned the same;
`dead_right`, `dead_wrong`: of those, the ones that are all right and all wrong.
`rollout_difference`: vLLM's log-probabilities against the policy's, mean over tokens."""


def metrics_line(step: int, planned: Step, logs: Mapping[str, Any]) -> dict[str, object]:
    """One line of metrics.jsonl from what TRL logged after a step."""
    rewards = {
        name.split("/")[1]: value
        for name, value in logs.items()
        if name.startswith("rewards/") and name.endswith("/mean")
    }
    by_type = {
        name.removeprefix("accuracy/"): value
        for name, value in logs.items()
        if name.startswith("accuracy/")
    }
    method = {
        name.removeprefix("method/"): value
        for name, value in logs.items()
        if name.startswith("method/")
    }
    curriculum = {
        name.removeprefix("curriculum/"): value
        for name, value in logs.items()
        if name.startswith("curriculum/")
    }
    plain = {ours: logs[theirs] for theirs, ours in _PLAIN.items() if theirs in logs}
    return {
        "step": step,
        "stage": planned.stage,
        "epoch": planned.epoch,
        **plain,
        "rewards": rewards,
        "accuracy_by_type": by_type,
        **({"method": method} if method else {}),
        **({"curriculum": curriculum} if curriculum else {}),
    }


class Journal:
    """Writes each step down, and stops a run whose numbers are no longer numbers.

    Args:
        directory: Where metrics.jsonl and samples.jsonl go.
        asked: Gives what a step asks, by its number from 0.
        latest: Gives the scored replies of the step at hand.
        samples: How many replies of a step are written down.
        progress: Told of each line of metrics.
        updates: How many updates each step of the plan makes.
    """

    def __init__(
        self,
        directory: RunDirectory,
        asked: Callable[[int], Step],
        latest: Callable[[], Sequence[Scored]],
        samples: int,
        progress: Callable[[Mapping[str, Any]], None],
        updates: int = 1,
    ) -> None:
        self._updates = updates
        self._directory = directory
        self._asked = asked
        self._latest = latest
        self._samples = samples
        self._progress = progress

    def write(self, step: int, logs: Mapping[str, Any]) -> None:
        """Write down what TRL logged after a step.

        Raises:
            RunError: If the loss or the norm of the gradient is not finite.
        """
        line = metrics_line(step, self._asked((step - 1) // self._updates), logs)
        _check_finite(step, logs)
        append_lines(self._directory.metrics, [line])
        if self._samples:
            append_lines(self._directory.samples, self._sample_lines(step))
        self._progress(line)

    def _sample_lines(self, step: int) -> list[dict[str, object]]:
        return [
            {
                "step": step,
                "stage": scored.stage,
                "type": scored.question.type,
                "text": scored.text,
                **asdict(scored.reward),
            }
            for scored in self._latest()[: self._samples]
        ]


def _check_finite(step: int, logs: Mapping[str, Any]) -> None:
    for name in ("loss", "grad_norm"):
        value = logs.get(name)
        if value is not None and not isfinite(value):
            raise RunError(
                f"step {step}: {name} is {value}; lower lr or set max_grad_norm, then resume from "
                "the last checkpoint"
            )


def append_lines(path: Path, lines: Sequence[Mapping[str, object]]) -> None:
    """Add JSON objects to a file, a line each."""
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    with path.open("a", encoding="utf-8") as stream:
        stream.write(text)


def forget_after(directory: RunDirectory, step: int) -> None:
    """Drop what was written down after `step`: a resumed run goes through those steps again."""
    for path in (directory.metrics, directory.samples, directory.alarms):
        forget_lines(path, step)


def forget_lines(path: Path, step: int) -> None:
    """Drop the lines of a file that were written after `step`, and one that a kill cut short."""
    if not path.is_file():
        return
    kept = [
        line
        for line in path.read_text(encoding="utf-8").splitlines()
        if (found := _step(line)) is not None and found <= step
    ]
    if kept:
        write_text(path, "".join(line + "\n" for line in kept))
    else:
        path.unlink()


def _step(line: str) -> int | None:
    """The step of a line; None for one that a kill cut short."""
    try:
        return int(json.loads(line)["step"])
    except (ValueError, KeyError, TypeError):
        return None
