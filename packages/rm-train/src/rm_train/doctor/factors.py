"""Settings that cancel: what is asked for but cannot act."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rm_train.config import Advantage, Dtype
from rm_train.doctor.finding import Finding

_HALF_SPACING: Final = {"float32": 2.0**-24, "bfloat16": 2.0**-9}
"""Half the relative spacing of the numbers of a type, at the worst: smaller steps are lost."""

_TYPICAL_WEIGHT: Final = 0.02
"""Size of a weight of a language model: the deviation that most are initialised with."""

_LARGE_MODEL: Final = 500_000_000
_FULL_LR: Final = 1e-5
_ADAPTER_LR: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Factors:
    """What acts on the gradient of a run.

    Attributes:
        scale: What differences to the group's mean are divided by.
        weight_inside: Whether the reward itself holds the difficulty weight.
        copies_at_once: Names of the methods whose slow copy of the policy follows it at once and
            wholly, so that it is none.
        updates: Updates made from the replies of one step.
        ratio_asked: Settings of the probability ratio that differ from their defaults.
        lr: Peak learning rate.
        rising: Steps over which it rises.
        steps: Steps of the run; 0 if not known.
        trained: Type in which trained weights are held.
        parameters: How many the model has; 0 if not known.
        adapters: Whether adapters alone are trained.
    """

    scale: Advantage = "none"
    weight_inside: bool = False
    copies_at_once: tuple[str, ...] = ()
    updates: int = 1
    ratio_asked: tuple[str, ...] = ()
    lr: float = 1e-6
    rising: int = 0
    steps: int = 0
    trained: Dtype = "float32"
    parameters: int = 0
    adapters: bool = False


def factor_findings(run: Factors) -> Iterator[Finding]:
    """Difficulty weights, slow copies, clipping and steps without effect, or with too much."""
    if run.weight_inside and run.scale == "group":
        yield Finding(
            level="warning",
            code="cancelled-weight",
            found="the difficulty weight stands inside the reward, and advantages are divided by "
            "the group's deviation",
            effect="a factor that is the same for the whole group cancels: the weight does nothing",
            way_out="--advantage none, or a reward without the weight and --difficulty-weight",
        )
    if run.copies_at_once:
        yield Finding(
            level="warning",
            code="idle-copy",
            found=f"the slow copy of {', '.join(run.copies_at_once)} keeps nothing of itself and "
            "is renewed after every update",
            effect="it is the policy itself: nothing is compared, at the cost of a forward pass",
            way_out="a decay near 1 (0.995), or `every` above 1",
        )
    if run.updates == 1 and run.ratio_asked:
        yield Finding(
            level="note",
            code="idle-clipping",
            found=f"{', '.join(run.ratio_asked)} set, with one update a step",
            effect="the ratio of new to old probability is always 1, so nothing is clipped",
            way_out="--num-iterations or --minibatches above 1",
        )
    yield from _rates(run)


def _rates(run: Factors) -> Iterator[Finding]:
    smallest = _HALF_SPACING[run.trained] * _TYPICAL_WEIGHT
    if run.lr < smallest:
        yield Finding(
            level="error" if run.lr * 10 < smallest else "warning",
            code="lost-updates",
            found=f"lr {run.lr:g} with weights held in {run.trained}, whose numbers near "
            f"{_TYPICAL_WEIGHT} lie {2 * smallest:.1g} apart",
            effect="most steps of AdamW are rounded away: the model stays what it is, and the KL "
            "to its start 0",
            way_out="hold trained weights in float32, or train adapters with a larger lr",
        )
    large = run.parameters >= _LARGE_MODEL
    if large and not run.adapters and run.lr > _FULL_LR:
        yield Finding(
            level="warning",
            code="large-lr",
            found=f"lr {run.lr:g} for all of {run.parameters / 1e9:.1f} billion parameters",
            effect="models of this size lose their language within a few dozen steps",
            way_out="--lr 1e-6 (paper)",
        )
    if run.adapters and run.lr <= _ADAPTER_LR:
        yield Finding(
            level="warning",
            code="small-lr",
            found=f"lr {run.lr:g} for adapters",
            effect="they start at 0 and hardly move at the rate of full parameters",
            way_out="--lr 1e-5 or more",
        )
    if run.steps and run.rising >= run.steps:
        yield Finding(
            level="warning",
            code="endless-warm-up",
            found=f"warmup_steps {run.rising} in a run of {run.steps} steps",
            effect="the learning rate is never reached",
            way_out="lower --warmup-steps",
        )
