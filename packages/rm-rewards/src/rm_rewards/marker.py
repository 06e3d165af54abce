"""Scores the replies to one question: what can be worked out beforehand is, once.

The marker of a question is kept, and so are the rewards of its last replies. In a group many
replies say the same: they are looked up by what the reward depends on, which for a planned route
in the asked form is the text from its first label on.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Final

from rm_rewards.asked_form import what_counts
from rm_rewards.difficulty import difficulty_weight
from rm_rewards.grading import grader
from rm_rewards.marks import Marks
from rm_rewards.network import Network
from rm_rewards.records import PLANNING, Question, Reward
from rm_rewards.specs import RewardSpec, reward_spec

_MOST_MARKERS: Final = 1024
_MOST_KEPT: Final = 128
_LONGEST_KEPT: Final = 2_000


class Marker:
    """Scores replies to one question under one specification.

    Raises:
        RecordError: If the question cannot be graded.
    """

    __slots__ = (
        "_grade",
        "_kept",
        "_key",
        "_known",
        "_spec",
        "_version",
        "_weight",
        "given",
        "network",
        "question",
    )

    def __init__(
        self, question: Question, network: Network | None, given: str | RewardSpec
    ) -> None:
        self.question = question
        self.network = network
        self.given = given
        self._spec = reward_spec(given)
        self._version = self._spec.version
        self._weight = difficulty_weight(question)
        self._grade = grader(question, network, self._spec)
        routed = self._spec.grader == "repaired" and question.type == PLANNING
        self._key: Callable[[str], str] = what_counts if routed else _all_of_it
        self._known: dict[str, Marks] = {}
        self._kept: dict[tuple[int, str], Reward] = {}

    def reward(self, text: str, sample: int) -> Reward:
        """The reward of one reply."""
        key = self._key(text)
        found = self._kept.get((sample, key))
        if found is None:
            found = self._made(sample, self._marks(key, text))
            if len(key) <= _LONGEST_KEPT and key in self._known:
                if len(self._kept) >= _MOST_KEPT:
                    self._kept = {}
                self._kept[sample, key] = found
        return found

    def _marks(self, key: str, text: str) -> Marks:
        marks = self._known.get(key)
        if marks is None:
            marks = self._grade(text)
            if len(key) <= _LONGEST_KEPT and (marks.parsed is not None or key is text):
                if len(self._known) >= _MOST_KEPT:
                    self._known = {}
                self._known[key] = marks
        return marks

    def rewards(self, texts: Iterable[str]) -> list[Reward]:
        """The rewards of a group, in order."""
        return [self.reward(text, i) for i, text in enumerate(texts)]

    def _made(self, sample: int, marks: Marks) -> Reward:
        spec, weight = self._spec, self._weight
        form = spec.format if marks.well_formed else 0.0
        correctness = spec.correctness if marks.correct else 0.0
        total = form + correctness + spec.alpha * marks.detail
        return Reward(
            question_id=self.question.id,
            sample=sample,
            total=total * weight if spec.weighted else total,
            format=form,
            correctness=correctness,
            detail=marks.detail,
            weight=weight,
            correct=marks.correct,
            accuracy=float(marks.correct),
            parsed=_writable(marks.parsed),
            status=marks.status,
            reasons=marks.reasons,
            reward_version=self._version,
        )


def _all_of_it(text: str) -> str:
    return text


def _writable(text: str | None) -> str | None:
    """The text without half characters, which UTF-8 cannot hold."""
    if text is None or text.isascii():
        return text
    return text.encode("utf-8", "replace").decode("utf-8")


_kept: OrderedDict[tuple[int, int, int], Marker] = OrderedDict()


def marker(question: Question, network: Network | None, given: str | RewardSpec) -> Marker:
    """The marker of that question; the last 1024 are kept.

    Raises:
        RecordError: For an unknown reward, or a question that cannot be graded.
    """
    key = (id(question), id(network), id(given))
    held = _kept.get(key)
    if (
        held is not None  # an id may come again: the marker holds what it was made for
        and held.question is question
        and held.network is network
        and held.given is given
    ):
        return held
    made = Marker(question, network, given)
    _kept[key] = made
    while len(_kept) > _MOST_MARKERS:
        _kept.popitem(last=False)
    return made
