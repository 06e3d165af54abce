"""The rows of a published set: by the name it has on the Hub, or from a folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import datasets  # pyright: ignore[reportMissingTypeStubs] - has no stubs

from rm_rewards import RecordError

_hf: Any = datasets
_ON_DISK: Final = ("dataset_dict.json", "state.json")


def rows(source: str, split: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each row with its place, one after the other: the sets are gigabytes of pictures.

    Args:
        source: A name on the Hub such as `FSCCS/ReasonMap-Plus`, a folder with its files, or a
            folder that `save_to_disk` wrote.
        split: The split, such as `train`.

    Raises:
        RecordError: If there is no such set or split, or the Hub cannot be reached.
    """
    found = _splits(source)
    if split not in found:
        raise RecordError("--split", split, f"one of {', '.join(map(str, found))} of {source}")
    for number, row in enumerate(found[split]):
        yield f"{source} [{split}] row {number}", row


def _splits(source: str) -> Any:  # noqa: ANN401 - datasets has no stubs
    folder = Path(source)
    try:
        if any((folder / name).is_file() for name in _ON_DISK):
            found: Any = _hf.load_from_disk(source)
            return found if hasattr(found, "keys") else {"train": found}
        return _hf.load_dataset(source, streaming=True)
    except Exception as error:  # the library raises what its many back ends raise
        expected = "a dataset: a folder, or a name on the Hub that can be reached"
        text = " ".join(str(error).split())[:160]
        raise RecordError("SRC", source, f"{expected} ({type(error).__name__}: {text})") from None
