"""What was read out of a reply, and by which rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from rm_eval.item import Item

Rule: TypeAlias = Literal[
    "letter", "text", "regex", "phrase", "boxed", "whole", "refused", "judge", "none"
]
"""The path to a verdict: which rule found the answer; `refused`: the model declined; `judge`: no
rule found one, a judge model did; `none`: neither."""

UNREAD: Final[frozenset[Rule]] = frozenset({"refused", "none"})
"""Where no rule found an answer."""


@dataclass(frozen=True, slots=True)
class Extraction:
    """The answer that a reply gives. `value` is None exactly when `rule` is `none`.

    Where a judge says that the reply gives no answer, it is the empty text, which is never right.
    """

    value: str | None
    rule: Rule


UNPARSED: Final = Extraction(None, "none")

Reader: TypeAlias = Callable[[Item, str], Extraction]
Judge: TypeAlias = Callable[[Item, str], bool]


def same(item: Item, value: str) -> bool:
    """Whether that is the item's answer, letter by letter."""
    return value == item.answer


@dataclass(frozen=True, slots=True)
class Protocol:
    """How one kind of item is read, and how what was read is held against the answer."""

    read: Reader
    right: Judge = same


@dataclass(frozen=True, slots=True)
class Verdict:
    """An extraction, and whether it is right. What was not read is wrong, never guessed."""

    extraction: Extraction
    right: bool


@dataclass(frozen=True, slots=True)
class Extractor:
    """A lineage of scorers at one commit.

    Attributes:
        name: As `rescore --extractor` takes it.
        follows: Repository, commit and date of the code whose results it gives.
        tasks: Protocols by benchmark; a benchmark that is not there was never scored by it.
    """

    name: str
    follows: str
    tasks: Mapping[str, Protocol]

    def scores(self, task: str) -> bool:
        """Whether it has a protocol for that benchmark."""
        return task in self.tasks

    def judge(self, item: Item, reply: str) -> Verdict:
        """What it reads out of the reply, and whether that is right.

        Raises:
            KeyError: If it never scored that benchmark.
        """
        protocol = self.tasks[item.task]
        found = protocol.read(item, reply)
        return Verdict(found, found.value is not None and protocol.right(item, found.value))
