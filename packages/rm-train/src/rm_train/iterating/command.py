"""`rm-train sample`, `iterate` and `phases`."""

# ruff: noqa: PLC0415 - what imports torch is imported when a command needs it

from __future__ import annotations

import os
import shlex
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import typer

from rm_rewards.command_line import after_interrupt
from rm_train.config import TrainConfig
from rm_train.options import more_option, with_run_options

_LAUNCHER: Final = more_option(
    "launcher",
    str | None,
    None,
    "Starts each phase in processes of its own: `accelerate launch --num_processes 8`, `python`.",
)
_ROUNDS: Final = (
    more_option("rounds", int, 2, "Rounds in all; more can be asked for later."),
    more_option(
        "mix", str, "medium-to-hard", "Order of the questions in each GRPO; wins over --schedule."
    ),
    _LAUNCHER,
)
_PLAN: Final = (
    more_option("plan", str, "ptst", "A YAML list of settings, each with a `name`; or `ptst`."),
    _LAUNCHER,
)


def sample(file: Path | None, preset: str | None, given: dict[str, object]) -> None:
    """Sample several replies to each question: what `rm-data distil` and `iterate` take.

    Takes the same settings as `run`; `--num-generations` says how many. The replies lie in
    `completions.jsonl`. `--resume auto` goes on with a sampling that was stopped.
    """
    with _chosen("sample", file, preset, given) as config:
        from rm_train.iterating.sampling import sample as make_replies

        file_of_replies = make_replies(config)
        if os.environ.get("RANK", "0") == "0":  # one of several processes speaks for all
            typer.echo(f"{file_of_replies}: {config.num_generations} replies to each question")


def iterate(
    file: Path | None,
    preset: str | None,
    given: dict[str, object],
    *,
    rounds: int,
    mix: str,
    launcher: str | None,
) -> None:
    """Distil and reinforce in rounds, as OpenVLThinker does (arXiv 2503.17352).

    Each round samples replies of the policy, keeps the shortest right one to each question, teaches
    these to the base model (`--sft-steps`) and reinforces it. Takes the settings of `run`; the same
    command goes on after a stop.
    """
    with _chosen("iterate", file, preset, given) as config:
        from rm_train.iterating.rounds import iterate as go_through
        from rm_train.iterating.summary import write_rounds

        done = go_through(replace(config, schedule=mix), rounds, launcher=launcher, tell=_aside)
        typer.echo(write_rounds(done, config.out), nl=False)


def phases(
    file: Path | None,
    preset: str | None,
    given: dict[str, object],
    *,
    plan: str,
    launcher: str | None,
) -> None:
    """Run stages with settings of their own, each from the model of the one before.

    `--plan ptst` is Vision-R1's (arXiv 2503.06749): replies grow longer and fewer. Takes the
    settings of `run`; the same command goes on after a stop.
    """
    with _chosen("phases", file, preset, given) as config:
        from rm_train.iterating.phases import run_phases
        from rm_train.iterating.plan import stages_of
        from rm_train.iterating.summary import write_phases

        done = run_phases(config, stages_of(plan), launcher=launcher, tell=_aside)
        typer.echo(write_phases(done, config.out), nl=False)


@contextmanager
def _chosen(
    name: str, file: Path | None, preset: str | None, given: dict[str, object]
) -> Generator[TrainConfig]:
    from rm_train.cli import chosen_config

    with after_interrupt("nothing was begun"):
        config = chosen_config(file, preset, given)
    resume = " with --resume auto" if name == "sample" else ""
    out = shlex.quote(str(config.out))
    with after_interrupt(f"go on with the same `rm-train {name} --out {out} ...`{resume}"):
        yield config


def _aside(line: str) -> None:
    typer.echo(line, err=True)


sample_command = with_run_options(sample)
iterate_command = with_run_options(iterate, _ROUNDS)
phases_command = with_run_options(phases, _PLAN)
