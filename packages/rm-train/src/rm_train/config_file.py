"""Where a configuration comes from: a preset, over it a YAML file, over it the command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar, cast

import yaml
from pydantic import TypeAdapter, ValidationError

from rm_train.config import ConfigError, LoraConfig, ProbeConfig, SftConfig, TrainConfig
from rm_train.watchdog.settings import WatchConfig

T = TypeVar("T")

_SECTIONS: Mapping[str, type] = {
    "lora": LoraConfig,
    "probe": ProbeConfig,
    "sft": SftConfig,
    "watch": WatchConfig,
}

_ELSEWHERE: Mapping[str, str] = {
    "group_size": "num_generations",
    "kl_coef": "beta",
    "learning_rate": "lr",
    "lr_scheduler_type": "lr_schedule",
    "model_name_or_path": "model",
    "num_train_epochs": "epochs",
    "output_dir": "out",
    "per_device_train_batch_size": "micro_batch",
    "rollouts": "num_generations",
    "scale_rewards": "advantage",
}
"""What other trainers call our settings, so that a message can say ours."""

_RENAMED: Mapping[str, str] = {
    "qwen2.5-vl-3b-rewardmap": "rewardmap-qwen2.5-vl-3b",
    "qwen2.5-vl-7b-rewardmap": "rewardmap-qwen2.5-vl-7b",
    "qwen2.5-vl-7b-rewardmap-lora": "rewardmap-qwen2.5-vl-7b-lora",
}
"""Former names of presets, which are understood still."""


def presets() -> tuple[str, ...]:
    """The names of the presets that come with the package."""
    return tuple(
        sorted(
            entry.name.removesuffix(".yaml")
            for entry in (files("rm_train") / "presets").iterdir()
            if entry.name.endswith(".yaml")
        )
    )


def resolve(
    preset: str | None = None,
    file: Path | None = None,
    overrides: Mapping[str, object] | None = None,
) -> TrainConfig:
    """The configuration of a run, checked.

    Args:
        preset: A name of `presets()`. A file may name one itself with the key `preset`; without
            either the defaults of `TrainConfig` hold.
        file: A YAML file with the fields of `TrainConfig` as keys. Paths in it are relative to it.
        overrides: What the command line sets: field names, sections as `lora.r`.

    Raises:
        ConfigError: Naming the file, the key and the nearest known key, or the value.
        OSError: If the file cannot be read.
    """
    merged: dict[str, object] = {}
    loaded = _read(file.read_text(encoding="utf-8"), str(file)) if file else {}
    named = loaded.pop("preset", None)
    chosen = preset or named
    if chosen is not None:
        merged = _merge(merged, _preset(str(chosen), str(file) if named else "--preset"))
    if file is not None:
        merged = _merge(merged, _relative(loaded, file.parent))
    nested = _nested(overrides or {})
    sources = [f"preset {chosen}" if chosen else "", str(file or ""), "options" if nested else ""]
    where = " + ".join(source for source in sources if source) or "defaults"
    return from_mapping(_merge(merged, nested), where=where)


def from_mapping(
    values: Mapping[str, object], *, where: str, overrides: Mapping[str, object] | None = None
) -> TrainConfig:
    """A checked configuration from plain values, as YAML gives them.

    Args:
        values: Field names with values, sections nested.
        where: Where they stand, for messages.
        overrides: As for `resolve`.

    Raises:
        ConfigError: Starting with `where`.
    """
    values = _merge(values, _nested(overrides or {}))
    _check_keys(values, TrainConfig, where)
    for section, kind in _SECTIONS.items():
        inner = values.get(section, {})
        if not isinstance(inner, dict):
            raise ConfigError(f"{where}: {section}: found {inner!r}, expected keys and values")
        _check_keys(cast("dict[str, object]", inner), kind, where, f"{section}.")
    try:
        config = TypeAdapter(TrainConfig).validate_python(dict(values))  # YAML reads 1e-6 as text
        config.check()
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        expected = first["msg"].removeprefix("Input should be ").removeprefix("a valid ")
        raise ConfigError(
            f"{where}: {name}: found {first['input']!r}, expected {expected}"
        ) from None
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from None
    return config


def to_yaml(config: TrainConfig) -> str:
    """The configuration as YAML, every field, in the order of the class."""
    return yaml.safe_dump(to_mapping(config), sort_keys=False, allow_unicode=True)


def to_mapping(config: TrainConfig) -> dict[str, object]:
    """Every field as plain values, sections nested."""
    return cast("dict[str, object]", _plain(asdict(config)))


def from_yaml(text: str, *, where: str) -> TrainConfig:
    """The configuration that `to_yaml` wrote.

    Raises:
        ConfigError: Starting with `where`.
    """
    return from_mapping(_read(text, where), where=where)


def _plain(value: object) -> object:
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in cast("dict[str, object]", value).items()}
    return value


def _read(text: str, where: str) -> dict[str, object]:
    try:
        loaded: object = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"{where}: not YAML: {' '.join(str(error).split())}") from None
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise ConfigError(f"{where}: found {type(loaded).__name__}, expected keys and values")
    return {str(key): value for key, value in cast("dict[object, object]", loaded).items()}


def _preset(name: str, where: str) -> dict[str, object]:
    name = _RENAMED.get(name, name)
    if name not in presets():
        raise ConfigError(f"{where}: preset {name!r}: expected one of {', '.join(presets())}")
    text = (files("rm_train") / "presets" / f"{name}.yaml").read_text(encoding="utf-8")
    own = _read(text, f"preset {name}")
    below = own.pop("preset", None)
    return own if below is None else _merge(_preset(str(below), f"preset {name}"), own)


def _relative(values: Mapping[str, object], folder: Path) -> dict[str, object]:
    """Paths of a file are meant from where the file stands; `out` from where the command runs."""
    names = {"questions", "eval_questions", "networks", "maps", "replies"}
    found = {
        key: str(folder / value) if key in names and isinstance(value, str) else value
        for key, value in values.items()
    }
    for section in ("sft", "probe"):
        if isinstance(inner := found.get(section), dict):
            found[section] = _relative(cast("dict[str, object]", inner), folder)
    return found


def _merge(below: Mapping[str, object], above: Mapping[str, object]) -> dict[str, object]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        if isinstance(value, dict) and isinstance(old, dict):
            merged[key] = {**cast("dict[str, object]", old), **cast("dict[str, object]", value)}
        else:
            merged[key] = value
    return merged


def _nested(overrides: Mapping[str, object]) -> dict[str, object]:
    nested: dict[str, Any] = {}
    for key, value in overrides.items():
        section, dot, name = key.partition(".")
        if dot:
            nested.setdefault(section, {})[name] = value
        else:
            nested[key] = value
    return nested


def _check_keys(values: Mapping[str, object], kind: type, where: str, prefix: str = "") -> None:
    assert is_dataclass(kind)
    known = [found.name for found in fields(kind)]
    for key in values:
        if key not in known:
            near = _ELSEWHERE.get(key) or get_close_matches(key, known, n=1, cutoff=0.0)[0]
            raise ConfigError(f"{where}: unknown key {prefix + key!r}, the nearest is {near!r}")
