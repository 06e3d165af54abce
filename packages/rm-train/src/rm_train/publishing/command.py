"""The commands that make a trained model ready for others: merge and push."""

# ruff: noqa: PLC0415 - what imports torch is imported when a command needs it

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from rm_rewards.command_line import after_interrupt


def merge_command(
    source: Annotated[
        Path, typer.Argument(help="A run directory, or the folder of an adapter.", metavar="RUN")
    ],
    out: Annotated[Path, typer.Option(help="Where the whole model goes.")],
) -> None:
    """Merge a LoRA adapter into its base, and see that the result says the same."""
    with after_interrupt("nothing was written"):
        from rm_train.merging import merge

        done = merge(source, out)
        typer.echo(
            f"{done.folder}: {done.layers} layers merged; logits on a sample differ by "
            f"{done.difference:.1g} (relative)"
        )


def push_command(
    run: Annotated[Path, typer.Argument(help="A run directory.", metavar="RUN")],
    repo: Annotated[str, typer.Option(help="Name on the hub: ORG/NAME.")],
    private: Annotated[
        bool, typer.Option("--private", help="Make the repository private.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only write the folder that would be uploaded.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Where --dry-run writes; unset: hub/ in the run.")
    ] = None,
    model: Annotated[
        Path | None, typer.Option(help="The model to publish, such as a merged one; unset: RUN's.")
    ] = None,
) -> None:
    """Publish a trained model on the hub, with a model card and the records of its training."""
    with after_interrupt("the upload was not finished; the same command goes on with it"):
        from rm_train.publishing.folder import hub_folder

        if dry_run:
            folder = out or run / "hub"
            files = hub_folder(run, folder, model)
            typer.echo(f"{folder}: {len(files)} files, not uploaded: {', '.join(files)}")
            return
        from rm_train.publishing.hub import check_repository, upload

        check_repository(repo)
        folder = run / ".hub"
        shutil.rmtree(folder, ignore_errors=True)
        try:
            hub_folder(run, folder, model)
            typer.echo(upload(folder, repo, private=private))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
