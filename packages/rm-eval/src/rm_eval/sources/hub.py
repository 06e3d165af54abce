"""The parquet files of one split of a data set on Hugging Face, brought here by its own client.

Nothing is downloaded unless it is asked for, and nothing at all offline. What a broken download
left behind is gone on with. Only parquet is taken: no script of a data set is ever run.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Final

from rm_eval.atomic import write_json
from rm_eval.benchmarks.benchmark import Hub
from rm_eval.errors import EvalError
from rm_eval.sources.download import OFFLINE
from rm_eval.sources.files import split_of

_CONVERTED: Final = "refs/convert/parquet"
"""Where the hub keeps its own conversion of data sets that are in another format."""

_COMPLETE: Final = "complete.json"


def downloaded_split(
    hub: Hub, cache: Path, *, environment: Mapping[str, str] = os.environ
) -> tuple[Path, ...]:
    """The files of the split in the cache, brought there if they are not.

    Raises:
        EvalError: If they cannot be had, or may not be downloaded.
        OSError: If the cache cannot be written.
    """
    parts = [hub.name.replace("/", "--"), hub.config or "default", hub.split]
    if any(PurePosixPath(part).name != part for part in parts) or "--" not in parts[0]:
        raise EvalError(f"{hub.name}: expected ORG/NAME, and plain names of split and config")
    folder = cache.joinpath("hub", *parts)
    if (folder / _COMPLETE).is_file():
        held = json.loads((folder / _COMPLETE).read_bytes())["files"]
        return tuple(folder / name for name in held)
    named = [name for name in OFFLINE if environment.get(name, "0") not in ("", "0")]
    if named:
        raise EvalError(
            f"{hub.name}: {_told(hub)} is not in {cache}, and {named[0]} forbids a download; get "
            "it elsewhere and pass --data"
        )
    revision, files = _files(hub)
    folder.mkdir(parents=True, exist_ok=True)
    _call(hub, "snapshot_download", revision=revision, allow_patterns=files, local_dir=folder)
    write_json({"revision": revision, "files": files}, folder / _COMPLETE)
    return tuple(folder / name for name in files)


def files_of_split(files: Sequence[str], hub: Hub) -> list[str]:
    """Those of a data set's files that hold the split, by where the hub expects them.

    `data/SPLIT-00000-of-00002.parquet`, `CONFIG/SPLIT-...`, `CONFIG/SPLIT/0000.parquet`,
    `SPLIT.parquet`.
    """
    found: list[str] = []
    for name in files:
        path = PurePosixPath(name)
        if path.suffix != ".parquet" or path.is_absolute() or ".." in path.parts:
            continue
        told = path.stem.partition("-0")[0]
        in_split = hub.split in (told, split_of(path.name), *path.parts[:-1])
        if in_split and (not hub.config or hub.config in path.parts or len(path.parts) == 1):
            found.append(name)
    return sorted(found)


def _files(hub: Hub) -> tuple[str, list[str]]:
    """The commit and the files of the split there, or in the hub's conversion."""
    for revision in (None, _CONVERTED):
        told = _call(hub, "dataset_info", revision=revision)
        names = [str(one.rfilename) for one in told.siblings or ()]
        if found := files_of_split(names, hub):
            return str(told.sha), found
    raise EvalError(
        f"{hub.name}: no parquet file of {_told(hub)}; get its rows elsewhere and pass --data"
    )


def _told(hub: Hub) -> str:
    return f"split {hub.split}" + (f" of config {hub.config}" if hub.config else "")


def _call(hub: Hub, name: str, **arguments: object) -> Any:  # noqa: ANN401 - the hub's own types
    import huggingface_hub  # noqa: PLC0415 - not needed without a download

    kind = {} if name == "dataset_info" else {"repo_type": "dataset"}
    try:
        return getattr(huggingface_hub, name)(hub.name, **kind, **arguments)
    except KeyboardInterrupt:
        raise
    except Exception as error:  # no network, no such data set, no disk: many types
        text = " ".join(str(error).split())[:200] or type(error).__name__
        raise EvalError(
            f"{hub.name}: not to be had from the hub: {text}; call again to go on"
        ) from None
