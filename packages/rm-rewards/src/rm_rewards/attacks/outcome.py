"""How far attacks come: what each family earns of each component, beside the honest reply."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from rm_rewards.attacks.families import HUGE_FAMILY, TWO_BOXES, attacks_on
from rm_rewards.component_values import TOTAL, Valued, valued
from rm_rewards.composition import AnyReward
from rm_rewards.honest import dressed, honest_replies
from rm_rewards.network import Network
from rm_rewards.records import PLANNING, Question
from rm_rewards.scoring import score_group
from rm_rewards.specs import SPECS

_SLACK: Final = 1e-9
_HUGE_ON: Final = 10  # questions that are attacked with 100 kB: milliseconds each


@dataclass(frozen=True, slots=True, kw_only=True)
class Win:
    """An attack that earns more of a component than the honest reply, or as much in total."""

    question_id: str
    family: str
    part: str
    honest: float
    earned: float
    text: str


@dataclass(slots=True)
class _Sum:
    questions: int = 0
    parts: dict[str, float] = field(default_factory=dict[str, float])

    def add(self, parts: Mapping[str, float]) -> None:
        self.questions += 1
        for name, value in parts.items():
            self.parts[name] = self.parts.get(name, 0.0) + value

    def means(self) -> dict[str, float]:
        return {name: value / self.questions for name, value in self.parts.items()}


@dataclass(slots=True)
class Outcome:
    """What the attacks on many questions of one type came to.

    Attributes:
        replies: How many attacks were tried.
        slowest_s: The longest that one reply of 100 kB took to score, in seconds.
        wins: The widest win of each family for each part.
    """

    replies: int = 0
    slowest_s: float = 0.0
    wins: dict[tuple[str, str], Win] = field(default_factory=dict[tuple[str, str], Win])
    _honest: _Sum = field(default_factory=_Sum)
    _families: dict[str, _Sum] = field(default_factory=dict[str, _Sum])

    @property
    def questions(self) -> int:
        """How many questions were attacked."""
        return self._honest.questions

    @property
    def honest(self) -> Mapping[str, float]:
        """Part -> what honest replies earn, in the mean."""
        return self._honest.means()

    @property
    def families(self) -> Mapping[str, Mapping[str, float]]:
        """Family -> part -> what its best attack on each question earns, in the mean."""
        return {name: found.means() for name, found in self._families.items()}

    def attack(self, reward: AnyReward, question: Question, network: Network | None) -> None:
        """Try all attacks on one more question.

        Raises:
            RecordError: If the question cannot be graded, or has no honest reply.
        """
        replies = honest_replies(question, network, reward)[:1]
        honest = valued(reward, question, replies, network)[0].parts
        self._honest.add(honest)
        for family, texts in attacks_on(question, network).items():
            if family == HUGE_FAMILY and self.questions > _HUGE_ON:
                continue
            tried = _in_both_forms(reward, texts)
            began = time.perf_counter()
            found = valued(reward, question, tried, network)
            if family == HUGE_FAMILY:
                self.slowest_s = max(self.slowest_s, (time.perf_counter() - began) / len(tried))
            self.replies += len(tried)
            fair = _undeserved(question, family, tried, network, found)
            self._compare(question, family, honest, fair)

    def _compare(
        self,
        question: Question,
        family: str,
        honest: Mapping[str, float],
        found: list[tuple[str, Valued]],
    ) -> None:
        if not found:
            return
        best: dict[str, float] = {}
        for part, deserved in honest.items():
            text, top = max(found, key=lambda pair: pair[1].parts[part])
            best[part] = earned = top.parts[part]
            lead = earned - deserved
            if lead <= _SLACK and not (part == TOTAL and lead >= -_SLACK):
                continue
            known = self.wins.get((family, part))
            if known is None or lead > known.earned - known.honest:
                self.wins[family, part] = Win(
                    question_id=question.id,
                    family=family,
                    part=part,
                    honest=deserved,
                    earned=earned,
                    text=text,
                )
        self._families.setdefault(family, _Sum()).add(best)


def _in_both_forms(reward: AnyReward, texts: list[str]) -> list[str]:
    """As they are, and in the form that the reward asks for."""
    pairs = [(text, dressed(reward, text)) for text in texts]
    return [*texts, *(other for text, other in pairs if other != text)]


def _undeserved(
    question: Question,
    family: str,
    texts: list[str],
    network: Network | None,
    found: list[Valued],
) -> list[tuple[str, Valued]]:
    """Without the chance hits: replies that are right, in the form that was asked for.

    Of several answers the last one may be meant; all answers at once, or none, are never right.
    """
    if question.type != PLANNING and family != TWO_BOXES:
        return list(zip(texts, found, strict=True))
    judged = score_group(question, texts, network=network, reward=SPECS["rewardmap"])
    return [
        (text, value)
        for text, value, fair in zip(texts, found, judged, strict=True)
        if not (fair.correct and fair.format > 0)
    ]
