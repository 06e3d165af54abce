"""Reward functions for TRL 1.16 (GRPO, RLOO): one column a component, each reply scored once.

TRL calls each function with all its columns by keyword, one function after the other, on this
rank's slice of the batch, and expects one number (or None: does not apply) a reply.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rm_rewards.adapters.label_scorer import LabelScorer, remarks
from rm_rewards.adapters.scored_batch import (
    RewardFunction,
    Scored,
    ScoredBatch,
    columns_of,
    reward_function,
)
from rm_rewards.composition import AnyReward, Composition
from rm_rewards.composition_file import chosen_reward
from rm_rewards.gold import gold_answer
from rm_rewards.records import Question, RecordError


def reward_functions(
    reward: str | AnyReward = "rewardmap",
    *,
    networks: Path | str | None = None,
    column: str = "label",
    group_size: int | None = None,
) -> list[RewardFunction]:
    """The functions for `GRPOTrainer(reward_funcs=...)`; `reward_weights` gives their weights.

    The columns are `format`, `correctness` and `detail` (None for questions that have none); for a
    reward that multiplies its total by the difficulty weight (`reference`) the one column `total`;
    for a composition one column a part, with what the part gave.
    The first function also logs `accuracy` and `unparsed`, and adds the gold answer, what was read
    and why points were lost to TRL's table of completions: always the same names, as TRL asks.

    Args:
        reward: As `LabelScorer`.
        networks: As `LabelScorer`.
        column: The dataset's column with the labels that `encode_question` made.
        group_size: `GRPOConfig.num_generations`, to refuse a batch that holds a part of a group:
            for compositions with a part that looks at whole groups, on several devices.

    Raises:
        RecordError: For an unknown reward.
    """
    batch = ScoredBatch(LabelScorer(reward, networks), column, group_size)
    names = columns_of(batch.score.reward) or ["total"]
    return [reward_function(name, batch, None if i else _log) for i, name in enumerate(names)]


def reward_weights(reward: str | AnyReward = "rewardmap") -> list[float]:
    """The weights for `GRPOConfig(reward_weights=...)`: so weighted, the columns give the total.

    Raises:
        RecordError: For an unknown reward.
    """
    spec = chosen_reward(reward) if isinstance(reward, str) else reward
    if isinstance(spec, Composition):
        return [1.0] * len(spec.parts)
    return [1.0] if spec.weighted else [1.0, 1.0, spec.alpha]


def _log(batch: Sequence[Scored], columns: Mapping[str, Any]) -> None:
    """Tell TRL more than the rewards, where it offers its hooks."""
    log_metric, log_extra = columns.get("log_metric"), columns.get("log_extra")
    if log_metric is not None and batch:
        rewards = [found.reward for _, found in batch]
        log_metric("accuracy", sum(reward.accuracy for reward in rewards) / len(rewards))
        log_metric("unparsed", sum(reward.status != "ok" for reward in rewards) / len(rewards))
    if log_extra is not None:
        log_extra("gold", [_gold(question) for question, _ in batch])
        texts = [remarks(found.reward) for _, found in batch]
        for name in ("pred", "status", "reasons"):
            log_extra(name, [text[name] for text in texts])


def _gold(question: Question) -> str:
    """The gold answer; empty for a trip that is judged by the network alone."""
    try:
        return gold_answer(question)
    except RecordError:
        return ""


__all__ = ["reward_functions", "reward_weights"]
