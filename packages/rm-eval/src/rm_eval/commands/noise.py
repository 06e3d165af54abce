"""`noise`: how much of a run's numbers is chance alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rm_eval.commands.benching import limit_of
from rm_eval.commands.task_files import TasksFrom, TrustTaskCode, trusted
from rm_eval.noise import NOISE, Noise, noise_floor
from rm_rewards.command_line import after_interrupt


def noise_command(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a finished run.")],
    limit: Annotated[
        float | None,
        typer.Option(
            help="Repeat only so many, or a share (0.1, 10%), each type in its share.",
            parser=limit_of,
            metavar="<N or share>",
        ),
    ] = None,
    repeats: Annotated[int, typer.Option(min=1, help="How often each is asked again.")] = 1,
    batch_size: Annotated[
        int | None, typer.Option(min=1, help="Questions at a time; another number than the run's.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Decides the order and what --limit keeps.")] = 0,
    device: Annotated[
        str | None, typer.Option(help="cpu, cuda or cuda:N. Default: that of the run.")
    ] = None,
    tasks_from: TasksFrom = None,
    trust_task_code: TrustTaskCode = False,
) -> None:
    """Ask a run's questions again in other batches, and count what changes for no reason."""
    with after_interrupt("what was answered is kept, go on with the same command"):
        found = noise_floor(
            run,
            limit=limit,
            repeats=repeats,
            batch_size=batch_size,
            seed=seed,
            device=device,
            trust=trusted(tasks_from, trust_code=trust_task_code),
        )
    typer.echo(_told(found, run / NOISE))


def _told(found: Noise, file: Path) -> str:
    before, now = found.batch_sizes
    lines = [
        f"{found.n} replies repeated, shuffled, in batches of {now} instead of {before}",
        f"another text: {found.texts}; another answer: {found.answers}; "
        f"wrong to right: {found.gained}; right to wrong: {found.lost}",
        f"flip rate: {100 * found.flip_rate:.2f} % "
        f"(95 % interval {100 * found.low:.2f} to {100 * found.high:.2f})",
        f"a difference between two runs of all {found.questions} questions has a standard "
        f"deviation of {100 * found.deviation:.2f} points by this alone",
        *(f"note: {name} was {a}, now {b}" for name, (a, b) in found.settings_differ.items()),
        str(file),
    ]
    return "\n".join(lines)
