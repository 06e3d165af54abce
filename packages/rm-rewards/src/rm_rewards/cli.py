"""The command line of rm-rewards."""

import typer

app = typer.Typer(no_args_is_help=True)
