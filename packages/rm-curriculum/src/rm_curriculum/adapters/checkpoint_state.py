"""The file in a trainer's checkpoint that says where the curriculum stands."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final, cast

from rm_curriculum.errors import CurriculumError

STATE_FILE: Final = "curriculum.json"
"""In each checkpoint: where the curriculum stands."""


def write_state(folder: Path, state: Mapping[str, object]) -> None:
    """Write the state into a checkpoint: whole or not at all."""
    beside = folder / f".{STATE_FILE}"
    with beside.open("w", encoding="utf-8") as stream:
        json.dump(state, stream, ensure_ascii=False)
        stream.flush()
        os.fsync(stream.fileno())
    beside.replace(folder / STATE_FILE)


def read_state(folder: Path) -> dict[str, object]:
    """The state in a checkpoint.

    Raises:
        CurriculumError: If it is missing or no JSON object.
    """
    file = folder / STATE_FILE
    try:
        found: object = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CurriculumError(
            f"{file}: the file is missing; take an older checkpoint, or one that this trainer saved"
        ) from None
    except ValueError as error:
        raise CurriculumError(f"{file}: {error}, expected JSON; take an older checkpoint") from None
    if not isinstance(found, dict):
        raise CurriculumError(f"{file}: found {type(found).__name__}, expected an object")
    return cast("dict[str, object]", found)
