"""Rewards to advantages: pure functions of tensors, over all groups of a step at once."""

from __future__ import annotations

from collections.abc import Iterator

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

    Example:
        >>> from torch import tensor
        >>> advantages(tensor([12.0, 2.5, 0.0, 0.0]), 4, scale="none").tolist()
        [8.375, -1.125, -3.625, -3.625]
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
    scale: Advantage,
    *,
    weighted: bool,
    weight_inside: bool,
    baseline: Baseline = "mean",
    replaced: str = "",
) -> str:
    """One line that says of each factor whether it acts on the gradient, for the head of a run.

    A factor that is constant in a group cancels where the difference is divided by the group's
    deviation: the difficulty weight inside the reward, the k / (k - 1) of leave-one-out, and the
    size of the reward as a whole. Division by the step's deviation cancels only the last.

    Args:
        scale: As in `advantages`.
        weighted: Whether the difficulty weight multiplies the advantages.
        weight_inside: Whether the reward itself holds the weight, as the published scorer does.
        baseline: As in `advantages`.
        replaced: Names of the methods that compare rewards in another way, if there are any.
    """
    if replaced:
        parts = [f"as {replaced} compares (`advantage` and `baseline` do nothing)"]
        acting = "none"
    else:
        parts, acting = [_comparison(scale, baseline)], scale
    parts.append(_weight_clause(acting, weighted=weighted, weight_inside=weight_inside))
    if not replaced:
        parts += _size_clauses(scale, baseline)
    return "advantage: " + "; ".join(parts)


def _comparison(scale: Advantage, baseline: Baseline) -> str:
    mean = "mean(r)" if baseline == "mean" else "mean(the others' r)"
    return {
        "none": f"r - {mean} of the group",
        "group": f"(r - {mean}) / std(r) of the group",
        "batch": f"(r - {mean} of the group) / std of the step",
    }[scale]


def _weight_clause(scale: Advantage, *, weighted: bool, weight_inside: bool) -> str:
    if weight_inside and scale == "group":
        return "the difficulty weight inside the reward cancels under this division"
    if weight_inside:
        return "the difficulty weight acts through the reward"
    if weighted:
        return "times the difficulty weight of the question, which acts"
    return "no difficulty weight"


def _size_clauses(scale: Advantage, baseline: Baseline) -> Iterator[str]:
    if baseline == "leave-one-out":
        yield f"its factor k / (k - 1) {'cancels' if scale == 'group' else 'acts'}"
    yield f"the size of the rewards {'acts' if scale == 'none' else 'cancels'}"
