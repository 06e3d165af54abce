"""What a run is computed on and with, as far as it can be told: for the manifest."""

from __future__ import annotations

import platform
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol, runtime_checkable

from rm_eval.manifest import Settings, read_manifest

_CPU: Final = Path("/proc/cpuinfo")
_DRIVER: Final = Path("/proc/driver/nvidia/version")


@runtime_checkable
class Telling(Protocol):
    """A backend that tells how it computes."""

    def facts(self) -> dict[str, str]:
        """Such as `dtype`, `attention`, and the generation settings in use."""
        ...


def environment_of(backend: object, settings: Settings) -> dict[str, str]:
    """The device, and what the backend tells.

    Args:
        backend: What answers.
        settings: Those of the run. What is behind a server is not known here.
    """
    told = backend.facts() if isinstance(backend, Telling) else {}
    if settings.backend == "openai":
        return {"device": "behind a server", **told}
    return {"system": platform.platform(), **_device(settings.device), **told}


def keep_sitting(folder: Path, environment: dict[str, str]) -> None:
    """Add to the manifest of a run what it is computed on from now, unless it is there already."""
    manifest = read_manifest(folder)
    if environment not in manifest.sittings:
        replace(manifest, sittings=(*manifest.sittings, environment)).write(folder)


def _device(device: str) -> dict[str, str]:
    if not device.startswith("cuda"):
        return {"device": _line(_CPU, "model name") or platform.processor() or device}
    import torch  # noqa: PLC0415 - importing it takes seconds, and `--help` must not wait for it

    found = {"device": torch.cuda.get_device_name(device), "cuda": str(torch.version.cuda)}
    driver = _line(_DRIVER, "NVRM version")
    return {**found, "driver": driver} if driver else found


def _line(file: Path, name: str) -> str:
    """What a file of the system says of that name; empty where it does not."""
    try:
        lines = file.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    found = (line.partition(":")[2] for line in lines if line.startswith(name))
    return " ".join(next(found, "").split())
