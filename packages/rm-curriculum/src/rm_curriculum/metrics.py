"""Where a curriculum stands, in numbers for a log."""

from __future__ import annotations

from typing import TypedDict

from rm_curriculum.policy import Json


class Metrics(TypedDict):
    """Where the curriculum stands and what it has dealt; JSON values only.

    Attributes:
        stage: The stage of the next item; None when all is dealt.
        epoch: The epoch of the next item, from 0.
        position: How many items have been dealt to all ranks together.
        total: How many the whole run has.
        coverage: Share of the items dealt at least once, in [0, 1].
        repeats: How many of the dealt items had been dealt before.
        staleness: Mean over the items dealt so far of the draws since the last of each.
        mixture: Share of each type among the dealt items; empty at the start.
        mixture_by_stage: Share of each stage among them.
        mixture_by_city: Share of each city among them; items without one are left out.
        entropy: Entropy of `mixture` in bits.
        updates: How many draws have been reported.
        reward: Mean reward of the reported replies, by stage.
        accuracy: Mean of the reported accuracies, by stage.
        dead: Share of the reported groups whose replies all earned the same, by stage: no
            advantage, nothing to learn from. A group of one reply is not counted.
        collapsed: How many dead groups collapsed to which reward.
        in_flight: How many draws are dealt and not reported.
        ignored: How many reports came again or were of no draw of this run, since the last resume.
        policy: What the schedule goes by: gates, targets, values.
    """

    stage: str | None
    epoch: int
    position: int
    total: int
    coverage: float
    repeats: int
    staleness: float
    mixture: dict[str, float]
    mixture_by_stage: dict[str, float]
    mixture_by_city: dict[str, float]
    entropy: float
    updates: int
    reward: dict[str, float]
    accuracy: dict[str, float]
    dead: dict[str, float]
    collapsed: dict[str, int]
    in_flight: int
    ignored: int
    policy: dict[str, Json]
