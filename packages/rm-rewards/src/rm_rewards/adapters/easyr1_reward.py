"""The reward for EasyR1 0.3: a batch of replies in, one dict of numbers a reply out.

EasyR1 loads a function by the path of its file, which `rm-rewards path easyr1` prints:

    worker.reward.reward_function=$(rm-rewards path easyr1):compute_score

The only column that reaches a reward function is `ground_truth`: the label that `encode_question`
makes. Every value is averaged and logged as `reward/<key>`, so all are numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from rm_rewards.adapters.label_scorer import LabelScorer, components

REWARD_NAME = "rm-rewards"
REWARD_TYPE = "batch"


def compute_score(
    reward_inputs: Sequence[Mapping[str, Any]],
    reward: str = "rewardmap",
    networks: str | None = None,
) -> list[dict[str, float]]:
    """The rewards of a batch: `overall` is the total, the rest its components.

    EasyR1 hands over the whole batch, so that replies with one label are one group: parts of a
    composition that look at whole groups see them all. `accuracy` suits `algorithm.filter_key`,
    which keeps the groups whose mean lies inside (0.01, 0.99).

    Args:
        reward_inputs: For each reply `response`, `response_length` and `ground_truth`.
        reward: As `LabelScorer`; set it in `worker.reward.reward_function_kwargs`.
        networks: As `LabelScorer`; set it there too.

    Raises:
        RecordError: For a label, network or reward that cannot be used, never because of a reply.
    """
    scorer = _scorer(reward, networks)
    labels = [each["ground_truth"] for each in reward_inputs]
    texts = [each["response"] for each in reward_inputs]
    found = scorer.batch(labels, texts, [each.get("response_length") for each in reward_inputs])
    return [{"overall": each.reward.total, **components(each)} for each in found]


@cache
def _scorer(reward: str, networks: str | None) -> LabelScorer:
    return LabelScorer(reward, networks)


__all__ = ["REWARD_NAME", "REWARD_TYPE", "compute_score"]
