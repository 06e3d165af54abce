"""`rm-train ablate`."""

# ruff: noqa: PLC0415 - what takes long to load is loaded when it is needed

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer
import yaml

from rm_rewards.command_line import FAILED, after_interrupt
from rm_train.ablation.design import Style
from rm_train.ablation.design_file import Wanted, read_design
from rm_train.ablation.file_keys import shipped, title_of
from rm_train.config import ConfigError

if TYPE_CHECKING:
    from rm_train.ablation.study import Work


Config: TypeAlias = Annotated[
    str, typer.Option(help="A YAML file, or the name of one that comes along (--list).")
]
Over: TypeAlias = Annotated[
    str, typer.Option(help="Factors to vary, with commas; default: all of the file.")
]
Only: TypeAlias = Annotated[
    str, typer.Option(help="Levels to keep: reward=sparse|rewardmap,base=0.")
]
Seeds: TypeAlias = Annotated[
    int | None, typer.Option(min=1, help="How many seeds; default: the file's.")
]
Out: TypeAlias = Annotated[
    Path, typer.Option(help="Folder of the ablation; one that is there is gone on with.")
]
Jobs: TypeAlias = Annotated[int, typer.Option(min=1, help="Runs at a time.")]
Gpus: TypeAlias = Annotated[str, typer.Option(help="GPUs to deal to the jobs: 0,1,2.")]
Short: TypeAlias = Annotated[bool, typer.Option("--short", help="The file's short form.")]
DesignStyle: TypeAlias = Annotated[
    str | None, typer.Option(help="`each` factor by itself, or `full`: every combination.")
]
Preset: TypeAlias = Annotated[
    str | None, typer.Option(help="Settings of the runs in place of the tiny ones.")
]
Questions: TypeAlias = Annotated[Path | None, typer.Option(help="Questions to train on.")]
HeldOut: TypeAlias = Annotated[Path | None, typer.Option(help="The held-out questions.")]
Set: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="A setting of every run; may be repeated."),
]
List: TypeAlias = Annotated[bool, typer.Option("--list", help="Show the files that come along.")]
PlanOnly: TypeAlias = Annotated[
    bool, typer.Option("--plan", help="Show the runs and the time they take; run nothing.")
]
ReportOnly: TypeAlias = Annotated[
    bool, typer.Option("--report-only", help="Write the report of what is finished.")
]


def ablate(
    config: Config = "embedded",
    over: Over = "",
    only: Only = "",
    seeds: Seeds = None,
    out: Out = Path("runs/ablation"),
    jobs: Jobs = 1,
    gpus: Gpus = "",
    short: Short = False,
    design: DesignStyle = None,
    preset: Preset = None,
    questions: Questions = None,
    eval_questions: HeldOut = None,
    set_: Set = None,
    list_: List = False,
    plan_only: PlanOnly = False,
    report_only: ReportOnly = False,
) -> None:
    """Train many runs that differ in one thing, and compare them on the same held-out questions.

    The same command again goes on where it was stopped. The report is in OUT/report.
    """
    if list_:
        _show_list()
        return
    wanted = Wanted(
        over=tuple(_listed(over)),
        only=_only(only),
        seeds=seeds,
        short=short,
        preset=preset,
        settings=_settings(set_ or [], questions, eval_questions),
        style=_style(design),
    )
    with after_interrupt("the same command goes on from here"):
        from rm_train.ablation.study import plan

        work = plan(read_design(config, wanted), out)
        if plan_only:
            _show_plan(work, jobs)
            return
        failed = {} if report_only else _run(work, jobs, _listed(gpus))
        if not failed.keys() >= {one.trial.name for one in work.runs}:
            _show_report(work)
    _tell_failures(work, failed)


def _show_list() -> None:
    for name in shipped():
        typer.echo(f"{name:10}  {title_of(name)}")


def _tell_failures(work: Work, failed: dict[str, str]) -> None:
    if failed:
        first = next(iter(failed))
        typer.echo(
            f"rm-train: {len(failed)} of {len(work.runs)} runs failed; {first}: {failed[first]}; "
            "the same command tries them again",
            err=True,
        )
        raise typer.Exit(FAILED)


def _style(name: str | None) -> Style | None:
    if name is None or name == "each" or name == "full":
        return name
    raise ConfigError(f"--design: found {name!r}, expected each or full")


def _only(text: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for part in _listed(text):
        name, equals, labels = part.partition("=")
        if not equals:
            raise ConfigError(f"--only {part}: expected NAME=LABEL, or NAME=LABEL|LABEL")
        found[name] = tuple(labels.split("|"))
    return found


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _settings(
    given: list[str], questions: Path | None, eval_questions: Path | None
) -> dict[str, object]:
    settings: dict[str, object] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals:
            raise ConfigError(f"--set {one}: expected KEY=VALUE, such as max_steps=50")
        settings[name] = _value(one, value)
    files = {"questions": questions, "eval_questions": eval_questions}
    return settings | {name: str(path) for name, path in files.items() if path is not None}


def _value(given: str, text: str) -> object:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        raise ConfigError(f"--set {given}: found {text!r}, expected a value as in YAML") from None


def _show_plan(work: Work, jobs: int) -> None:
    from rm_train.ablation.estimate import estimate

    for one in work.runs:
        typer.echo(one.trial.name)
    typer.echo(estimate(work).text(jobs))


def _run(work: Work, jobs: int, gpus: list[str]) -> dict[str, str]:
    from rm_train.ablation.reporting import keep_failures
    from rm_train.ablation.study import carry_out, failures

    answers = carry_out(work, lambda line: typer.echo(line, err=True), jobs=jobs, gpus=gpus)
    failed = failures(answers)
    keep_failures(work, failed)
    return failed


def _show_report(work: Work) -> None:
    from rm_train.ablation.reporting import write_report
    from rm_train.ablation.table import console

    summary = write_report(work)
    typer.echo(console(summary))
    typer.echo(f"{summary.finished} of {summary.planned} runs; {work.directory.report}/table.md")
