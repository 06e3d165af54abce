"""The keys of an ablation file, and the files that come along."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rm_train.ablation.design import Style
from rm_train.config import ConfigError


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TaskKeys(_Strict):
    """Synthetic maps: how many, and how many questions of each type for one of them."""

    train_maps: int = Field(ge=1)
    held_out_maps: int = Field(ge=1)
    per_map: dict[str, int] = Field(min_length=1)
    held_out: dict[str, int] = Field(min_length=1)
    transfers: tuple[int, int] = (0, 1)


class _Reach(_Strict):
    kind: str = "planning"
    level: float = Field(default=0.3, gt=0, le=1)
    window: int = Field(default=10, ge=1)


Levels = list[str | int | float | bool] | dict[str, dict[str, object]]
_Setting = str | int | float | bool | None | dict[str, object]


class _Short(_Strict):
    seeds: int = Field(default=2, ge=1)
    base: dict[str, _Setting] = {}


class AblationFile(_Strict):
    """The keys of an ablation file."""

    title: str
    design: Style = "each"
    base: dict[str, _Setting] = {}
    embedded: dict[str, _Setting] = {}
    task: TaskKeys | None = None
    factors: dict[str, Levels] = Field(min_length=1)
    baseline: dict[str, str | int | float | bool] = {}
    also: list[dict[str, str | int | float | bool]] = []
    strata: dict[str, Levels] = {}
    repeats: dict[str, Levels] = {}
    seeds: int = Field(default=3, ge=1)
    reach: _Reach = _Reach()
    grading: str = "rewardmap"
    short: _Short = _Short()


def shipped() -> tuple[str, ...]:
    """The names of the ablations that come with the package."""
    return tuple(
        sorted(
            entry.name.removesuffix(".yaml")
            for entry in (files("rm_train") / "ablations").iterdir()
            if entry.name.endswith(".yaml")
        )
    )


def title_of(name: str) -> str:
    """The title of an ablation that comes along."""
    return read_keys(name).title


def read_keys(name: str) -> AblationFile:
    """The file of that name or path.

    Raises:
        ConfigError: Naming the file, the key, the value and what was expected.
        OSError: If the file cannot be read.
    """
    return _checked(_shipped_text(name) if name in shipped() else _text(name), name)


def _text(name: str) -> str:
    path = Path(name)
    if not path.is_file() and path.suffix not in {".yaml", ".yml"}:
        raise ConfigError(f"--config {name}: expected a file or one of {', '.join(shipped())}")
    return path.read_text(encoding="utf-8")


def _shipped_text(name: str) -> str:
    return (files("rm_train") / "ablations" / f"{name}.yaml").read_text(encoding="utf-8")


def _checked(text: str, where: str) -> AblationFile:
    try:
        loaded: object = yaml.safe_load(text)
        return AblationFile.model_validate(loaded)
    except yaml.YAMLError as error:
        raise ConfigError(f"{where}: not YAML: {' '.join(str(error).split())}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "file"
        if first["type"] == "extra_forbidden":
            known = ", ".join(AblationFile.model_fields)
            raise ConfigError(f"{where}: {place}: no such key; the keys are {known}") from None
        expected = first["msg"].removeprefix("Input should be ")
        raise ConfigError(
            f"{where}: {place}: found {first['input']!r}, expected {expected}"
        ) from None
