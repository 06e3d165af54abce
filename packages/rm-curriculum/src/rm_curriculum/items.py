"""What can be scheduled: anything with an id and a type, held as columns by index."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import isnan, nan
from typing import Any, Final, Protocol, TypeAlias

from rm_curriculum.errors import CurriculumError


class Item(Protocol):
    """Anything with an id and a type: a `Question`, or a row of a dataset."""

    @property
    def id(self) -> str:
        """Unique among the items."""
        ...

    @property
    def type(self) -> str:
        """The question type; decides the stage."""
        ...


Row: TypeAlias = Item | Mapping[str, object]
Field: TypeAlias = str | Callable[[Any], object]
"""The name of an item's field, or a function of the item that gives the value."""

LABELS: Final[Mapping[str, float]] = {"easy": 0.0, "middle": 0.5, "medium": 0.5, "hard": 1.0}


@dataclass(frozen=True, slots=True)
class Table:
    """The items as columns. An item is its index: its rank among the sorted ids.

    Attributes:
        ids: Sorted; so neither the order of the file nor of a mapping plays a part.
        index: The index of each id.
        types: The question type of each item.
        cities: The city of each item, "" where it has none.
        labels: What the `stage` argument of the curriculum says of each item, if one was given.
        difficulty: From 0 (easy) to 1 (hard), NaN where unknown.
        complexity: Mean tokens of the replies to it, NaN where unknown.
    """

    ids: tuple[str, ...]
    index: Mapping[str, int]
    types: tuple[str, ...]
    cities: tuple[str, ...]
    labels: tuple[str, ...] | None
    difficulty: array[float]
    complexity: array[float]

    def __len__(self) -> int:
        return len(self.ids)

    def fingerprint(self) -> str:
        """A hash over ids, types, labels and difficulties: 16 hexadecimal digits."""
        columns = (self.ids, self.types, self.labels or (), self.difficulty, self.complexity)
        whole = hashlib.sha256()
        for column in columns:
            text = "\x1f".join(map(str, column))
            whole.update(f"{len(column)}\x1e{text}".encode("utf-8", "surrogatepass"))
        return whole.hexdigest()[:16]

    def grade(self, item: int) -> str:
        """The third of the difficulties in which the item lies: easy, middle or hard.

        Raises:
            CurriculumError: If the item's difficulty is unknown.
        """
        found = self.known_difficulty(item)
        return "easy" if found < 1 / 3 else "middle" if found < 2 / 3 else "hard"

    def known_difficulty(self, item: int) -> float:
        """The item's difficulty.

        Raises:
            CurriculumError: If it is unknown.
        """
        found = self.difficulty[item]
        if isnan(found):
            raise CurriculumError(
                f"item {self.ids[item]!r} has no difficulty, but the schedule goes by it; give "
                "each item `difficulty` (0 to 1, or easy, middle, hard) or `difficulty_question`",
                item=self.ids[item],
            )
        return found


def table_of(items: Iterable[Row], *, key: Field = "id", stage: Field | None = None) -> Table:
    """The items as columns.

    Args:
        items: Mappings or objects. Read are `key`, `type`, `city`, `difficulty` (or
            `difficulty_question` and `difficulty_city`) and `complexity`; all but the first two may
            be missing, and `type` too where `stage` is given.
        key: The field, or function of the item, that gives its unique id.
        stage: The field, or function, that gives its stage; None leaves it to the schedule.

    Raises:
        CurriculumError: If there are no items, an id repeats, or a field is missing or not usable.
    """
    rows: dict[str, tuple[str, str, str, float, float]] = {}
    for place, item in enumerate(items):
        identity = _text(item, key, "id", place)
        if identity in rows:
            raise CurriculumError(
                f"item {place}: id {identity!r} stands there twice, expected each id once",
                item=identity,
            )
        label = "" if stage is None else _text(item, stage, "stage", place)
        kind = label if label and _get(item, "type") is None else _text(item, "type", "type", place)
        city = _get(item, "city")
        rows[identity] = (
            kind,
            city if isinstance(city, str) else "",
            label,
            _difficulty(item, place),
            _number(item, "complexity", place),
        )
    if not rows:
        raise CurriculumError("there are no items, expected at least one")
    ids = tuple(sorted(rows))
    types, cities, labels, difficulty, complexity = zip(*map(rows.__getitem__, ids), strict=True)
    return Table(
        ids=ids,
        index={identity: index for index, identity in enumerate(ids)},
        types=types,
        cities=cities,
        labels=None if stage is None else labels,
        difficulty=array("d", difficulty),
        complexity=array("d", complexity),
    )


def _get(item: Row, name: str) -> object:
    return item.get(name) if isinstance(item, Mapping) else getattr(item, name, None)


def _text(item: Row, field: Field, name: str, place: int) -> str:
    value = _get(item, field) if isinstance(field, str) else field(item)
    if not isinstance(value, str) or not value:
        shown = field if isinstance(field, str) else name
        raise CurriculumError(f"item {place}: {shown}: found {value!r}, expected a text")
    return value


def _difficulty(item: Row, place: int) -> float:
    if _get(item, "difficulty") is not None:
        return _share(item, "difficulty", place)
    labels = [
        _share(item, name, place)
        for name in ("difficulty_question", "difficulty_city")
        if _get(item, name) is not None
    ]
    return sum(labels) / len(labels) if labels else nan


def _share(item: Row, name: str, place: int) -> float:
    value = _get(item, name)
    if isinstance(value, str) and value in LABELS:
        return LABELS[value]
    number = _number(item, name, place)
    if not 0.0 <= number <= 1.0:
        raise CurriculumError(
            f"item {place}: {name}: found {value!r}, expected 0 to 1, or {', '.join(LABELS)}"
        )
    return number


def _number(item: Row, name: str, place: int) -> float:
    value = _get(item, name)
    if value is None:
        return nan
    if isinstance(value, bool) or not isinstance(value, int | float) or isnan(value):
        raise CurriculumError(f"item {place}: {name}: found {value!r}, expected a number")
    return float(value)
