"""The options that say how a server is asked, the same for every command that asks one."""

from __future__ import annotations

import json
from typing import Annotated, Any, Final, TypeAlias, cast

import typer

from rm_eval.backends.server_settings import Server

DEFAULT: Final = Server()


def json_object(text: str) -> str:
    """The text, if it is a JSON object."""
    try:
        loaded: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise typer.BadParameter(f"not JSON: {error}") from None
    if not isinstance(loaded, dict):
        raise typer.BadParameter(f"found {text!r}, expected a JSON object")
    return text


BaseUrl: TypeAlias = Annotated[
    str, typer.Option(help="openai: the server's address, up to and with /v1.")
]
Concurrency: TypeAlias = Annotated[
    int, typer.Option(min=1, help="openai: requests under way at once.")
]
RequestsPerMinute: TypeAlias = Annotated[
    float | None, typer.Option(help="openai: most requests that begin in a minute.")
]
Timeout: TypeAlias = Annotated[
    float, typer.Option(help="openai: longest wait for a reply, in seconds.")
]
Retries: TypeAlias = Annotated[
    int, typer.Option(min=0, help="openai: how often to ask again after 429, 5xx, no answer.")
]
RequestFields: TypeAlias = Annotated[
    str,
    typer.Option(
        help="openai: further fields of a request, as JSON; null removes one.",
        callback=json_object,
    ),
]
KeyVariable: TypeAlias = Annotated[
    str, typer.Option(help="openai: the environment variable that holds the key.")
]


def fields_of(text: str) -> dict[str, Any]:
    """What `--request-fields` holds."""
    return cast("dict[str, Any]", json.loads(text))
