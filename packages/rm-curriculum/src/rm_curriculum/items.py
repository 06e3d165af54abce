"""What can be scheduled: anything with an id and a type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

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


def types_by_id(items: Iterable[Item | Mapping[str, object]]) -> dict[str, str]:
    """The type of each item by its id.

    Raises:
        CurriculumError: If there are no items, an id repeats, or an item lacks `id` or `type`.
    """
    types: dict[str, str] = {}
    for place, item in enumerate(items):
        identity, kind = _field(item, "id", place), _field(item, "type", place)
        if identity in types:
            raise CurriculumError(
                f"item {place}: id {identity!r} stands there twice, expected each id once",
                item=identity,
            )
        types[identity] = kind
    if not types:
        raise CurriculumError("there are no items, expected at least one")
    return types


def _field(item: Item | Mapping[str, object], name: str, place: int) -> str:
    value = item.get(name) if isinstance(item, Mapping) else getattr(item, name, None)
    if not isinstance(value, str) or not value:
        raise CurriculumError(f"item {place}: {name}: found {value!r}, expected a text")
    return value
