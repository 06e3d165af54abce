"""The command-line options of a run: made from the fields of the configuration."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Annotated, Any, Final, cast, get_args, get_origin, get_type_hints

import typer

from rm_train.config import LoraConfig, ProbeConfig, SftConfig, TrainConfig
from rm_train.config_file import presets
from rm_train.watchdog.settings import WatchConfig

_SECTIONS: Final[Mapping[str, type]] = {
    "lora": LoraConfig,
    "probe": ProbeConfig,
    "sft": SftConfig,
    "watch": WatchConfig,
}

Command = Callable[..., None]


def with_run_options(
    command: Command, more: Sequence[inspect.Parameter] = ()
) -> Callable[..., None]:
    """The command with `--config`, `--preset` and an option for each setting.

    It gets the file, the preset, and those settings alone that were given, sections as `sft.lr`;
    and by their names the options `more`, which `more_option` makes.
    """
    names = dict(_settings())

    def wrapped(config: Path | None, preset: str | None, **given: object) -> None:
        others = {option.name: given.pop(option.name) for option in more}
        chosen = {names[name]: value for name, value in given.items() if value is not None}
        command(config, preset, chosen, **others)

    parameters = [*more, *_sources(), *_parameters()]
    annotations = {parameter.name: parameter.annotation for parameter in parameters}
    wrapped.__name__ = command.__name__
    wrapped.__doc__ = command.__doc__
    wrapped.__annotations__ = {**annotations, "return": None}
    cast("Any", wrapped).__signature__ = inspect.Signature(parameters)
    return wrapped


def more_option(name: str, kind: object, default: object, text: str) -> inspect.Parameter:
    """An option of a command beside the settings of a run."""
    shown = "" if default is None else f" Default: {default}."
    option = typer.Option(f"--{name.replace('_', '-')}", help=f"{text}{shown}", show_default=False)
    keyword = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, keyword, default=default, annotation=Annotated[kind, option])


def _sources() -> list[inspect.Parameter]:
    file = typer.Option(help="YAML file with the settings below as keys; it may name a `preset`.")
    preset = typer.Option(help=f"One of {', '.join(presets())}.")
    return [
        _parameter("config", Annotated[Path | None, file]),
        _parameter("preset", Annotated[str | None, preset]),
    ]


def _settings() -> list[tuple[str, str]]:
    """Each option's parameter with its key, such as `sft_lr` with `sft.lr`."""
    flat = [(f.name, f.name) for f in fields(TrainConfig) if f.name not in _SECTIONS]
    nested = [
        (f"{section}_{f.name}", f"{section}.{f.name}")
        for section, kind in _SECTIONS.items()
        for f in fields(kind)
    ]
    return flat + nested


def _parameters() -> list[inspect.Parameter]:
    made = _of(TrainConfig, "")
    for section, kind in _SECTIONS.items():
        made += _of(kind, f"{section}_")
    return made


def _of(kind: type, prefix: str) -> list[inspect.Parameter]:
    hints = get_type_hints(kind, include_extras=True)
    return [
        _option(prefix + field.name, hints[field.name], field)
        for field in fields(cast("Any", kind))
        if field.name not in _SECTIONS
    ]


def _option(name: str, hint: object, field: Field[object]) -> inspect.Parameter:
    assert get_origin(hint) is Annotated
    plain, text = get_args(hint)
    shown = (
        "" if field.default is None or field.default is MISSING else f" Default: {field.default}."
    )
    flag = name.replace("_", "-")
    declared = (f"--{flag}/--no-{flag}",) if plain is bool else (f"--{flag}",)
    option = typer.Option(*declared, help=f"{text}{shown}", show_default=False)
    return _parameter(name, Annotated[plain | None, option])


def _parameter(name: str, annotation: object) -> inspect.Parameter:
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, kind, default=None, annotation=annotation)
