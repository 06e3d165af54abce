"""How a model does on the held-out questions: read from the folders that `rm_eval.bench` leaves."""

# ruff: noqa: PLC0415 - what loads torch is imported when a model is asked

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rm_eval import bench, read_samples, wilson
from rm_train.config import EMBEDDED, TrainConfig


@dataclass(frozen=True, slots=True)
class Score:
    """A share of right replies.

    Attributes:
        right: How many.
        n: Of how many questions.
    """

    right: int
    n: int

    @property
    def share(self) -> float:
        """In [0, 1]."""
        return self.right / self.n

    def __str__(self) -> str:
        """The share with Wilson's 95 % interval, such as `0.420 [0.327, 0.518]`."""
        low, high = wilson(self.right, self.n)
        return f"{self.share:.3f} [{low:.3f}, {high:.3f}]"


def score_of(folder: Path) -> Score | None:
    """What a finished measurement says; None if there is none.

    Raises:
        EvalError, RecordError: If its files do not fit together.
    """
    if not (folder / "report.json").is_file():
        return None
    right = [sample.correct for sample in read_samples(folder)]
    return Score(sum(right), len(right))


def measured(config: TrainConfig, model: str, folder: Path) -> Score | None:
    """Ask a model the held-out questions, unless that is done; None if the run has none."""
    if config.eval_questions is None:
        return None
    if not (folder / "report.json").is_file():
        from rm_train import embedded
        from rm_train.learner import device_of
        from rm_train.quiet import quiet_libraries

        device = device_of(config)
        with quiet_libraries():
            bench(
                embedded.checkpoint_path() if model == EMBEDDED else model,
                config.eval_questions,
                folder,
                batch_size=max(config.prompts_per_step, 32) if device == "cpu" else 16,
                max_new_tokens=config.max_completion_length,
                reward=config.reward,
                device=device,
                min_pixels=config.min_pixels or None,
                max_pixels=config.max_pixels or None,
            )
    return score_of(folder)
