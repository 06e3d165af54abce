"""A stage of the embedded model's schooling: steps until what is measured is enough."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import torch
from torch import Tensor

from rm_train.embedded.lessons import SchoolMap
from rm_train.embedded.reading import Model

_MAPS_A_STEP: Final = 32
_RISE: Final = 100
_LOOK: Final = 5

Keep: TypeAlias = Callable[[str, Model], None]
"""Told of a model on the way, by its name; it must take what it wants at once."""


class GateError(RuntimeError):
    """A stage that did not reach its gates within its steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage: how a step is taken, what is measured, when it is enough.

    Attributes:
        name: For the log.
        loss: The loss on some maps.
        measure: Named shares on the held-out maps.
        gates: The lowest value of each measure at which the stage ends.
        every: Steps between two measurements.
        most: Steps after which the stage has failed.
        rungs: Models to keep on the way: the lowest value of each measure, by the model's name.
        look: As `measure`, on fewer maps, for the rungs.
    """

    name: str
    loss: Callable[[Sequence[SchoolMap]], Tensor]
    measure: Callable[[], Mapping[str, float]]
    gates: Mapping[str, float]
    every: int
    most: int
    rungs: Mapping[str, Mapping[str, float]] = field(default_factory=dict[str, dict[str, float]])
    look: Callable[[], Mapping[str, float]] = dict


def train(
    model: Model,
    stage: Stage,
    pool: Sequence[SchoolMap],
    rng: random.Random,
    keep: Keep | None = None,
) -> None:
    """Take steps until the stage's gates hold; the learning rate rises over the first hundred.

    With `keep` the stage's rungs are looked for on the way; looking changes nothing.

    Raises:
        GateError: If they do not hold after `stage.most` steps.
    """
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, betas=(0.9, 0.98))
    rise = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1, (step + 1) / _RISE))
    began = time.monotonic()
    ahead = dict(stage.rungs if keep else {})
    for step in range(1, stage.most + 1):
        loss = stage.loss(rng.sample(pool, _MAPS_A_STEP))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        rise.step()
        if keep and ahead and step % _LOOK == 0:
            _keep_reached(model, stage.look(), ahead, keep)
        if step % stage.every == 0:
            found = stage.measure()
            seconds = time.monotonic() - began
            _say(f"{stage.name} {step} ({seconds:.0f} s): {_shown(found)}")
            if _passed(found, stage.gates):
                return
    raise GateError(f"{stage.name}: not {dict(stage.gates)} within {stage.most} steps")


def _keep_reached(
    model: Model,
    found: Mapping[str, float],
    ahead: dict[str, Mapping[str, float]],
    keep: Keep,
) -> None:
    for name in [name for name, gates in ahead.items() if _passed(found, gates)]:
        del ahead[name]
        _say(f"{name}: {_shown(found)}")
        keep(name, model)


def _passed(found: Mapping[str, float], gates: Mapping[str, float]) -> bool:
    return all(found[name] >= low for name, low in gates.items())


def _shown(found: Mapping[str, float]) -> str:
    return " ".join(f"{name} {value:.2f}" for name, value in found.items())


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
