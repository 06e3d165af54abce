"""What a run starts from: everything read and checked before the first step."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, cast

from accelerate import PartialState  # pyright: ignore[reportMissingTypeStubs] - has no stubs

from rm_eval import Policy
from rm_rewards import jsonl
from rm_train import embedded
from rm_train.config import EMBEDDED, TrainConfig
from rm_train.doctor.case import Case
from rm_train.doctor.consultation import consult
from rm_train.embedded_data import embedded_questions, withdrawn_on_failure
from rm_train.learner import device_of, load_learner
from rm_train.methods import methods_of
from rm_train.methods.method import Method
from rm_train.plan import Plan, plan_of
from rm_train.probing import check_probes
from rm_train.prompts import Material, read_material
from rm_train.provenance import model_fingerprint
from rm_train.replies_file import read_lessons
from rm_train.rewards import NetworkOf, Scorer
from rm_train.run_directory import RunDirectory
from rm_train.sharding import is_sharded
from rm_train.trackers import trackers
from rm_train.warmup import lessons_of, tell_on_stderr

_PATIENCE: Final = timedelta(hours=6)
"""How long processes wait for one another: while the first answers held-out questions, the others
wait, and torch's own limit of ten minutes on GPUs would end the run."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a run starts from, all of it read and checked.

    Attributes:
        directory: Where the run lies.
        checkpoint: What it goes on from, if it does.
        lessons: What its warm-up learns from.
        plan: Its steps, or who decides them.
        model: Folder or hub name of the model it starts from.
        policy: That model, loaded for training.
        methods: What is done differently from GRPO, in order.
        eval_questions: The held-out questions, if there are any.
        device: `cpu` or `cuda`.
        world: How many processes train together.
        main: Whether this process is the one that writes and speaks.
    """

    directory: RunDirectory
    checkpoint: Path | None
    material: Material
    lessons: Material
    scorer: Scorer
    plan: Plan
    model: str
    policy: Policy
    methods: tuple[Method, ...]
    eval_questions: Path | None
    device: str
    world: int
    main: bool


def prepare(config: TrainConfig) -> Prepared:
    """Read and check everything; the run directory begins when nothing is wrong.

    Raises:
        RunError: If the run directory is in use or belongs to another run, or if the doctor finds
            an error.
        ConfigError: If the settings do not suit the questions, or the device is not there.
        RecordError: If a question, picture or network cannot be used.
    """
    directory = RunDirectory(config.out)
    device = device_of(config)
    state = cast("Any", PartialState(cpu=device == "cpu", timeout=_PATIENCE))
    world = int(state.num_processes)
    config.accumulation(world)
    trackers(config.report_to)
    methods = methods_of(config.method)
    for method in methods:
        method.check(config)
    with withdrawn_on_failure(directory.data), state.main_process_first():
        first = bool(state.is_main_process)
        checkpoint = directory.admit(config) if first else directory.checkpoint(config.resume)
        questions, held_out = _question_files(config, directory)
        networks = jsonl.Networks(questions.parent, config.networks)
        material, partners = _material(config, questions, methods, networks.of)
        scorer = Scorer(material.questions, networks.of, config.reward_spec())
        plan = plan_of(material.questions, config, partners)
        model = str(embedded.checkpoint_path()) if config.model == EMBEDDED else config.model
        lessons = lessons_of(config, material)
        fingerprints = _fingerprints(config, material, lessons, model)
        if first:
            check_probes(config)
            case = Case(
                config, material, networks.of, scorer, plan.length, model, held_out, device,
                world, is_sharded(), methods,
            )  # fmt: skip
            consult(case, tell_on_stderr)
        # what fails here leaves no run directory behind
        policy = load_learner(config, model, warm_up=config.sft.steps > 0)
        if first:
            directory.begin(config, fingerprints)
    return Prepared(
        directory, checkpoint, material, lessons, scorer, plan, model, policy, methods, held_out,
        device, world, first,
    )  # fmt: skip


def _material(
    config: TrainConfig, questions: Path, methods: Sequence[Method], network_of: NetworkOf
) -> tuple[Material, dict[str, str]]:
    """The questions with those that methods add, and which stand beside which."""
    material = read_material(questions, config.maps)
    partners: dict[str, str] = {}
    for method in methods:
        material = method.questions(material, network_of)
        partners |= method.partners()
    return material, partners


def _fingerprints(
    config: TrainConfig, material: Material, lessons: Material, model: str
) -> dict[str, str]:
    """Of all that the run learns from; replies that cannot be learned are found here."""
    found = {"questions": material.fingerprint, "model": model_fingerprint(model)}
    if lessons is not material:
        found["sft questions"] = lessons.fingerprint
    if config.sft.replies is not None:
        read_lessons(config.sft.replies, lessons.questions)
        found["replies"] = hashlib.sha256(config.sft.replies.read_bytes()).hexdigest()
    return found


def _question_files(config: TrainConfig, directory: RunDirectory) -> tuple[Path, Path | None]:
    if config.questions is not None:
        return config.questions, config.eval_questions
    made, held_out = embedded_questions(directory.data, config.seed)
    return made, config.eval_questions or held_out
