"""What a run is told apart by: the versions of packages, and the bytes of a model."""

from __future__ import annotations

import hashlib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

_PACKAGES: Final = (
    "rm-train", "rm-rewards", "rm-curriculum", "rm-data", "rm-eval",
    "torch", "trl", "transformers", "peft", "accelerate", "datasets", "vllm",
)  # fmt: skip


def package_versions() -> dict[str, str]:
    """The versions of our packages and of those that training depends on."""
    found: dict[str, str] = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def model_fingerprint(path_or_name: str) -> str:
    """What a model is told apart by: the bytes of a local one, the name of one on the hub.

    Of weight files the size and the first mebibyte are taken: enough to notice another model.
    """
    folder = Path(path_or_name)
    if not folder.is_dir():
        return path_or_name
    digest = hashlib.sha256()
    for file in sorted(p for p in folder.iterdir() if p.suffix in {".json", ".safetensors"}):
        with file.open("rb") as stream:
            start = stream.read(1 << 20)
        digest.update(f"{file.name}:{file.stat().st_size}".encode() + start)
    return digest.hexdigest()
