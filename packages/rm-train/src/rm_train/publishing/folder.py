"""The folder that goes to the hub, as it would lie there."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

import yaml

from rm_train.merging import base_of
from rm_train.publishing.card import is_hub_name, model_card, public_settings
from rm_train.reporting.recorded import Recorded, read_runs
from rm_train.run_directory import RunDirectory, RunError, write_text

_RECORDS: Final = ("metrics.jsonl", "warmup.jsonl", "alarms.jsonl", "versions.json", "curves.png")


def hub_folder(source: Path, out: Path, model: Path | None = None) -> list[str]:
    """Write model, card and records of the training into `out`; gives the names of the files.

    Paths of this machine do not go along.

    Args:
        source: A run directory whose run is done.
        out: A folder that does not exist yet; it appears whole.
        model: The model in another form, such as merged; unset: the run's own.

    Raises:
        RunError: If the run is not done, `out` exists, or the model is an adapter of a folder that
            only this machine has.
    """
    directory = RunDirectory(source)
    run = read_runs([source])[0]
    folder = model or directory.model
    adapter = (folder / "adapter_config.json").is_file()
    if not adapter and not (folder / "config.json").is_file():
        why = "config.json is missing" if model else "no model yet; the run is not done"
        raise RunError(f"{folder}: {why}")
    if out.exists():
        raise RunError(f"{out}: exists already; remove it or choose another --out")
    base = base_of(folder) if adapter else str(run.settings.get("model"))
    if adapter and not is_hub_name(base):
        raise RunError(
            f"{folder}: an adapter of {base}, which only this machine has; publish the whole "
            f"model: `rm-train merge {source} --out DIR`, then `rm-train push {source} --model DIR`"
        )
    return _write(run, folder, base, out, adapter=adapter)


def _write(run: Recorded, model: Path, base: str, out: Path, *, adapter: bool) -> list[str]:
    beside = out.with_name(f".{out.name}.part")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        shutil.copytree(model, beside, copy_function=_linked)
        records = beside / "training"
        records.mkdir()
        for name in _RECORDS:
            if (run.directory.path / name).is_file():
                shutil.copyfile(run.directory.path / name, records / name)
        settings = yaml.safe_dump(public_settings(run.settings), sort_keys=False)
        write_text(records / "settings.yaml", settings)
        write_text(beside / "README.md", model_card(run, base, adapter=adapter))
        beside.replace(out)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())


def _linked(source: str, target: str) -> None:
    """The same bytes without a second copy of many gigabytes, where the disk allows."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
