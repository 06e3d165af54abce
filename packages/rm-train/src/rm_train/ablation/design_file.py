"""Ablations as YAML files: those that come along, and anyone's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rm_train.ablation.design import SEED, Design, Factor, Level, Reach, Style, Task
from rm_train.config import ConfigError

_ALSO: Final[Mapping[str, str]] = {"order": "schedule"}
"""Other names of factors."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Task(_Strict):
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


class _File(_Strict):
    """The keys of an ablation file."""

    title: str
    design: Style = "each"
    base: dict[str, _Setting] = {}
    embedded: dict[str, _Setting] = {}
    task: _Task | None = None
    factors: dict[str, Levels] = Field(min_length=1)
    baseline: dict[str, str | int | float | bool] = {}
    strata: dict[str, Levels] = {}
    repeats: dict[str, Levels] = {}
    seeds: int = Field(default=3, ge=1)
    reach: _Reach = _Reach()
    grading: str = "rewardmap"
    short: _Short = _Short()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the command line asks of a file.

    Attributes:
        over: Factors to vary, of this file or of one that comes along; empty: all of the file.
        seeds: How many; None leaves it to the file.
        short: Take the file's short form.
        preset: Run settings in place of the file's `embedded` section.
        settings: Settings over all others.
        style: `each` or `full`; None leaves it to the file.
    """

    over: tuple[str, ...] = ()
    seeds: int | None = None
    short: bool = False
    preset: str | None = None
    settings: Mapping[str, object] = field(default_factory=dict[str, object])
    style: Style | None = None


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
    return _checked(_shipped_text(name), name).title


def read_design(name: str, wanted: Wanted) -> Design:
    """The design in a file.

    Args:
        name: One of `shipped()`, or the path of a file.
        wanted: What the command line asks.

    Raises:
        ConfigError: Naming the file, the key, the value and what was expected.
        OSError: If the file cannot be read.
    """
    text = _shipped_text(name) if name in shipped() else _text(name)
    return _design(_checked(text, name), name, wanted)


def _text(name: str) -> str:
    path = Path(name)
    if not path.is_file() and path.suffix not in {".yaml", ".yml"}:
        raise ConfigError(f"--config {name}: expected a file or one of {', '.join(shipped())}")
    return path.read_text(encoding="utf-8")


def _shipped_text(name: str) -> str:
    return (files("rm_train") / "ablations" / f"{name}.yaml").read_text(encoding="utf-8")


def _checked(text: str, where: str) -> _File:
    try:
        loaded: object = yaml.safe_load(text)
        return _File.model_validate(loaded)
    except yaml.YAMLError as error:
        raise ConfigError(f"{where}: not YAML: {' '.join(str(error).split())}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "file"
        if first["type"] == "extra_forbidden":
            known = ", ".join(_File.model_fields)
            raise ConfigError(f"{where}: {place}: no such key; the keys are {known}") from None
        expected = first["msg"].removeprefix("Input should be ")
        raise ConfigError(
            f"{where}: {place}: found {first['input']!r}, expected {expected}"
        ) from None


def _design(read: _File, where: str, wanted: Wanted) -> Design:
    tiny = wanted.preset is None
    base: dict[str, object] = {**read.base, **(read.embedded if tiny else {})}
    if not tiny:
        base["preset"] = wanted.preset
    if wanted.short:
        base |= read.short.base
    base |= wanted.settings
    seeds = wanted.seeds or (read.short.seeds if wanted.short else read.seeds)
    chosen = _chosen(read, where, wanted.over)
    own_questions = base.get("questions") is not None
    return Design(
        title=read.title,
        style=wanted.style or read.design,
        factors=tuple(
            _factor(where, name, levels, read.baseline.get(name)) for name, levels in chosen.items()
        ),
        strata=_factors(where, read.strata) if tiny else (),
        repeats=_factors(where, read.repeats) if tiny else (),
        seeds=tuple(range(seeds)),
        settings=_with_baselines(where, read, chosen, base),
        task=None if own_questions else _task(read.task, where),
        reach=Reach(kind=read.reach.kind, level=read.reach.level, window=read.reach.window),
        grading=read.grading,
    )


def _chosen(read: _File, where: str, over: Sequence[str]) -> dict[str, Levels]:
    """The factors to vary: of the file, or of the files that come along."""
    names = [_ALSO.get(name, name) for name in over]
    repeated = {SEED, *read.strata, *read.repeats}
    wanted = [name for name in names if name not in repeated]
    if not wanted:
        return read.factors
    known: dict[str, Levels] = {}
    for name in shipped():
        known = {**_checked(_shipped_text(name), name).factors, **known}
    known |= read.factors
    for name in wanted:
        if name not in known:
            names = ", ".join([*known, SEED])
            raise ConfigError(f"--over {name}: not in {where}; the factors are {names}")
    return {name: known[name] for name in wanted}


def _with_baselines(
    where: str, read: _File, chosen: Mapping[str, Levels], base: Mapping[str, object]
) -> dict[str, object]:
    """The base settings, with the baseline of each factor that is not varied."""
    settings = dict(base)
    for name, levels in read.factors.items():
        if name not in chosen:
            factor = _factor(where, name, levels, read.baseline.get(name))
            settings |= factor.level(factor.baseline).settings
    return settings


def _factors(where: str, read: Mapping[str, Levels]) -> tuple[Factor, ...]:
    return tuple(_factor(where, name, levels, None) for name, levels in read.items())


def _factor(where: str, name: str, levels: Levels, baseline: object) -> Factor:
    if isinstance(levels, dict):
        made = tuple(Level(label, settings) for label, settings in levels.items())
    else:
        made = tuple(Level(str(value), {name: value}) for value in levels)
    labels = [level.label for level in made]
    if not made or len(set(labels)) < len(labels):
        raise ConfigError(f"{where}: factors.{name}: found {labels}, expected different levels")
    first = str(labels[0] if baseline is None else baseline)
    if first not in labels:
        expected = " or ".join(labels)
        raise ConfigError(f"{where}: baseline.{name}: found {first!r}, expected {expected}")
    return Factor(name, made, first)


def _task(read: _Task | None, where: str) -> Task:
    if read is None:
        raise ConfigError(f"{where}: task: found none, expected one, or --questions")
    return Task(
        train_maps=read.train_maps,
        held_out_maps=read.held_out_maps,
        per_map=read.per_map,
        held_out=read.held_out,
        transfers=read.transfers,
    )
