"""The reward for verl 0.9: one reply at a time, a dict with `score` and always the same keys.

In verl's configuration:

    reward.custom_reward_function.path=pkg://rm_rewards.adapters.verl_score
    reward.custom_reward_function.name=compute_score
    +reward.custom_reward_function.reward_kwargs.reward=rewardmap

The dataset's `reward_model.ground_truth` is the label that `encode_question` makes. verl calls from
several threads, and takes the set of keys from the first reply of a batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TypeAlias

from rm_rewards.adapters.label_scorer import LabelScorer, components, remarks
from rm_rewards.adapters.question_label import Label
from rm_rewards.composition import Composed

Score: TypeAlias = dict[str, float | str]


def compute_score(
    data_source: str,  # noqa: ARG001 - verl passes it by name
    solution_str: str,
    ground_truth: Label,
    extra_info: object = None,  # noqa: ARG001 - verl passes it by name
    reward: str = "rewardmap",
    networks: str | None = None,
    **_rest: object,
) -> Score:
    """The reward of one reply, as the reward managers `naive`, `dapo` and `gdpo` call it.

    `score` is the total. The others are logged and can be used by name: `acc` (0 or 1) by
    `algorithm.filter_groups.metric`, `format`, `correctness` and `detail` by
    `algorithm.gdpo_reward_keys`, `pred` by majority voting in validation.

    Args:
        data_source: verl's own; not used.
        solution_str: The reply, without special tokens.
        ground_truth: The question's label.
        extra_info: verl's own; not used.
        reward: As `LabelScorer`; set it under `reward_kwargs`.
        networks: As `LabelScorer`; set it there too.

    Raises:
        RecordError: For a label, network or reward that cannot be used, never because of the reply;
            for a composition with a part that looks at whole groups, which verl does not hand over.
    """
    return _numbers(_scorer(reward, networks, "verl")(ground_truth, solution_str))


def compute_score_batch(
    data_sources: Sequence[str],  # noqa: ARG001 - verl passes it by name
    solution_strs: Sequence[str],
    ground_truths: Sequence[Label],
    extra_infos: object = None,  # noqa: ARG001 - verl passes it by name
    reward: str = "rewardmap",
    networks: str | None = None,
    **_rest: object,
) -> list[Score]:
    """The same for the reward manager `batch` of verl up to 0.7.0, which hands over the batch.

    Replies with one label are one group, for parts of a composition that look at whole groups.

    Raises:
        RecordError: As `compute_score`.
    """
    return list(map(_numbers, _scorer(reward, networks, "").batch(ground_truths, solution_strs)))


@cache
def _scorer(reward: str, networks: str | None, one_by_one: str) -> LabelScorer:
    return LabelScorer(reward, networks, one_by_one=one_by_one)


def _numbers(found: Composed) -> Score:
    numbers = components(found)
    acc = numbers.pop("correct")
    return {"score": found.reward.total, "acc": acc, **numbers, **remarks(found.reward)}


__all__ = ["Score", "compute_score", "compute_score_batch"]
