"""What the doctor looks at: a run as it is planned, before its model is loaded."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from rm_rewards import Network, Question, jsonl
from rm_train import embedded
from rm_train.config import EMBEDDED, TrainConfig
from rm_train.embedded_data import embedded_questions
from rm_train.learner import device_of
from rm_train.methods import methods_of
from rm_train.methods.method import Method
from rm_train.plan import plan_of
from rm_train.prompts import Material, read_material
from rm_train.rewards import Scorer

NetworkOf: TypeAlias = Callable[[Question], Network | None]


@dataclass(frozen=True, slots=True)
class Case:
    """A run as it is planned.

    Attributes:
        material: The questions to train on.
        steps: How many steps it has.
        model: Folder or hub name of the model it starts from.
        held_out: The questions of the evaluation, if there are any.
        device: `cpu` or `cuda`.
        world: How many processes train together.
        sharded: Whether they divide the weights among them (FSDP, ZeRO-3).
        whole: Names of the methods that need whole groups on each process.
    """

    config: TrainConfig
    material: Material
    network_of: NetworkOf
    scorer: Scorer
    steps: int
    model: str
    held_out: Path | None
    device: str
    world: int = 1
    sharded: bool = False
    whole: tuple[str, ...] = ()


def case_of(config: TrainConfig, scratch: Path) -> Case:
    """Read what a run with these settings would read; nothing is written beside `scratch`.

    Args:
        config: The settings.
        scratch: A folder for the questions that the embedded run makes itself.

    Raises:
        ConfigError: If the settings do not suit the questions, or the device is not there.
        RecordError: If a question, picture or network cannot be used.
        OSError: If a file cannot be read.
    """
    device = device_of(config)
    methods = methods_of(config.method)
    for method in methods:
        method.check(config)
    questions, held_out = config.questions, config.eval_questions
    if questions is None:
        questions, own = embedded_questions(scratch / "data", config.seed)
        held_out = held_out or own
    material = read_material(questions, config.maps)
    network_of = jsonl.Networks(questions.parent, config.networks).of
    partners: dict[str, str] = {}
    for method in methods:
        material = method.questions(material, network_of)
        partners |= method.partners()
    return Case(
        config=config,
        material=material,
        network_of=network_of,
        scorer=Scorer(material.questions, network_of, config.reward_spec()),
        steps=plan_of(material.questions, config, partners).length,
        model=str(embedded.checkpoint_path()) if config.model == EMBEDDED else config.model,
        held_out=held_out,
        device=device,
        world=int(os.environ.get("WORLD_SIZE", "1")),
        sharded=is_sharded(),
        whole=needing_whole_groups(methods),
    )


def needing_whole_groups(methods: Sequence[Method]) -> tuple[str, ...]:
    """The names of those methods that need each group whole on one process."""
    return tuple(type(method).__name__ for method in methods if method.whole_groups)


def is_sharded() -> bool:
    """Whether `accelerate launch` was told to divide the weights (FSDP, or DeepSpeed's stage 3)."""
    stage = os.environ.get("ACCELERATE_DEEPSPEED_ZERO_STAGE", "0")
    return os.environ.get("ACCELERATE_USE_FSDP") == "true" or stage == "3"
