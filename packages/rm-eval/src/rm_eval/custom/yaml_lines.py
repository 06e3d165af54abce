"""YAML that remembers on which line each key stands, so that a message can say it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, cast

import yaml

from rm_eval.errors import EvalError

_LARGEST: Final = 1 << 20  # bytes
_DEEPEST: Final = 4  # scores are a list of mappings: nothing lies deeper


@dataclass(frozen=True, slots=True)
class Located:
    """A mapping out of a YAML file.

    Attributes:
        file: As messages name it.
        values: Texts, numbers, lists and mappings.
        lines: The line of each key by its path, such as `columns.answer` or `scores.0.model`.
    """

    file: str
    values: Mapping[str, object]
    lines: Mapping[str, int]

    def where(self, field: str) -> str:
        """`file:line` of that field; of what holds it where it is not there; else the file."""
        path = field
        while path and path not in self.lines:
            path = path.rpartition(".")[0]
        return f"{self.file}:{self.lines[path]}" if path else self.file


def read_yaml(content: bytes, file: str) -> Located:
    """The mapping in a YAML file, by the safe loader: it makes plain values and runs nothing.

    Raises:
        EvalError: If it is too long, no YAML, no mapping, or says a key twice.
    """
    if len(content) > _LARGEST:
        raise EvalError(f"{file}: {len(content)} bytes, expected {_LARGEST} at most")
    try:
        node = cast("yaml.Node | None", yaml.compose(content, yaml.SafeLoader))
        values: object = yaml.safe_load(content)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{file}:{mark.line + 1}" if mark else file
        raise EvalError(f"{place}: not YAML: {error.problem or error.context}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise EvalError(f"{file}: not YAML: {' '.join(str(error).split())[:100]}") from None
    if not isinstance(values, dict) or not isinstance(node, yaml.MappingNode):
        found = str(cast("object", values))[:40]
        raise EvalError(f"{file}: found {found!r}, expected keys such as `name: mytask`")
    lines: dict[str, int] = {}
    for path, line in _keys(node, "", 0):
        if path in lines:
            raise EvalError(f"{file}:{line}: {path}: is said on line {lines[path]} already")
        lines[path] = line
    return Located(file, cast("Mapping[str, object]", values), lines)


def _keys(node: yaml.Node, prefix: str, depth: int) -> Iterator[tuple[str, int]]:
    if depth > _DEEPEST:
        return
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            path = f"{prefix}{key.value}"
            yield path, key.start_mark.line + 1
            yield from _keys(value, f"{path}.", depth + 1)
    elif isinstance(node, yaml.SequenceNode):
        for place, value in enumerate(node.value):
            yield f"{prefix}{place}", value.start_mark.line + 1
            yield from _keys(value, f"{prefix}{place}.", depth + 1)
