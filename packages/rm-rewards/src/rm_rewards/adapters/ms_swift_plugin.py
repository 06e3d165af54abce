"""A plugin for ms-swift 4.6 that registers `rm_total`, `rm_format`, `rm_correctness`, `rm_detail`.

    swift rlhf --rlhf_type grpo --external_plugins $(rm-rewards path ms-swift) \
        --reward_funcs rm_format rm_correctness rm_detail --reward_weights 1 1 0.5

or `--reward_funcs rm_total` for the total in one column. The dataset's column `label` holds what
`encode_question` makes. ms-swift logs one column a function under the name of its class, so each
component is a class of its own; they share what was scored for the batch. For another reward, let a
plugin of your own call `register("sparse")`.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, Final

from rm_rewards.adapters.label_scorer import LabelScorer
from rm_rewards.adapters.scored_batch import (
    Reply,
    RewardFunction,
    ScoredBatch,
    columns_of,
    reward_function,
)
from rm_rewards.composition import AnyReward


class RewardColumn:
    """One column of the reward, made and called as ms-swift does with its own class `ORM`."""

    function: ClassVar[RewardFunction]

    def __init__(self, args: object = None, **_rest: object) -> None:
        self.args = args

    def __call__(self, completions: Sequence[Reply], **columns: Any) -> list[float | None]:  # noqa: ANN401 - the columns of the user's dataset
        """One reward a reply; None where it does not apply."""
        return type(self).function(completions=completions, **columns)


def register(
    reward: str | AnyReward = "rewardmap",
    *,
    networks: Path | str | None = None,
    column: str = "label",
    prefix: str = "rm_",
    group_size: int | None = None,
) -> Mapping[str, type[RewardColumn]]:
    """Put the columns of a reward into ms-swift's registry, where it is installed, by name.

    Args:
        reward: As `LabelScorer`.
        networks: As `LabelScorer`.
        column: The dataset's column with the labels that `encode_question` made.
        prefix: What the registered names begin with.
        group_size: `--num_generations`, to refuse a batch that holds a part of a group.

    Raises:
        RecordError: For an unknown reward.
    """
    batch = ScoredBatch(LabelScorer(reward, networks), column, group_size)
    names = ["total", *columns_of(batch.score.reward)]
    made = {prefix + name: _column(prefix + name, reward_function(name, batch)) for name in names}
    _registry().update(made)
    return made


def _column(name: str, function: RewardFunction) -> type[RewardColumn]:
    return type(name, (RewardColumn,), {"function": staticmethod(function)})


def _registry() -> MutableMapping[str, Any]:
    """ms-swift's own; one that is thrown away where ms-swift is not installed."""
    try:
        return import_module("swift.rewards").orms
    except ModuleNotFoundError as error:
        if error.name not in ("swift", "swift.rewards"):
            raise
        return {}


REGISTERED: Final = register()
"""What loading this file as a plugin registers, by name."""

__all__ = ["REGISTERED", "RewardColumn", "register"]
