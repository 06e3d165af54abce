"""The command line of rm-data."""

import typer

app = typer.Typer(no_args_is_help=True)
