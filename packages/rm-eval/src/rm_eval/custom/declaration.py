"""What a YAML task file may say, checked key by key."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from typing import Any, ClassVar, Final, Literal, TypeAlias, cast

from rm_eval.benchmarks.benchmark import Reference
from rm_eval.custom.rules import metrics_of
from rm_eval.custom.template import prompt_of
from rm_eval.custom.yaml_lines import Located, read_yaml
from rm_eval.errors import EvalError
from rm_eval.item import Form
from rm_rewards import RecordError, jsonl

AnswerAs: TypeAlias = Literal["letter", "index", "text"]
Clusters: TypeAlias = Literal["picture", "question", "itself", "column"]

_STRICT: Final[dict[str, Any]] = {"strict": True}
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the rows come from: a file (relative to the task file), or a data set of the hub."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    file: str = ""
    hub: str = ""
    split: str = "test"
    config: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The file's column for each thing. `options`: columns in order, or one that holds a list."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    index: str = ""
    question: str = ""
    image: str = ""
    answer: str = ""
    options: str | tuple[str, ...] = ""
    category: str = ""
    leaf: str = ""
    hint: str = ""
    cluster: str = ""
    weight: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """A task as its YAML file declares it; the keys are these names."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    name: str
    title: str = ""
    source: Source = field(default_factory=Source)
    columns: Columns = field(default_factory=Columns)
    prompt: str
    form: Form
    metric: str
    answer_as: AnswerAs = "letter"
    clusters: Clusters = "picture"
    sizes: dict[str, int] = field(default_factory=dict[str, int])
    scores: tuple[Reference, ...] = ()


def read_declaration(content: bytes, file: str, taken: Sequence[str]) -> Declaration:
    """The declaration in a YAML file.

    Args:
        content: What the file holds.
        file: As messages name it.
        taken: Names that a task of one's own cannot have.

    Raises:
        EvalError: At the first key or value that cannot be used, with its line.
    """
    located = read_yaml(content, file)
    _check_keys(located, located.values, Declaration)
    for name, record in (("source", Source), ("columns", Columns)):
        inside = located.values.get(name)
        if isinstance(inside, dict):
            _check_keys(located, cast("Mapping[str, object]", inside), record, f"{name}.")
    scores = located.values.get("scores")
    for place, one in enumerate(cast("list[object]", scores) if isinstance(scores, list) else []):
        if isinstance(one, dict):
            _check_keys(located, cast("Mapping[str, object]", one), Reference, f"scores.{place}.")
    try:
        declared = jsonl.parse_object(Declaration, dict(located.values))
    except RecordError as error:
        raise _at(located, error.field, str(error).partition(": ")[2]) from None
    except TypeError:  # a date, or a key that is no text
        raise EvalError(
            f"{file}: found a date or another value that JSON does not know; put it in quotes"
        ) from None
    _check_values(declared, located, taken)
    return declared


def _check_keys(
    located: Located, held: Mapping[str, object], record: type, prefix: str = ""
) -> None:
    known = [one.name for one in fields(record)]
    for key in held:
        if key not in known:
            close = get_close_matches(str(key), known, n=1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            raise _at(
                located, f"{prefix}{key}", f"unknown key, expected one of {', '.join(known)}{hint}"
            )


def _check_values(declared: Declaration, located: Located, taken: Sequence[str]) -> None:
    if not _NAME.fullmatch(declared.name):
        wanted = "small letters, digits, dots and dashes, 64 at most"
        raise _at(located, "name", f"found {declared.name[:80]!r}, expected {wanted}")
    if declared.name in taken:
        raise _at(located, "name", f"{declared.name!r} is a built-in task; take another name")
    known = metrics_of(declared.form)
    if declared.metric not in known:
        listed = ", ".join(known)
        found = f"found {declared.metric!r}, expected for the form {declared.form} one of {listed}"
        raise _at(located, "metric", found)
    try:
        prompt_of(declared.prompt, declared.form)
    except ValueError as error:
        found = f"found {declared.prompt[:60]!r}, expected {error}"
        raise _at(located, "prompt", found) from None
    _check_fit(declared, located)


def _check_fit(declared: Declaration, located: Located) -> None:
    """Whether the keys, each of them right, fit together."""
    if declared.clusters == "column" and not declared.columns.cluster:
        raise _at(located, "clusters", "found 'column', but columns.cluster names none")
    if declared.form != "choice" and declared.columns.options:
        found = f"{declared.form} answers have no options; the form of lettered ones is choice"
        raise _at(located, "columns.options", found)
    if declared.source.file and declared.source.hub:
        raise _at(located, "source.hub", "expected one of file and hub, found both")
    for name, size in declared.sizes.items():
        if size < 1:
            raise _at(located, f"sizes.{name}", f"found {size}, expected 1 or more")


def _at(located: Located, field_name: str, said: str) -> EvalError:
    return EvalError(f"{located.where(field_name)}: {field_name}: {said}")
