"""The folder of a model on disk, fetched from the hub if it is not there yet."""

# ruff: noqa: PLC0415 - the hub's client is not needed for a folder

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from rm_eval.policy import PolicyError

_FILES = ["*.json", "*.safetensors", "*.jinja", "*.txt", "*.model"]


def local_folder(model: str | Path) -> Path:
    """The folder of a model: itself, or the newest snapshot of ORG/NAME on the hub.

    Raises:
        PolicyError: If there is no such folder and the hub does not give it.
    """
    folder = Path(model)
    parts = str(model).split("/")
    may_be_name = isinstance(model, str) and len(parts) == 2 and all(p.strip(".~") for p in parts)
    if folder.exists() or not may_be_name:
        return folder
    import huggingface_hub

    try:
        fetch = cast("Any", huggingface_hub.snapshot_download)  # pyright: ignore[reportUnknownMemberType]
        return Path(fetch(str(model), allow_patterns=_FILES))
    except Exception as error:  # no network, no such name, no disk: the hub raises many types
        text = " ".join(str(error).split()) or type(error).__name__
        raise PolicyError(f"{model}: no such folder, and not to be had from the hub: {text}") from (
            None
        )
