"""The warm-up: supervised learning of given replies, before the reinforcement learning."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping
from itertools import chain, islice, repeat
from pathlib import Path
from random import Random
from typing import Any, Final

from transformers.trainer_callback import PrinterCallback

from rm_eval import Policy
from rm_train.checkpoints import newest, remove_incomplete, step_of
from rm_train.config import TrainConfig
from rm_train.fitting import fitting
from rm_train.gold_trainer import GoldTrainer
from rm_train.journal import append_lines, forget_lines
from rm_train.learner import lora_of, sft_settings
from rm_train.progress import Progress
from rm_train.prompts import Material, gold_dataset, read_material
from rm_train.replies_file import read_lessons
from rm_train.run_directory import RunDirectory
from rm_train.saving import save_whole
from rm_train.step_log import AfterStep

Tell = Callable[[str], None]

STAGE: Final = "gold answers"
"""What stands in the place of a stage in the lines of a warm-up."""


def lessons_of(config: TrainConfig, material: Material) -> Material:
    """What the warm-up learns from: its own questions, or those of the run.

    Raises:
        RecordError: If a line, an id or a picture of its own questions is bad.
    """
    if not config.sft.steps or config.sft.questions is None:
        return material
    return read_material(config.sft.questions, config.maps)


def warm_up(
    config: TrainConfig,
    material: Material,
    policy: Policy,
    folder: Path,
    device: str,
    tell: Tell,
    *,
    merge: bool = True,
) -> Path:
    """Train the model on gold answers, or on the replies that `config.sft` names, into `folder`.

    The folder appears whole. One that is there already is the result of an earlier, finished
    warm-up and is kept. An interrupted one goes on from its newest checkpoint. The model is handed
    on by path, so that the reference of the KL term is the model after the warm-up.

    Args:
        config: Its section `sft`, and what both kinds of training share.
        material: The questions.
        policy: The model; is changed.
        folder: Where the result goes; beside it lie the losses and, meanwhile, the checkpoints.
        device: `cpu` or `cuda`.
        tell: Takes lines for the person who watches.
        merge: Write adapters as part of the weights; otherwise they are written alone.

    Raises:
        RecordError: If a question lacks its answer.
    """
    if folder.is_dir():
        return folder
    directory = RunDirectory(folder.parent)
    checkpoints = directory.warmup_checkpoints
    with Progress(config.sft.steps, 0, tell) as progress:
        trainer = _trainer(config, material, policy, device, checkpoints)
        keep = _keeper(directory.warmup_metrics, progress)
        trainer.add_callback(AfterStep("loss", keep))
        checkpoint = newest(checkpoints)
        if trainer.args.should_save:
            remove_incomplete(checkpoints)
            forget_lines(directory.warmup_metrics, step_of(checkpoint) if checkpoint else 0)
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    save_whole(trainer, folder, merge=merge)
    if trainer.args.should_save:
        shutil.rmtree(checkpoints, ignore_errors=True)
    return folder


def _trainer(
    config: TrainConfig, material: Material, policy: Policy, device: str, checkpoints: Path
) -> GoldTrainer:
    file = config.sft.replies
    lessons = read_lessons(file, material.questions) if file else None
    order = warmup_order(len(lessons or material.questions), config)
    trainer = GoldTrainer(
        keep=config.save_total_limit,
        model=policy.model,
        args=sft_settings(config, checkpoints, device),
        train_dataset=gold_dataset(material, order, fitting(policy.processor), lessons),
        processing_class=policy.processor,
        peft_config=lora_of(config, warm_up=True),
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def _keeper(path: Path, progress: Progress) -> Callable[[int, Mapping[str, Any]], None]:
    def keep(step: int, logs: Mapping[str, Any]) -> None:
        line = {"step": step, "stage": STAGE, "loss": logs["loss"], "grad_norm": logs["grad_norm"]}
        line |= {"lr": logs["learning_rate"]} if "learning_rate" in logs else {}
        append_lines(path, [line])
        progress(line)

    return keep


def warmup_order(lessons: int, config: TrainConfig) -> list[int]:
    """Numbers of lessons, as many as the warm-up takes: shuffled anew each time through."""
    rng = Random(f"warmup:{config.seed}")
    rounds = (rng.sample(range(lessons), lessons) for _ in repeat(None))
    return list(islice(chain.from_iterable(rounds), config.sft.steps * config.sft.batch))


def tell_on_stderr(line: str) -> None:
    """A line for the person who watches."""
    print(line, file=sys.stderr, flush=True)
