"""What the asked items earned: rewards by item and draw, in any order, each draw once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum, isfinite
from typing import TypeAlias

from rm_curriculum.errors import CurriculumError

Row: TypeAlias = list[float | None]
Rows: TypeAlias = dict[str, dict[str, Row]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one draw of an item earned: a group of `samples` replies to one question.

    `accuracy` is the group's mean in [0, 1], or None where it was not reported.
    """

    samples: int
    reward: float
    accuracy: float | None


class Statistics:
    """Outcomes by item and draw. Independent of the order in which they arrive."""

    def __init__(self) -> None:
        self._outcomes: dict[str, dict[str, Outcome]] = {}

    def add(self, identity: str, draw: str | None, outcome: Outcome) -> bool:
        """Keep the outcome; False if that draw of the item has been reported before."""
        draws = self._outcomes.setdefault(identity, {})
        key = _free(draws) if draw is None else draw
        if key in draws:
            return False
        draws[key] = outcome
        return True

    def __len__(self) -> int:
        return sum(len(draws) for draws in self._outcomes.values())

    def of(self, ids: Iterable[str]) -> list[Outcome]:
        """All outcomes of these items."""
        return [o for one in ids for o in self._outcomes.get(one, {}).values()]

    def rows(self) -> Rows:
        """As JSON: `{id: {draw: [samples, mean reward, accuracy or null]}}`, keys sorted."""
        return {
            identity: {
                key: [outcome.samples, outcome.reward, outcome.accuracy]
                for key, outcome in sorted(draws.items())
            }
            for identity, draws in sorted(self._outcomes.items())
        }

    @classmethod
    def from_rows(cls, rows: Mapping[str, Mapping[str, object]]) -> Statistics:
        """The statistics that `rows` gave.

        Raises:
            CurriculumError: If a row is not of that form.
        """
        made = cls()
        for identity, draws in rows.items():
            for key, row in draws.items():
                made.add(identity, key, _outcome(identity, row))
        return made


def group_outcome(identity: str, rewards: Sequence[float], accuracy: float | None) -> Outcome:
    """The outcome of one group of replies.

    Raises:
        CurriculumError: If there is no reward, one is not finite, or the accuracy is not a share.
    """
    if not rewards:
        raise CurriculumError(f"{identity}: rewards are empty, expected one a reply", item=identity)
    for reward in rewards:
        if not isfinite(reward):
            raise CurriculumError(
                f"{identity}: found the reward {reward!r}, expected a finite number", item=identity
            )
    if accuracy is not None and not 0.0 <= accuracy <= 1.0:
        raise CurriculumError(
            f"{identity}: found accuracy {accuracy!r}, expected a share from 0 to 1", item=identity
        )
    share = None if accuracy is None else float(accuracy)
    return Outcome(len(rewards), fsum(rewards) / len(rewards), share)


def mean_reward(outcomes: Sequence[Outcome]) -> float | None:
    """The mean over all replies, or None without any."""
    samples = sum(outcome.samples for outcome in outcomes)
    return fsum(o.samples * o.reward for o in outcomes) / samples if samples else None


def mean_accuracy(outcomes: Sequence[Outcome]) -> float | None:
    """The mean over the groups that reported an accuracy, or None without any."""
    known = [o.accuracy for o in outcomes if o.accuracy is not None]
    return fsum(known) / len(known) if known else None


def _free(draws: Mapping[str, Outcome]) -> str:
    return next(f"#{i}" for i in range(len(draws) + 1) if f"#{i}" not in draws)


def _outcome(identity: str, row: object) -> Outcome:
    match row:
        case [int(samples), int() | float() as reward, None | int() | float() as accuracy]:
            return Outcome(samples, float(reward), accuracy)
        case _:
            raise CurriculumError(
                f"state: statistics of {identity!r}: found {row!r}, "
                "expected [samples, mean reward, accuracy or null]",
                item=identity,
            )
