"""Make the embedded checkpoint: `python -m rm_train.embedded.make --seed 0 --out DIR`.

Three stages on synthetic maps, each ended by what it has reached on maps never trained on:

1. reading: every picture token names the letter and the lines of its cell;
2. answers: yes/no and counting questions, and plain reading lessons; no planning;
3. a first taste of planning, stopped as soon as three routes in ten are right: the rest is left
   for reinforcement learning to teach.

One thread; 4 to 6 CPU minutes. On one machine a seed gives the same weights again; elsewhere the
last bits of the arithmetic may differ, the gates hold all the same. The maps of the demo have other
seeds than these.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Final

import torch
import typer
from torch import Tensor

from rm_train.embedded.answering import Answering
from rm_train.embedded.lessons import Lesson, SchoolMap, school_map
from rm_train.embedded.model import build_model, save_policy
from rm_train.embedded.reading import Model, Reading, picture_tokens
from rm_train.embedded.tokenizer import build_tokenizer

FIRST_MAP: Final = 1_000_000
"""Seed of the first map; the held-out maps follow the training maps."""

_MAPS_A_STEP: Final = 32
_LESSONS_A_MAP: Final = 8
_RISE: Final = 100

_ANSWERS: Final = {
    "TorF1": 1.0,
    "TorF2": 1.0,
    "Counting1": 0.5,
    "Counting2": 1.0,
    "Counting3": 0.5,
    "which": 1.0,
    "list": 1.0,
    "ride": 1.0,
}
_TASTE: Final = {**_ANSWERS, "planning0": 0.5, "planning1": 0.5, "planning2": 0.25}


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
    """

    name: str
    loss: Callable[[Sequence[SchoolMap]], Tensor]
    measure: Callable[[], Mapping[str, float]]
    gates: Mapping[str, float]
    every: int
    most: int


def make(
    seed: int, *, maps: int = 8000, held_out: int = 150, patience: float = 1.0
) -> tuple[Model, dict[str, float]]:
    """The trained model and what it measures on the held-out maps.

    Args:
        seed: Of the weights and of the order.
        maps: How many to train on.
        held_out: How many to measure on.
        patience: Share of each stage's steps after which it counts as failed.

    Raises:
        GateError: If a stage does not reach its gates.
    """
    pool = [school_map(FIRST_MAP + number) for number in range(maps)]
    exam = [school_map(FIRST_MAP + maps + number) for number in range(held_out)]
    model = build_model(seed)
    for stage in _stages(model, exam, random.Random(f"lessons:{seed}")):
        limited = replace(stage, most=round(stage.most * patience))
        train(model, limited, pool, random.Random(f"{stage.name}:{seed}"))
    tokenizer = build_tokenizer()
    reached = {
        **Reading(tokenizer).measure(model, exam),
        **Answering(tokenizer).measure(model, exam),
    }
    return model, reached


def _stages(model: Model, exam: Sequence[SchoolMap], rng: random.Random) -> list[Stage]:
    tokenizer = build_tokenizer()
    reading, answering = Reading(tokenizer), Answering(tokenizer)

    def lessons(mix: Mapping[str, float]) -> Callable[[Sequence[SchoolMap]], Tensor]:
        return lambda maps: answering.loss(model, maps, [_pick(m, mix, rng) for m in maps])

    def planning() -> Mapping[str, float]:
        found = answering.measure(model, exam)
        return {**found, "planning": (found["planning0"] + found["planning1"]) / 2}

    return [
        Stage(
            name="reading",
            loss=lambda maps: reading.loss(model, picture_tokens(model, maps), maps),
            measure=lambda: reading.measure(model, exam),
            gates={"letters": 0.98, "lines": 0.96},
            every=100,
            most=3000,
        ),
        Stage(
            name="answers",
            loss=lessons(_ANSWERS),
            measure=lambda: answering.measure(model, exam),
            gates={"TorF1": 0.9, "TorF2": 0.9, "Counting2": 0.95, "Counting3": 0.9},
            every=50,
            most=4000,
        ),
        Stage(
            name="planning",
            loss=lessons(_TASTE),
            measure=planning,
            gates={"planning": 0.3},
            every=20,
            most=2000,
        ),
    ]


def _pick(school: SchoolMap, mix: Mapping[str, float], rng: random.Random) -> list[Lesson]:
    """Lessons of one map, each kind as often as the mix says, however many there are of it."""
    known = [lesson for lesson in school.lessons if lesson.kind in mix]
    count = Counter(lesson.kind for lesson in known)
    weights = [mix[lesson.kind] / count[lesson.kind] for lesson in known]
    return rng.choices(known, weights=weights, k=_LESSONS_A_MAP)


def train(model: Model, stage: Stage, pool: Sequence[SchoolMap], rng: random.Random) -> None:
    """Take steps until the stage's gates hold; the learning rate rises over the first hundred.

    Raises:
        GateError: If they do not hold after `stage.most` steps.
    """
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, betas=(0.9, 0.98))
    rise = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1, (step + 1) / _RISE))
    began = time.monotonic()
    for step in range(1, stage.most + 1):
        loss = stage.loss(rng.sample(pool, _MAPS_A_STEP))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        rise.step()
        if step % stage.every == 0:
            found = stage.measure()
            shown = " ".join(f"{name} {value:.2f}" for name, value in found.items())
            seconds = time.monotonic() - began
            print(f"{stage.name} {step} ({seconds:.0f} s): {shown}", file=sys.stderr, flush=True)
            if all(found[name] >= low for name, low in stage.gates.items()):
                return
    raise GateError(f"{stage.name}: not {dict(stage.gates)} within {stage.most} steps")


app = typer.Typer(add_completion=False)


@app.command()
def main(
    out: Annotated[Path, typer.Option(help="Folder for the checkpoint.")],
    seed: Annotated[int, typer.Option(help="Seed of the weights and of the order.")] = 0,
    maps: Annotated[int, typer.Option(min=32, help="Maps to train on.")] = 8000,
    patience: Annotated[
        float, typer.Option(help="Share of each stage's steps after which it has failed.")
    ] = 1.0,
) -> None:
    """Make the embedded checkpoint and print what it reaches on unseen maps."""
    torch.set_num_threads(1)
    try:
        model, reached = make(seed, maps=maps, patience=patience)
    except GateError as error:
        typer.echo(f"error: {error}; try another --seed", err=True)
        raise typer.Exit(1) from None
    save_policy(model, out)
    for name, share in reached.items():
        typer.echo(f"{name:10} {share:.3f}")


if __name__ == "__main__":
    app()
