"""Make the embedded checkpoint: `python -m rm_train.embedded.make --seed 0 --out DIR`.

Three stages on synthetic maps, each ended by what it has reached on maps never trained on:

1. reading: every picture token names the letter and the lines of its cell;
2. answers: yes/no and counting questions, and plain reading lessons; no planning;
3. a first taste of planning, stopped as soon as three routes in ten are right: the rest is left
   for reinforcement learning to teach.

With `--ladder` two more models are kept, in folders of their own beside the last (`ready`): `weak`,
from within stage 3, as soon as one route in twelve is right, and `cold`, which leaves stage 2 by
another way and is taught the form of a route alone (`rm_train.embedded.form`).

One thread; 4 to 6 CPU minutes. On one machine a seed gives the same weights again; elsewhere the
last bits of the arithmetic may differ, the gates hold all the same. The maps of the demo have other
seeds than these.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

import torch
import typer
from torch import Tensor

from rm_train.embedded.answering import Answering
from rm_train.embedded.form import Form, blind_routes
from rm_train.embedded.lessons import Lesson, SchoolMap, school_map
from rm_train.embedded.model import build_model, save_policy
from rm_train.embedded.reading import Model, Reading, picture_tokens
from rm_train.embedded.stage import GateError, Keep, Stage, train
from rm_train.embedded.tokenizer import build_tokenizer

FIRST_MAP: Final = 1_000_000
"""Seed of the first map; the held-out maps follow the training maps."""

_LESSONS_A_MAP: Final = 8
_LOOKED_AT: Final = 60
_FORMS_A_MAP: Final = 3

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


def make(
    seed: int,
    *,
    maps: int = 8000,
    held_out: int = 150,
    patience: float = 1.0,
    keep: Keep | None = None,
) -> tuple[Model, dict[str, float]]:
    """The trained model and what it measures on the held-out maps.

    Args:
        seed: Of the weights and of the order.
        maps: How many to train on.
        held_out: How many to measure on.
        patience: Share of each stage's steps after which it counts as failed.
        keep: Gets the colder models, `cold` and `weak`; they cost nothing that the last one has.

    Raises:
        GateError: If a stage does not reach its gates.
    """
    pool = [school_map(FIRST_MAP + number) for number in range(maps)]
    exam = [school_map(FIRST_MAP + maps + number) for number in range(held_out)]
    model = build_model(seed)
    for stage in _stages(model, exam, random.Random(f"lessons:{seed}")):
        if keep and stage.rungs:
            keep("cold", _cold(model, seed, pool, exam))
        limited = replace(stage, most=round(stage.most * patience))
        train(model, limited, pool, random.Random(f"{stage.name}:{seed}"), keep)
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

    def planning(maps: Sequence[SchoolMap]) -> Mapping[str, float]:
        found = answering.measure(model, maps)
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
            measure=lambda: planning(exam),
            gates={"planning": 0.3},
            every=20,
            most=2000,
            rungs={"weak": {"planning": 0.08}},
            look=lambda: planning(exam[:_LOOKED_AT]),
        ),
    ]


def _cold(model: Model, seed: int, pool: Sequence[SchoolMap], exam: Sequence[SchoolMap]) -> Model:
    """A copy of the model that has learned the form of a route besides, and not its content."""
    model = deepcopy(model)
    tokenizer = build_tokenizer()
    answering, form = Answering(tokenizer), Form(tokenizer)
    rng = random.Random(f"form lessons:{seed}")
    answers = _LESSONS_A_MAP - _FORMS_A_MAP

    def loss(maps: Sequence[SchoolMap]) -> Tensor:
        lessons = [
            [*_pick(m, _ANSWERS, rng, answers), *blind_routes(m, rng, _FORMS_A_MAP)] for m in maps
        ]
        return answering.loss(model, maps, lessons)

    stage = Stage(
        name="form",
        loss=loss,
        measure=lambda: form.measure(model, exam),
        gates={"form": 0.999},
        every=20,
        most=1000,
    )
    train(model, stage, pool, random.Random(f"form:{seed}"))
    return model


def _pick(
    school: SchoolMap, mix: Mapping[str, float], rng: random.Random, many: int = _LESSONS_A_MAP
) -> list[Lesson]:
    """Lessons of one map, each kind as often as the mix says, however many there are of it."""
    known = [lesson for lesson in school.lessons if lesson.kind in mix]
    count = Counter(lesson.kind for lesson in known)
    weights = [mix[lesson.kind] / count[lesson.kind] for lesson in known]
    return rng.choices(known, weights=weights, k=many)


app = typer.Typer(add_completion=False)


@app.command()
def main(
    out: Annotated[Path, typer.Option(help="Folder for the checkpoint.")],
    seed: Annotated[int, typer.Option(help="Seed of the weights and of the order.")] = 0,
    maps: Annotated[int, typer.Option(min=32, help="Maps to train on.")] = 8000,
    patience: Annotated[
        float, typer.Option(help="Share of each stage's steps after which it has failed.")
    ] = 1.0,
    ladder: Annotated[
        bool, typer.Option(help="Keep `cold`, `weak` and `ready` in folders inside --out.")
    ] = False,
) -> None:
    """Make the embedded checkpoint and print what it reaches on unseen maps."""
    torch.set_num_threads(1)

    def keep(name: str, model: Model) -> None:
        save_policy(model, out / name)

    try:
        model, reached = make(seed, maps=maps, patience=patience, keep=keep if ladder else None)
    except GateError as error:
        typer.echo(f"error: {error}; try another --seed", err=True)
        raise typer.Exit(1) from None
    save_policy(model, out / "ready" if ladder else out)
    for name, share in reached.items():
        typer.echo(f"{name:10} {share:.3f}")


if __name__ == "__main__":
    app()
