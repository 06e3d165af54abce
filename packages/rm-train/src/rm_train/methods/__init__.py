"""The training methods by name, and the text that a run names them with.

`grpo` alone changes nothing; `grpo-care:margin=0.01+observe-r1` is two methods, the first with an
option. `file.py:Class` and `package.module:Class` name a method of one's own. Nothing here imports
torch until a method is made.
"""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from rm_train.config_error import ConfigError

if TYPE_CHECKING:
    from rm_train.methods.method import Method

GRPO: Final = "grpo"

METHODS: Final[Mapping[str, str]] = {
    "grpo-care": "rm_train.methods.grpo_care:GrpoCare",
    "copo": "rm_train.methods.copo:Copo",
    "observe-r1": "rm_train.methods.observe_r1:ObserveR1",
    "reinforce++": "rm_train.methods.reinforce_plus_plus:ReinforcePlusPlus",
    "remax": "rm_train.methods.remax:Remax",
    "rloo": "rm_train.methods.rloo:Rloo",
    "dapo": "rm_train.methods.dapo:Dapo",
    "gspo": "rm_train.methods.gspo:Gspo",
    "dr-grpo": "rm_train.methods.dr_grpo:DrGrpo",
    "dynamic-sampling": "rm_train.methods.dynamic_sampling:DynamicSampling",
    "grounded-prm": "rm_train.methods.grounded_prm:GroundedPrm",
    "svqa-r1": "rm_train.methods.svqa_r1:SvqaR1",
    "vad-r1": "rm_train.methods.vad_r1:VadR1",
}
"""Name -> module and class, in the order of the documentation."""

_JOIN: Final = re.compile(r"(?<!\+)\+(?!\+)|(?<=\+\+)\+(?!\+)")
"""The + between two methods, which is not one of the two at the end of `reinforce++`."""

_KINDS: Final[Mapping[type, tuple[tuple[type, ...], str]]] = {
    bool: ((bool,), "true or false"),
    int: ((int,), "a whole number"),
    float: ((int, float), "a number"),
}
"""Type of an option's default -> the types that a value may have, and what to say otherwise."""


def check_methods(text: str) -> None:
    """Find a method that does not exist, without loading any.

    Raises:
        ConfigError: Naming it and those that exist.
    """
    for part in _JOIN.split(text):
        name = part.partition(":")[0].strip()
        if name not in (GRPO, *METHODS) and not _is_own(part):
            known = (GRPO, *METHODS)
            near = get_close_matches(name, known, n=1)
            meant = f"; did you mean {near[0]!r}?" if near else ""
            raise ConfigError(
                f"method: found {name!r}, expected some of {', '.join(known)}, joined by +, or "
                f"FILE.py:CLASS{meant}"
            )


def methods_of(text: str) -> tuple[Method, ...]:
    """The methods that a run's setting names, in their order.

    Raises:
        ConfigError: If there is no such method or option, or a value cannot be used.
    """
    check_methods(text)
    return tuple(_made(part.strip()) for part in _JOIN.split(text) if part.strip() != GRPO)


def _is_own(part: str) -> bool:
    place, colon, _ = part.strip().partition(":")
    return bool(colon) and (place.endswith(".py") or "." in place)


def _made(part: str) -> Method:
    name, _, rest = part.partition(":")
    if _is_own(part):
        class_name, _, rest = rest.partition(":")
        kind = _own_class(name, class_name)
    else:
        module, _, class_name = METHODS[name].partition(":")
        kind = getattr(import_module(module), class_name)
    known = [one for one in fields(kind) if one.init] if is_dataclass(kind) else []
    options = _options(part, name, rest, {one.name: one.default for one in known})
    try:
        return cast("Any", kind)(**options)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"method: found {part!r}: {error}") from None


def _options(part: str, name: str, rest: str, known: Mapping[str, object]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for option in filter(None, rest.split(",")):
        key, equals, value = option.partition("=")
        if not equals or key.strip() not in known:
            takes = ", ".join(known) or "no options"
            raise ConfigError(f"method: found {option!r} in {part!r}; {name} takes {takes}")
        found, default = _value(value.strip()), known[key.strip()]
        for kind, (types, expected) in _KINDS.items():
            if type(default) is kind and not (type(found) in types and found == found):
                raise ConfigError(f"method: found {option!r} in {part!r}, expected {expected}")
        options[key.strip()] = found
    return options


def _own_class(place: str, class_name: str) -> Any:  # noqa: ANN401 - a class of the user's
    from rm_train.methods.method import Method  # noqa: PLC0415 - loads torch

    try:
        if place.endswith(".py"):
            own_name = f"rm_train_method_{Path(place).stem}"
            spec = importlib.util.spec_from_file_location(own_name, place)
            assert spec is not None
            assert spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            sys.modules[module.__name__] = module  # where dataclasses look their annotations up
            spec.loader.exec_module(module)
        else:
            module = import_module(place)
        found = cast("object", getattr(module, class_name))
    except Exception as error:  # whatever the user's module raises
        reason = f"{type(error).__name__}: {error}"
        raise ConfigError(f"method: found {place}:{class_name}: {reason}") from None
    if not isinstance(found, type) or not issubclass(found, Method):
        raise ConfigError(f"method: found {place}:{class_name}, expected a subclass of Method")
    return found


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text
