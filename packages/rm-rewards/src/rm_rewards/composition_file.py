"""A composed reward from its TOML or YAML file, checked key by key.

Example::

    name = "brief"
    semver = "1.0.0"
    base = "rewardmap"        # reads and judges each reply

    [parts.right]
    use = "correctness"

    [parts.form]
    use = "format"
    weight = 0.5

    [parts.short]             # counts for right replies alone
    use = "brevity"
    weight = 0.1
    gate = "right"
    limit = 2000

`use` is the name of the part where it is left out. The kinds are those of `rm_rewards.parts.KINDS`
and `rm_rewards.methods.kinds.METHOD_KINDS`; `module:attribute` names a `Kind` of your own, and the
module is then imported. YAML holds the same keys, and needs PyYAML.
"""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Final, cast

from rm_rewards.composition import AnyReward, Composition, Part
from rm_rewards.parts import KINDS, Kind
from rm_rewards.records import RecordError
from rm_rewards.specs import SPECS, RewardSpec, reward_spec

_TOP: Final = ("name", "semver", "base", "inversions", "parts")
_PART: Final = ("use", "weight", "gate", "gate_at")
SUFFIXES: Final = (".toml", ".yaml", ".yml")


def chosen_reward(name: str) -> AnyReward:
    """The reward of that name, or the composition in that file if it is one of `SUFFIXES`.

    Raises:
        RecordError: For an unknown name; for a file that is not a composition, with its path.
        OSError: If the file cannot be read.
    """
    return read_composition(Path(name)) if name.endswith(SUFFIXES) else reward_spec(name)


def read_composition(path: Path, kinds: Mapping[str, Kind] = KINDS) -> Composition:
    """A composition from a TOML or YAML file: `name`, and a table `[parts.NAME]` for each part.

    A part says `use` (a kind, or `module:attribute` of a `Kind` of your own), and may say
    `weight`, `gate`, `gate_at` and the options of its kind.

    Raises:
        RecordError: With file, key, the value found, what was expected, and the nearest name.
        OSError: If the file cannot be read.
    """
    form = "TOML" if path.suffix == ".toml" else "YAML"
    try:
        text = path.read_text(encoding="utf-8")
        loaded = tomllib.loads(text) if form == "TOML" else _from_yaml(text)
    except RecordError as error:
        raise error.at(str(path)) from None
    except ValueError as error:  # broken, or not UTF-8
        said = " ".join(str(error).split())
        raise RecordError("file", said, f"a composition as {form}", where=str(path)) from None
    try:
        return composition_from(loaded, name=path.stem, kinds=kinds)
    except RecordError as error:
        raise error.at(str(path)) from None


def _from_yaml(text: str) -> Mapping[str, object]:
    try:
        yaml = importlib.import_module("yaml")
    except ModuleNotFoundError:
        expected = "PyYAML to read it (pip install pyyaml), or the same keys in a .toml file"
        raise RecordError("file", "YAML", expected) from None
    try:
        found: object = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None
    if not isinstance(found, dict):
        raise RecordError("file", found, "keys and values, such as `name: mine`")
    return cast("dict[str, object]", _with_texts_as_keys(cast("object", found)))


def _with_texts_as_keys(value: object) -> object:
    if not isinstance(value, dict):
        return value
    table = cast("dict[object, object]", value)
    return {str(key): _with_texts_as_keys(each) for key, each in table.items()}


def composition_from(
    value: Mapping[str, object], *, name: str = "", kinds: Mapping[str, Kind] = KINDS
) -> Composition:
    """A composition from a mapping of the form that the TOML file has.

    Raises:
        RecordError: As `read_composition`, without a file.
    """
    _known("", value, _TOP)
    parts = value.get("parts")
    if not isinstance(parts, dict) or not parts:
        found = cast("object", parts)
        raise RecordError("parts", found, "a table [parts.NAME] for each part")
    inversions = value.get("inversions", False)
    if not isinstance(inversions, bool):
        raise RecordError("inversions", inversions, "true or false")
    return Composition(
        name=_text("name", value.get("name", name)),
        semver=_text("semver", value.get("semver", "1.0.0")),
        base=_base(_text("base", value.get("base", "rewardmap"))),
        inversions=inversions,
        parts=tuple(
            _part(key, table, kinds) for key, table in cast("dict[str, object]", parts).items()
        ),
    )


def _part(name: str, value: object, kinds: Mapping[str, Kind]) -> Part:
    place = f"parts.{name}"
    if not isinstance(value, dict):
        raise RecordError(place, value, f"a table [{place}]")
    table = cast("dict[str, object]", value)
    kind = _kind(f"{place}.use", _text(f"{place}.use", table.get("use", name)), kinds)
    _known(place, table, (*_PART, *kind.options))
    gate = table.get("gate")
    return Part(
        name=name,
        kind=kind,
        weight=_number(f"{place}.weight", table.get("weight", 1.0)),
        gate=None if gate is None else _text(f"{place}.gate", gate),
        gate_at=_number(f"{place}.gate_at", table.get("gate_at", 1.0)),
        options={k: _number(f"{place}.{k}", v) for k, v in table.items() if k not in _PART},
    )


def _kind(place: str, use: str, kinds: Mapping[str, Kind]) -> Kind:
    if use in kinds:
        return kinds[use]
    module, colon, attribute = use.partition(":")
    if not colon:
        known = {**kinds, **_method_kinds()}
        if use in known:
            return known[use]
        raise RecordError(place, use, f"one of {', '.join(known)}{_nearest(use, known)}")
    try:
        found: object = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise RecordError(place, use, f"module:attribute that can be loaded ({error})") from None
    if not isinstance(found, Kind):
        raise RecordError(place, use, "a rm_rewards.parts.Kind")
    return found


def _method_kinds() -> Mapping[str, Kind]:
    from rm_rewards.methods.kinds import METHOD_KINDS  # noqa: PLC0415 - seldom asked for

    return METHOD_KINDS


def _base(name: str) -> RewardSpec:
    if name not in SPECS:
        raise RecordError("base", name, f"one of {', '.join(SPECS)}{_nearest(name, SPECS)}")
    return SPECS[name]


def _known(place: str, table: Mapping[str, object], keys: tuple[str, ...]) -> None:
    for key in table:
        if key not in keys:
            field = f"{place}.{key}" if place else key
            raise RecordError(field, key, f"one of {', '.join(keys)}{_nearest(key, keys)}")


def _nearest(word: str, names: Mapping[str, object] | tuple[str, ...]) -> str:
    close = get_close_matches(word, list(names), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _text(place: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise RecordError(place, value, "a text that is not empty")
    return value


def _number(place: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RecordError(place, value, "a number")
    return float(value)


__all__ = ["SUFFIXES", "chosen_reward", "composition_from", "read_composition"]
