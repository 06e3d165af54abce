"""What the doctor looks at: a run as it is planned, before its model is loaded."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from rm_rewards import Network, Question, jsonl
from rm_train import embedded
from rm_train.config import EMBEDDED, TrainConfig
from rm_train.embedded_data import embedded_questions
from rm_train.learner import device_of
from rm_train.methods import methods_of
from rm_train.methods.grpo_care import GrpoCare
from rm_train.methods.method import Method
from rm_train.plan import plan_of
from rm_train.prompts import Material, read_material
from rm_train.rewards import Scorer
from rm_train.sharding import is_sharded

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
        methods: What is done differently from GRPO.
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
    methods: tuple[Method, ...] = ()

    @property
    def whole(self) -> tuple[str, ...]:
        """The names of the methods that need each group whole on one process."""
        return tuple(type(method).__name__ for method in self.methods if method.whole_groups)

    @property
    def copies(self) -> int:
        """How many slow copies of the trained weights the methods hold."""
        return sum(isinstance(method, GrpoCare) for method in self.methods)

    @property
    def copies_at_once(self) -> tuple[str, ...]:
        """The names of the methods whose slow copy is the policy itself after every update."""
        return tuple(
            type(method).__name__
            for method in self.methods
            if isinstance(method, GrpoCare) and method.decay == 0 and method.every == 1
        )


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
        methods=tuple(methods),
    )
