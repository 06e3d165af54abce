"""One record from the JSON that holds it, checked: pydantic is loaded here, where bytes come in."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from rm_rewards.records import RecordError

T = TypeVar("T")


@cache
def adapter(record: type[T]) -> TypeAdapter[T]:
    """What checks and writes records of that type; built once."""
    return TypeAdapter(record)


def parse(record: type[T], line: str | bytes, where: str = "") -> T:
    """One record from its line of JSON.

    Raises:
        RecordError: With `where` (`file:line`), the field, the value found and what was expected.
    """
    try:
        loaded = json.loads(line)
    except (ValueError, RecursionError) as error:  # also: too many digits, too deep
        text = line.decode("utf-8", "replace") if isinstance(line, bytes) else line
        raise RecordError(
            "line", text.strip()[:60], f"a JSON object ({error})", where=where
        ) from None
    return parse_object(record, loaded, where)


def parse_object(record: type[T], loaded: object, where: str = "") -> T:
    """One record from a JSON value that has been read already. Unknown keys are ignored.

    Raises:
        RecordError: As `parse`.
    """
    if not isinstance(loaded, dict):
        raise RecordError("line", loaded, "a JSON object", where=where)
    value = cast("dict[str, Any]", loaded)
    if isinstance(value.get("routes"), dict):  # ReasonMap's own form: {"1": [leg, ...], ...}
        value = {**value, "routes": list(value["routes"].values())}
    try:
        return adapter(record).validate_json(json.dumps(value))
    except ValidationError as error:
        raise named(error).at(where) from None


def named(error: ValidationError) -> RecordError:
    """The first fault that pydantic found, as our error."""
    first = error.errors()[0]
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, RecordError):
        return cause
    name = ".".join(str(part) for part in first["loc"]) or "line"
    if first["type"] == "missing":
        return RecordError(name, None, "a value: the field is missing")
    return RecordError(name, first["input"], first["msg"].removeprefix("Input should be "))
