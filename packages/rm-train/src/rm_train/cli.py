"""The command line of rm-train: run, warm up, report. Nothing here imports torch."""

# ruff: noqa: PLC0415 - what imports torch is imported when a command needs it

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from rm_eval import EvalError, PolicyError
from rm_rewards.command_line import FAILED, USAGE, after_interrupt, program
from rm_train.ablation.command import ablate
from rm_train.clusters import accelerate_config_command
from rm_train.config import EMBEDDED, ConfigError, TrainConfig
from rm_train.config_file import from_mapping, resolve, to_mapping
from rm_train.doctor.command import doctor_command
from rm_train.exporting.command import export_app
from rm_train.iterating.command import iterate_command, phases_command, sample_command
from rm_train.options import with_run_options
from rm_train.publishing.command import merge_command, push_command
from rm_train.run_directory import RunDirectory, RunError

app = program(
    "rm-train",
    "GRPO for vision-language models on map questions.",
    errors={
        ConfigError: USAGE,
        PolicyError: FAILED,
        EvalError: FAILED,
        RunError: FAILED,
    },
)

_DEFAULT: Final = "embedded"


def run(file: Path | None, preset: str | None, given: dict[str, object]) -> None:
    """Train a model by reinforcement learning.

    Without arguments: the embedded tiny model on maps made for it, on a CPU, in minutes. An option
    wins over the file, the file over its preset. `--resume auto --out DIR` goes on with a run.
    """
    with after_interrupt("nothing was begun"):
        config = chosen_config(file, preset, given)
    out = shlex.quote(str(config.out))
    with after_interrupt(f"go on with `rm-train run --out {out} --resume auto`"):
        from rm_train.training import train

        result = train(config)
        if os.environ.get("RANK", "0") != "0":  # one of several processes speaks for all
            return
        typer.echo(
            f"{result.out}: {result.steps} steps, reward {result.reward[0]:.3f} -> "
            f"{result.reward[1]:.3f}, accuracy {result.accuracy[0]:.3f} -> "
            f"{result.accuracy[1]:.3f}, model in {result.model}"
        )


def sft(file: Path | None, preset: str | None, given: dict[str, object]) -> None:
    """Train a model on the gold answers alone: the warm-up as a run of its own.

    Takes the same settings as `run`; `--sft-steps` says how long. `--resume auto --out DIR` goes on
    with a run that was interrupted.
    """
    with after_interrupt("nothing was begun"):
        config = chosen_config(file, preset, given)
        if not config.sft.steps:
            raise ConfigError("sft.steps: found 0, expected a number of steps (--sft-steps)")
    out = shlex.quote(str(config.out))
    with after_interrupt(f"go on with `rm-train sft --out {out} --resume auto`"):
        from rm_train.training import train_on_gold

        folder = train_on_gold(config)
        if os.environ.get("RANK", "0") == "0":
            typer.echo(f"{folder}: {config.sft.steps} steps on gold answers")


app.command()(with_run_options(run))
app.command()(with_run_options(sft))
app.command()(ablate)
app.command()(sample_command)
app.command()(iterate_command)
app.command()(phases_command)
app.add_typer(export_app, name="export")


def chosen_config(file: Path | None, preset: str | None, given: dict[str, object]) -> TrainConfig:
    """The configuration that the command line means.

    A run that goes on takes its own settings from its directory; options are laid over them.

    Raises:
        ConfigError: If a setting cannot be used.
    """
    directory = RunDirectory(Path(str(given.get("out", TrainConfig().out))))
    resumed = given.get("resume", "none") != "none"
    if resumed and file is None and preset is None and directory.started:
        stored = to_mapping(directory.stored())
        return from_mapping(stored, where=str(directory.config), overrides=given)
    if file is None and preset is None and given.get("model", EMBEDDED) != EMBEDDED:
        raise ConfigError(
            f"--model {given['model']}: give --preset or --config with it; the settings of the "
            "embedded model do not suit another"
        )
    return resolve(preset if preset or file else _DEFAULT, file, given)


app.command()(doctor_command(chosen_config))
app.command("merge")(merge_command)
app.command("push")(push_command)
app.command("accelerate-config")(accelerate_config_command)


@app.command()
def report(
    runs: Annotated[list[Path], typer.Argument(help="Run directories.", metavar="RUN_DIR")],
    html: Annotated[Path, typer.Option(help="Where the page goes; - is standard output.")],
    eval_: Annotated[
        list[str] | None,
        typer.Option(
            "--eval", metavar="NAME=DIR", help="An rm-eval folder to compare, under that name."
        ),
    ] = None,
    samples: Annotated[int, typer.Option(min=0, help="Questions shown with their replies.")] = 12,
) -> None:
    """Write one page about runs: settings, curves, accuracy before and after, replies."""
    with after_interrupt("nothing was written"):
        from rm_train.reporting.page import write_report

        write_report(runs, eval_ or [], html, samples=samples)


if __name__ == "__main__":
    sys.exit(app())
