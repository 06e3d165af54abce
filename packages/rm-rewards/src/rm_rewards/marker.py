"""Scores the replies to one question: what can be worked out beforehand is, once.

The marker of a question is kept, and so are the rewards of its last replies. In a group many
replies say the same: they are looked up by what the reward depends on, which for a planned route
in the asked form is the text from its first label on.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

from rm_rewards.asked_form import what_counts
from rm_rewards.difficulty import difficulty_weight
from rm_rewards.grading import grader
from rm_rewards.marks import Marks
from rm_rewards.network import Network
from rm_rewards.records import Question, Reward
from rm_rewards.reward_like import reward_like
from rm_rewards.route_grading import RouteGrader
from rm_rewards.rules import rules_of
from rm_rewards.specs import RewardSpec, reward_spec

_MOST_MARKERS: Final = 1024
_MOST_KEPT: Final = 128
_LONGEST_KEPT: Final = 2_000
_THOUGHT: Final = "</think>"


class Marker:
    """Scores replies to one question under one specification.

    Raises:
        RecordError: If the question cannot be graded.
    """

    __slots__ = (
        "_earned",
        "_grade",
        "_known",
        "_routes",
        "_rules",
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
        spec = reward_spec(given)
        self._rules = rules_of(spec)
        self._weight = difficulty_weight(question)
        self._grade = grader(question, network, spec)
        self._routes = self._grade if isinstance(self._grade, RouteGrader) else None
        if self._routes is not None:
            self._earned = self._rules.rewards(self._routes.sketcher.question, self._weight)
        self._known: dict[str, Reward] = {}

    def reward(self, text: str, sample: int) -> Reward:
        """The reward of one reply."""
        key = text
        if self._routes is not None:
            if _THOUGHT in text:
                text = _after_thought(text)
            key = what_counts(text)
        found = self._known.get(key)
        if found is None:
            return self._scored(key, text, sample)
        if found.sample == sample:
            return found
        return reward_like(found, self.question.id, sample, found.parsed)

    def rewards(self, texts: Iterable[str]) -> list[Reward]:
        """The rewards of a group, in order."""
        return [self.reward(text, i) for i, text in enumerate(texts)]

    def _scored(self, key: str, text: str, sample: int) -> Reward:
        """The reward of a new reply; kept by its key, if that is sure to tell what it earns."""
        found, sure = self._sketched(key, sample), True
        if found is None:
            marks = self._grade(text)
            found = reward_like(
                self._made(marks), self.question.id, sample, _writable(marks.parsed)
            )
            # without a label in the key, the route stood before it
            read = marks.parsed is not None and "form:labels" not in marks.reasons
            sure = key is text or read
        if sure and len(key) <= _LONGEST_KEPT:
            if len(self._known) >= _MOST_KEPT:
                self._known = {}
            self._known[key] = found
        return found

    def _sketched(self, key: str, sample: int) -> Reward | None:
        """The same for a route in the asked form, from what routes like it have earned."""
        sketch = self._routes.sketcher.of(key) if self._routes is not None else None
        if sketch is None or self._routes is None:
            return None
        alike, said, _ = sketch
        found = self._earned.get(alike)
        if found is None:
            found = self._made(self._routes.marks(sketch))
            self._earned.keep(alike, found)
        return reward_like(found, self.question.id, sample, said)

    def _made(self, marks: Marks) -> Reward:
        """The reward of such marks, without what the reply says."""
        spec, weight = self._rules.spec, self._weight
        form = spec.format if marks.well_formed else 0.0
        correctness = spec.correctness if marks.correct else 0.0
        total = form + correctness + spec.alpha * marks.detail
        return Reward(
            question_id=self.question.id,
            total=total * weight if spec.weighted else total,
            format=form,
            correctness=correctness,
            detail=marks.detail,
            weight=weight,
            correct=marks.correct,
            accuracy=float(marks.correct),
            status=marks.status,
            reasons=marks.reasons,
            reward_version=self._rules.version,
        )


def _after_thought(text: str) -> str:
    """What stands after the reasoning, if nothing but that can count; else the whole text."""
    rest = text.rpartition(_THOUGHT)[2]
    return text if "<" in rest or not rest or rest.isspace() else rest


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
