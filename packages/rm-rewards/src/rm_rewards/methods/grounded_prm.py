"""GroundedPRM: a verdict on each step by a tool, and a tree search that adds the verdicts up.

Source: arXiv 2510.14942: UCT [N], the rollout reward and the budget from its published code [C].
Here the tool is the network's own graph: step i is right (+1) if leg i can be ridden and goes on
from where the one before ended, else -1; F = +1 if the route as a whole is right, else -1.

    published u = 1/N * sum_i v_i * (N - i)/N + F/N,  i = 0..N-1;  u = F for N = 0
    grounded  u = f * F + (1 - f) * sum_i v_i * 0.9**i / sum_i 0.9**i,  f = 0.6
    backup: the node += u, its ancestor at distance k += 0.9**k * u, visits += 1
    UCT = Q + c * sqrt(ln N(s) / N(s, a))

Constants: c 1.414 (class default; 1.8 is passed), decay 0.9 [C]; f is our own.
Ranges: published u in [-2, 2]; grounded u in [-1, 1], and its sign is always F's.

Faults: the published u divides F by N, so that four right steps to a wrong end earn +0.375, and
one right step 2 where four earn 0.875; and with weights N - i a wrong step more can help, since
every other one weighs less then (both repaired: `grounded_reward`); the published search adds 1
to both counts, takes the running SUM for Q, and never calls its own UCT (here: `uct` with the mean,
`published_uct` for its form).

Blind to: detours, which are made of right steps (they cost only F); the reasoning between the
steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, log, sqrt
from typing import Final

from rm_rewards.judge import faults
from rm_rewards.methods.inputs import at_least, finite, within
from rm_rewards.network import Network
from rm_rewards.records import Question, RecordError
from rm_rewards.route import read_route
from rm_rewards.truth import Truth, truth_of

_FADE: Final = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class StepVerdicts:
    """What the graph says about a planned route.

    Attributes:
        steps: +1 or -1 for each leg, in order; empty if no route was read.
        final: +1 if the route is right as a whole, else -1.
        reasons: The codes of what is wrong.
    """

    steps: tuple[int, ...]
    final: int
    reasons: tuple[str, ...] = ()


def step_verdicts(
    question: Question, reply: str, *, network: Network | None = None
) -> StepVerdicts:
    """The graph's verdict on each leg of the route in a reply. No text makes it raise.

    The first leg must depart from the origin, each other one from where the one before arrived, and
    all must be rides that exist.

    Raises:
        RecordError: If the question has neither a network nor routes to judge by.
    """
    return verdicts(truth_of(question, network), reply)


def verdicts(truth: Truth, reply: str) -> StepVerdicts:
    """As `step_verdicts`, against a truth that has been worked out."""
    legs = read_route(reply).legs
    if not legs:
        return StepVerdicts(steps=(), final=-1, reasons=("no_route",))
    wrong = faults(truth.rides(legs), truth)
    bad = {code.partition(":")[0] for code in wrong if code.startswith("leg")}
    if "wrong_origin" in wrong:
        bad.add("leg1")
    steps = tuple(-1 if f"leg{i + 1}" in bad else 1 for i in range(len(legs)))
    return StepVerdicts(steps=steps, final=-1 if wrong else 1, reasons=wrong)


def rollout_reward(steps: Sequence[int], final: int) -> float:
    """The published u; in [-2, 2], both ends for a single step.

    Raises:
        RecordError: For a verdict that is not +1 or -1.

    Example:
        >>> rollout_reward([1, -1], 1), rollout_reward([1, 1, 1, 1], -1)
        (0.75, 0.375)
    """
    _verdicts(steps, final)
    n = len(steps)
    if not n:
        return float(final)
    return sum(v * (n - i) / n for i, v in enumerate(steps)) / n + final / n


def grounded_reward(steps: Sequence[int], final: int, *, final_share: float = 0.6) -> float:
    """The repaired u; in [-1, 1]. A right end is never below a wrong one.

    Args:
        steps: +1 or -1 a step; early steps weigh more, as in the published form, but by a tenth a
            step whatever their number: then one wrong step more never helps.
        final: +1 or -1 for the whole.
        final_share: f, from 0.5 to 1: with half or more the steps cannot outvote the end.

    Raises:
        RecordError: For a verdict that is not +1 or -1, or a share out of its range.

    Example:
        >>> round(grounded_reward([1, 1, 1, 1], -1), 6)
        -0.2
    """
    _verdicts(steps, final)
    within("final_share", 0.5, 1.0, final_share)
    n = len(steps)
    if not n:
        return float(final)
    weights = [_FADE**i for i in range(n)]
    mean = sum(v * weight for v, weight in zip(steps, weights, strict=True)) / sum(weights)
    return max(-1.0, min(1.0, final_share * final + (1.0 - final_share) * mean))


def _verdicts(steps: Sequence[int], final: int) -> None:
    for field, value in (*(("steps", v) for v in steps), ("final", final)):
        if value not in (-1, 1):
            raise RecordError(field, value, "1 or -1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node of the search tree: the sum of the rewards backed up to it, and how many."""

    total: float = 0.0
    visits: int = 0

    @property
    def mean(self) -> float:
        """Q: the mean reward; 0 for a node that was never visited."""
        return self.total / self.visits if self.visits else 0.0


def backup(path: Sequence[Node], reward: float, *, decay: float = 0.9) -> tuple[Node, ...]:
    """The path after one rollout.

    Args:
        path: From the node that was rolled out, upwards to the root.
        reward: u.
        decay: What u is multiplied by for each level up.

    Raises:
        RecordError: For a reward that is not finite, or a decay outside [0, 1].
    """
    finite("reward", reward)
    within("decay", 0.0, 1.0, decay)
    return tuple(
        Node(total=node.total + decay**k * reward, visits=node.visits + 1)
        for k, node in enumerate(path)
    )


def uct(mean: float, parent_visits: int, visits: int, *, c: float = 1.414) -> float:
    """Q + c * sqrt(ln N / n); infinite for a child that was never visited.

    Raises:
        RecordError: For a negative count or constant, or a mean that is not finite.

    Example:
        >>> round(uct(0.5, 9, 2), 4)
        1.9821
    """
    _counts(mean, parent_visits, visits, c)
    return mean + c * sqrt(log(max(1, parent_visits)) / visits) if visits else inf


def published_uct(total: float, parent_visits: int, visits: int, *, c: float = 1.414) -> float:
    """The published form, Q + c * sqrt(ln (N + 1) / (n + 1)), which passes the SUM for Q.

    Raises:
        RecordError: As `uct`.
    """
    _counts(total, parent_visits, visits, c)
    return total + c * sqrt(log(parent_visits + 1) / (visits + 1))


def best_child(children: Sequence[Node], parent_visits: int, *, c: float = 1.414) -> int:
    """The index of the child with the greatest UCT; the first of equals.

    Raises:
        RecordError: If there are no children, and as `uct`.
    """
    if not children:
        raise RecordError("children", list(children), "at least one child")
    values = [uct(child.mean, parent_visits, child.visits, c=c) for child in children]
    return values.index(max(values))


def _counts(value: float, parent_visits: int, visits: int, c: float) -> None:
    finite("value", value)
    at_least("parent_visits", 0, parent_visits)
    at_least("visits", 0, visits)
    at_least("c", 0.0, c)
