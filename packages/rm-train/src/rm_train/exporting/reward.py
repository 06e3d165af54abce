"""The reward of a recipe: a file with the function that verl calls."""

from __future__ import annotations

from rm_train.config import TrainConfig

_FILE = '''\
"""The reward of this recipe, as verl calls it: {told}."""

from dataclasses import replace

from rm_rewards import reward_spec
from rm_rewards.adapters.label_scorer import LabelScorer, components, remarks

SCORE = LabelScorer(replace(reward_spec({reward!r}), alpha={alpha!r}), one_by_one="verl")


def compute_score(data_source, solution_str, ground_truth, extra_info=None, **_):
    found = SCORE(ground_truth, solution_str)
    numbers = components(found)
    acc = numbers.pop("correct")
    score = {score}
    return {{"score": score, "acc": acc, **numbers, **remarks(found.reward)}}
'''


def reward_file(config: TrainConfig, *, weighted: bool) -> str:
    """The text of the file.

    Args:
        config: Names the specification and its alpha.
        weighted: Whether the total is multiplied by the question's difficulty weight. On undivided
            advantages that is the same as to weight these.
    """
    spec = config.reward_spec()
    times = ", times the difficulty weight of the question" if weighted else ""
    return _FILE.format(
        told=f"{config.reward} with alpha {spec.alpha:g}{times}",
        reward=config.reward,
        alpha=spec.alpha,
        score="found.reward.total" + (" * found.reward.weight" if weighted else ""),
    )
