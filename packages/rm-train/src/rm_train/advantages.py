"""Rewards to advantages: pure functions of tensors, over all groups of a step at once."""

from __future__ import annotations

from torch import Tensor, nan_to_num, nanmean

from rm_train.config import Advantage, Baseline

EPSILON = 1e-4
"""Added to a deviation before dividing by it; TRL's value."""


def total_rewards(columns: Tensor, weights: Tensor) -> Tensor:
    """The reward of each reply: (n, functions) and (functions,) to (n,).

    A NaN stands for "does not apply" and adds nothing; a row of nothing but NaN stays NaN.
    """
    totals = (columns * weights).nansum(dim=1)
    return totals.masked_fill(columns.isnan().all(dim=1), float("nan"))


def advantages(
    rewards: Tensor,
    group: int,
    *,
    scale: Advantage,
    weight: Tensor | None = None,
    baseline: Baseline = "mean",
) -> Tensor:
    r"""How much better than its group each reply is.

    $A_i = w \cdot (r_i - \bar r) / s$ with $s = 1$ for `none` (RewardMap), the group's standard
    deviation for `group` (GRPO), or that of all rewards of the step for `batch`. The weight $w$ is
    constant in a group. Inside the rewards it would cancel under `group`; as a factor of the
    advantage it acts under every scale.

    Args:
        rewards: (n,), the replies of a group next to each other. NaN is left out of the group and
            gets the advantage 0.
        group: How many replies a group has.
        scale: What the difference is divided by.
        weight: (n,), the difficulty weight of each reply's question.
        baseline: What a reply is compared with: the mean of its group, or with `leave-one-out` that
            of the other replies, which is r - mean(r) times k / (k - 1) for k replies. A reply
            alone in its group gets 0.
    """
    grouped = rewards.view(-1, group)
    centred = grouped - nanmean(grouped, dim=1, keepdim=True)
    if baseline == "leave-one-out":
        count = (~grouped.isnan()).sum(dim=1, keepdim=True)
        centred = centred * count / (count - 1).clamp(min=1)
    if scale == "group":
        centred = centred / (_deviation(centred, dim=1) + EPSILON)
    elif scale == "batch":
        flat = rewards - nanmean(rewards)
        centred = centred / (_deviation(flat.view(1, -1), dim=1) + EPSILON)
    result = nan_to_num(centred.reshape(-1), nan=0.0)
    return result if weight is None else result * weight


def _deviation(centred: Tensor, *, dim: int) -> Tensor:
    """The sample's standard deviation of values whose mean is 0, NaN left out; 0 for one value."""
    count = (~centred.isnan()).sum(dim=dim, keepdim=True)
    return (centred.square().nansum(dim=dim, keepdim=True) / (count - 1).clamp(min=1)).sqrt()


def factors(
    scale: Advantage, *, weighted: bool, weight_inside: bool, baseline: Baseline = "mean"
) -> str:
    """One line that says what acts on the gradient, for the head of a run.

    Args:
        scale: As in `advantages`.
        weighted: Whether the difficulty weight multiplies the advantages.
        weight_inside: Whether the reward itself holds the weight, as the published scorer does.
        baseline: As in `advantages`.
    """
    mean = "mean(r)" if baseline == "mean" else "mean(the others' r)"
    base = {
        "none": f"r - {mean} of the group",
        "group": f"(r - {mean}) / std(r) of the group",
        "batch": f"(r - {mean} of the group) / std of the step",
    }[scale]
    if weight_inside and scale == "group":
        note = "the difficulty weight inside the reward cancels under this division"
    elif weight_inside:
        note = "the difficulty weight acts through the reward"
    elif weighted:
        note = "times the difficulty weight of the question"
    else:
        note = "no difficulty weight"
    return f"advantage: {base}; {note}"
