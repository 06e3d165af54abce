"""What each component of any reward gives to a reply, by name: for commands that compare them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rm_rewards.composition import AnyReward, Composition
from rm_rewards.network import Network
from rm_rewards.records import Question, Reward
from rm_rewards.scoring import score_group

TOTAL: Final = "total"


@dataclass(frozen=True, slots=True, kw_only=True)
class Valued:
    """A reward, and what each of its components is worth; the last is the `total`."""

    reward: Reward
    parts: Mapping[str, float]


def valued(
    reward: AnyReward, question: Question, texts: Sequence[str], network: Network | None
) -> list[Valued]:
    """Each reply by itself, as a group of one: what others write must not change its worth.

    Raises:
        RecordError: As `rm_rewards.score`.
    """
    if isinstance(reward, Composition):
        groups = (reward.score_group(question, [text], network=network) for text in texts)
        return [
            Valued(
                reward=found.reward,
                parts={
                    **{name: part.given for name, part in found.components.items()},
                    TOTAL: found.reward.total,
                },
            )
            for group in groups
            for found in group
        ]
    return [
        Valued(reward=found, parts=_named(found))
        for found in score_group(question, texts, network=network, reward=reward)
    ]


def _named(found: Reward) -> Mapping[str, float]:
    return {
        "format": found.format,
        "correctness": found.correctness,
        "detail": found.detail,
        TOTAL: found.total,
    }
