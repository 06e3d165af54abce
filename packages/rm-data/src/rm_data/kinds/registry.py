"""The types of questions that are asked for by name."""

from __future__ import annotations

import runpy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Final, Protocol

from rm_data.sheet import Sheet
from rm_rewards import QUESTION_TYPES, Question, RecordError, answer_form

_OURS: Final = (
    "stations_on_line",
    "transfers_on_line",
    "terminal",
    "next_stop",
    "shorter_route",
    "impossible",
)
_found: Final[dict[str, Kind]] = {}


class Maker(Protocol):
    """What asks questions of one type about a map.

    It gives up to `count` questions, fewer where the map has no more: a shortfall is reported, and
    never padded. Equal arguments give equal questions; chance comes from `sheet.random`.
    """

    def __call__(self, sheet: Sheet, count: int, seed: int) -> Iterator[Question]:
        """The questions, with the ids `sheet.ids(name)` and the fields `sheet.columns`."""
        ...


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of question.

    Attributes:
        name: Its name; the beginning tells how the answer is written and graded
            (`rm_rewards.answer_form`): `TorF`, `Choice` or `Counting`.
        ask: What makes the questions.
        per_map: How many a map gets where nothing else is said.
    """

    name: str
    ask: Maker
    per_map: int


def register(name: str, ask: Maker, *, per_map: int = 10) -> Kind:
    """Make a type known by its name; it is asked when it is named, `all` stays the published six.

    Raises:
        RecordError: For a name that tells no form of answer, or that is taken.

    Example:
        >>> def deepest(sheet, count, seed):
        ...     yield from ()
        >>> register("CountingSteps", deepest).name
        'CountingSteps'
    """
    if answer_form(name) is None or "/" in name or "," in name:
        raise RecordError("type", name, "a name that begins with TorF, Choice or Counting")
    if name in QUESTION_TYPES or name in _found:
        raise RecordError("type", name, "a name that no other type has")
    if per_map < 0:
        raise RecordError("per_map", per_map, "a number that is not negative")
    kind = _found[name] = Kind(name, ask, per_map)
    return kind


def kinds() -> Mapping[str, Kind]:
    """The types besides the published six, sorted by name."""
    _load_ours()
    return {name: _found[name] for name in sorted(_found)}


@cache
def _load_ours() -> None:
    for name in _OURS:
        import_module(f"rm_data.kinds.{name}")


@cache
def load_kinds(path: Path) -> tuple[str, ...]:
    """Run a Python file that calls `register`; gives the names of its types.

    Raises:
        RecordError: If the file registers none, or fails.
        OSError: If it cannot be read.
    """
    before = set(kinds())
    path.open("rb").close()
    try:
        runpy.run_path(str(path))
    except RecordError as error:
        raise error.at(str(path)) from None
    except (Exception, SystemExit) as error:  # whatever the user's own file does
        expected = "Python that runs"
        raise RecordError(
            "file", f"{type(error).__name__}: {error}", expected, where=str(path)
        ) from None
    made = tuple(name for name in kinds() if name not in before)
    if not made:
        raise RecordError("file", "no type", "a call of rm_data.register", where=str(path))
    return made
