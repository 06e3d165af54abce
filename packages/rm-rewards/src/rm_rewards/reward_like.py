"""Make many rewards that differ in their reply alone, without checking each of them anew."""

from __future__ import annotations

from typing import Any

from rm_rewards.records import Reward


class _Draft:
    """A reward that is still open: a frozen record takes six times as long to fill in."""

    __slots__ = tuple(sorted(Reward.__slots__))


def reward_like(one: Reward, question_id: str, sample: int, parsed: str | None) -> Reward:
    """What `dataclasses.replace` makes with these three, in a tenth of the time.

    `Reward` checks nothing about them, and `one` was checked when it was made.
    """
    draft: Any = _Draft()
    draft.question_id = question_id
    draft.sample = sample
    draft.total = one.total
    draft.format = one.format
    draft.correctness = one.correctness
    draft.detail = one.detail
    draft.weight = one.weight
    draft.correct = one.correct
    draft.accuracy = one.accuracy
    draft.parsed = parsed
    draft.status = one.status
    draft.reasons = one.reasons
    draft.reward_version = one.reward_version
    draft.__class__ = Reward  # which has the same slots
    return draft
