"""A phase: one run directory, made by one command, here or in processes of its own."""

# ruff: noqa: PLC0415 - what loads torch is imported when a phase needs it

from __future__ import annotations

import gc
import os
import shlex
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias

from rm_train.config import ConfigError, TrainConfig
from rm_train.config_file import to_yaml
from rm_train.run_directory import RunDirectory, RunError, write_text

Command: TypeAlias = Literal["sample", "sft", "run"]

_RESULT: dict[Command, str] = {"sample": "completions.jsonl", "sft": "model", "run": "model"}


@dataclass(frozen=True, slots=True)
class Phase:
    """One command of rm-train with all its settings; `config.out` is its directory.

    Attributes:
        command: `sample` makes replies, `sft` learns given ones, `run` reinforces.
        config: Its settings. Whatever `resume` says, a phase that was stopped goes on.
    """

    command: Command
    config: TrainConfig

    @property
    def result(self) -> Path:
        """What the phase leaves: a file of replies, or the folder of a model."""
        return self.config.out / _RESULT[self.command]

    @property
    def done(self) -> bool:
        """Whether nothing is left to do, held-out questions included."""
        asked = self.command == "run" and self.config.eval_questions is not None
        after = self.config.out / "eval" / "after" / "report.json"
        return self.result.exists() and (not asked or after.is_file())


def run_phase(phase: Phase, launcher: str | None) -> Path:
    """Do what is left of a phase; gives its result.

    Args:
        phase: The phase.
        launcher: The command that starts it in processes of its own, such as `accelerate launch
            --num_processes 8`; None: in this process, one phase after the other.

    Raises:
        RunError: If it fails in processes of its own; what they said stands on standard error.
        ConfigError, PolicyError, RecordError: As `rm_train.run`.
    """
    if not phase.done:
        settled = replace(phase, config=replace(phase.config, resume="auto"))
        if launcher is None:
            _here(settled)
        else:
            _launched(settled, launcher)
    return phase.result


def check_launcher(config: TrainConfig, launcher: str | None) -> None:
    """Refuse what one process cannot do for several phases, and a launcher that is not there.

    Raises:
        ConfigError: If this is one of several processes, vLLM shall run inside the trainer, or
            there is no such command.
    """
    if launcher is not None and shutil.which((shlex.split(launcher) or [""])[0]) is None:
        raise ConfigError(f"--launcher: found {launcher!r}, expected a command such as python")
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise ConfigError(
            f"WORLD_SIZE: found {os.environ['WORLD_SIZE']}, expected one process, which starts the "
            "others: rm-train ... --launcher 'accelerate launch --num_processes N'"
        )
    if config.use_vllm and config.vllm_mode == "colocate" and launcher is None:
        raise ConfigError(
            "use_vllm: found True, but vLLM keeps its memory until its process ends; give "
            "--launcher python (or accelerate launch ...), so that each phase has a process"
        )


def _here(phase: Phase) -> None:
    config = phase.config
    if phase.command == "sample":
        from rm_train.iterating.sampling import sample

        sample(config)
    elif phase.command == "sft":
        from rm_train.training import train_on_gold

        train_on_gold(config)
    else:
        from rm_train.training import train

        train(config)
    _free_memory()


def _free_memory() -> None:
    """Trainers hold themselves in cycles; the next phase needs their memory."""
    import torch

    gc.collect()
    torch.cuda.empty_cache()


def _launched(phase: Phase, launcher: str) -> None:
    out = phase.config.out
    out.parent.mkdir(parents=True, exist_ok=True)
    file = out.with_name(f"{out.name}.yaml")
    write_text(file, to_yaml(absolute(phase.config)))
    command = [*shlex.split(launcher), "-m", "rm_train.cli", phase.command, "--config", str(file)]
    ended = subprocess.run(command, check=False, stdout=sys.stderr, preexec_fn=_end_with_parent)
    if ended.returncode != 0 or not phase.result.exists():
        status = ended.returncode
        how = f"signal {-status}" if status < 0 else f"status {status}"
        raise RunError(
            f"{RunDirectory(out).path}: `{shlex.join(command)}` ended with {how}; its own message "
            "stands above, and the same command goes on from here"
        )


def absolute(config: TrainConfig) -> TrainConfig:
    """The configuration with paths that mean the same from everywhere."""
    model = Path(config.model)
    return replace(
        config,
        model=str(model.absolute()) if model.is_dir() else config.model,
        questions=_absolute(config.questions),
        eval_questions=_absolute(config.eval_questions),
        networks=_absolute(config.networks),
        maps=_absolute(config.maps),
        out=config.out.absolute(),
        sft=replace(config.sft, replies=_absolute(config.sft.replies)),
        probe=replace(config.probe, questions=_absolute(config.probe.questions)),
    )


def _absolute(path: Path | None) -> Path | None:
    return None if path is None else path.absolute()


def _end_with_parent() -> None:
    """Let a child end when this process is killed, so that no two write into one run directory."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
