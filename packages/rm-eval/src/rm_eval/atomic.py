"""Files that appear whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path


def write_text(text: str, path: Path) -> None:
    """Write the text beside its place, then put it there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    beside = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        beside.chmod(0o644)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def write_json(value: object, path: Path) -> None:
    """The same for a JSON value, indented."""
    write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", path)
