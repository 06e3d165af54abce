"""What belongs to each question of a run, such as its picture, without a table of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Generic, TypeVar

from rm_eval.stored import Stored
from rm_rewards import Question

V = TypeVar("V")


class OfQuestions(Mapping[str, V], Generic[V]):
    """What belongs to questions, by their id, told from the question itself each time.

    Args:
        questions: The questions.
        of: What belongs to one of them; None where nothing does.
    """

    def __init__(self, questions: Stored[Question], of: Callable[[Question], V | None]) -> None:
        self._questions = questions
        self.of = of

    def __getitem__(self, identity: str) -> V:
        found = self._questions.find(identity)
        value = None if found is None else self.of(found[1])
        if value is None:
            raise KeyError(identity)
        return value

    def __iter__(self) -> Iterator[str]:
        return (one.id for one in self._questions if self.of(one) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def in_order(self) -> Iterator[V]:
        """The values in the order of the questions, as `values` but in one reading."""
        found = (self.of(one) for one in self._questions)
        return (value for value in found if value is not None)
