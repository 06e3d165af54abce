"""The training methods by name, and the text that a run names them with.

`grpo` alone changes nothing; `grpo-care:margin=0.01+observe-r1` is two methods, the first with an
option. `file.py:Class` and `package.module:Class` name a method of one's own. Nothing here imports
torch until a method is made.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping
from dataclasses import fields
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from rm_train.config_error import ConfigError

if TYPE_CHECKING:
    from rm_train.methods.method import Method

GRPO: Final = "grpo"

METHODS: Final[Mapping[str, str]] = {}
"""Name -> module and class, in the order of the documentation."""


def check_methods(text: str) -> None:
    """Find a method that does not exist, without loading any.

    Raises:
        ConfigError: Naming it and those that exist.
    """
    for part in text.split("+"):
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
    return tuple(_made(part.strip()) for part in text.split("+") if part.strip() != GRPO)


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
    known = [field.name for field in fields(kind) if field.init]
    options: dict[str, Any] = {}
    for option in filter(None, rest.split(",")):
        key, equals, value = option.partition("=")
        if not equals or key.strip() not in known:
            takes = ", ".join(known) or "no options"
            raise ConfigError(f"method: found {option!r} in {part!r}; {name} takes {takes}")
        options[key.strip()] = _value(value.strip())
    try:
        return kind(**options)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"method: found {part!r}: {error}") from None


def _own_class(place: str, class_name: str) -> Any:  # noqa: ANN401 - a class of the user's
    from rm_train.methods.method import Method  # noqa: PLC0415 - loads torch

    try:
        if place.endswith(".py"):
            spec = importlib.util.spec_from_file_location(Path(place).stem, place)
            assert spec is not None
            assert spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
        else:
            module = import_module(place)
        found = cast("object", getattr(module, class_name))
    except (OSError, ImportError, AttributeError, SyntaxError) as error:
        raise ConfigError(f"method: found {place}:{class_name}: {error}") from None
    if not isinstance(found, type) or not issubclass(found, Method):
        raise ConfigError(f"method: found {place}:{class_name}, expected a subclass of Method")
    return found


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text
