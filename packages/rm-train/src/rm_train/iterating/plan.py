"""The phases of a run that changes its settings as it goes: read from a file, or Vision-R1's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import yaml
from pydantic import TypeAdapter, ValidationError

from rm_curriculum import find_schedule
from rm_train.config import ConfigError

PTST: Final = "ptst"
"""Progressive thinking suppression: replies grow longer and fewer (arXiv 2503.06749)."""

_PATHS: Final = ("questions", "eval_questions", "networks", "maps")
_OURS: Final = ("model", "out", "resume")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Stage:
    """What one phase changes.

    Attributes:
        name: Part of the name of its folder.
        changes: Fields of `TrainConfig` with their values; sections as `sft.lr`, or nested.
    """

    name: str
    changes: Mapping[str, object]


def stages_of(plan: str) -> tuple[Stage, ...]:
    """The stages of `ptst`, or those of a YAML file.

    The file is a list of settings, each with a `name`; paths in it are relative to the file.

    Raises:
        ConfigError: Naming the file, the stage, what was found and what was expected.
        OSError: If the file cannot be read.
    """
    return ptst() if plan == PTST else _read(Path(plan))


def ptst() -> tuple[Stage, ...]:
    """Vision-R1's three stages: 4,096 tokens x 16 replies, 8,192 x 8, 16,384 x 4.

    The tokens that a question may cost stay the same. All questions are asked in every stage, in an
    order of its own. The released model stops after the second.
    """
    limits: Mapping[str, Any] = cast("Any", find_schedule(PTST)).limits()
    return tuple(
        Stage(
            name,
            {
                "max_completion_length": limit.max_tokens,
                "num_generations": limit.rollouts,
                "schedule": "random",
            },
        )
        for name, limit in limits.items()
    )


def _read(file: Path) -> tuple[Stage, ...]:
    try:
        loaded: object = yaml.safe_load(file.read_text(encoding="utf-8"))
        entries = TypeAdapter(list[dict[str, object]]).validate_python(loaded)
    except yaml.YAMLError as error:
        raise ConfigError(f"{file}: not YAML: {' '.join(str(error).split())}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{file}: not text in UTF-8, expected YAML") from None
    except ValidationError as error:
        found = error.errors()[0]["input"]
        raise ConfigError(
            f"{file}: found {found!r}, expected a list of settings, each with a name"
        ) from None
    stages = tuple(_stage(file, number, entry) for number, entry in enumerate(entries, 1))
    if not stages:
        raise ConfigError(f"{file}: found no stage, expected at least one")
    return stages


def _stage(file: Path, number: int, entry: Mapping[str, object]) -> Stage:
    where = f"{file}: stage {number}"
    name = entry.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ConfigError(f"{where}: name: found {name!r}, expected letters and digits")
    changes = {key: value for key, value in entry.items() if key != "name"}
    for key in _OURS:
        if key in changes:
            raise ConfigError(f"{where}: {key}: found there, but each stage is told its {key}")
    for key in _PATHS:
        if isinstance(path := changes.get(key), str):
            changes[key] = str(file.parent / path)
    return Stage(name, changes)
