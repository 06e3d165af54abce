"""The front door: a question and a reply in, a reward out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from rm_rewards.marker import marker
from rm_rewards.network import Network
from rm_rewards.records import Completion, Question, Reward
from rm_rewards.specs import RewardSpec


def score(
    question: Question,
    text: str,
    *,
    network: Network | None = None,
    reward: str | RewardSpec = "rewardmap",
) -> Reward:
    r"""The reward of one reply. No text makes it raise.

    Args:
        question: What was asked.
        text: The reply.
        network: The map's network. Without it a planned route is right only if it is one of the
            question's own `routes`.
        reward: The name of a specification, or one of your own.

    Raises:
        RecordError: For an unknown reward, or a question that cannot be graded.

    Example:
        >>> asked = Question(id="q1", type="Counting2", question="How many lines?", answer=3)
        >>> score(asked, r"I count \boxed{3}.").total
        2.0
    """
    return marker(question, network, reward).reward(text, 0)


def score_completion(
    question: Question,
    completion: Completion,
    *,
    network: Network | None = None,
    reward: str | RewardSpec = "rewardmap",
) -> Reward:
    """The reward of a recorded reply, with its `sample`.

    A reply cut off by the length limit (`finish_reason` "length") before it gave an answer is
    `truncated`, not `unparsed`.

    Raises:
        RecordError: As `score`.
    """
    found = marker(question, network, reward).reward(completion.text, completion.sample)
    cut = found.status == "unparsed" and completion.finish_reason == "length"
    return replace(found, status="truncated") if cut else found


def score_group(
    question: Question,
    texts: Iterable[str],
    *,
    network: Network | None = None,
    reward: str | RewardSpec = "rewardmap",
) -> list[Reward]:
    """The rewards of a group of replies to one question, in order; `sample` is the index.

    Raises:
        RecordError: As `score`.
    """
    return marker(question, network, reward).rewards(texts)
