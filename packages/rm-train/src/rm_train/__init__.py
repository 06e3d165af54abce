"""GRPO for vision-language models on map questions, on TRL.

Importing this package does not import torch; `run` does, when it is called.
"""

from __future__ import annotations

from rm_train.config import ConfigError, LoraConfig, SftConfig, TrainConfig
from rm_train.config_file import presets, resolve
from rm_train.run_directory import RunError, RunResult

__all__ = [
    "ConfigError",
    "LoraConfig",
    "RunError",
    "RunResult",
    "SftConfig",
    "TrainConfig",
    "presets",
    "resolve",
    "run",
]


def run(config: TrainConfig) -> RunResult:
    """Train as the configuration says, into `config.out`.

    Raises:
        ConfigError: If a setting cannot be used.
        RunError: If the run directory is in use, or belongs to another run.
        PolicyError: If the model cannot be loaded.
        RecordError: If a question, picture or network cannot be used.
    """
    from rm_train.training import train  # noqa: PLC0415 - loads torch

    return train(config)
