"""Files that appear all together or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from rm_rewards import RecordError


@contextmanager
def staged_folder(target: Path, field: str = "--out") -> Generator[Path]:
    """A folder to write into; it becomes `target` when the block ends, and vanishes if it fails.

    Raises:
        RecordError: If `target` is there already and is not an empty folder.
        OSError: If nothing can be written beside `target`.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise RecordError(field, str(target), "a new folder, or an empty one; nothing is replaced")
    with _beside(target) as folder:
        yield folder
        folder.chmod(0o755)
        folder.replace(target)


@contextmanager
def staged_files(folder: Path) -> Generator[Path]:
    """A place to write files into; they move to `folder`, replacing others, when the block ends.

    Raises:
        OSError: If nothing can be written beside `folder`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _beside(folder / "files") as place:
        yield place
        for file in sorted(place.iterdir()):
            file.replace(folder / file.name)


@contextmanager
def _beside(target: Path) -> Generator[Path]:
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
