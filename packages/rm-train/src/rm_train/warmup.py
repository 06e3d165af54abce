"""The warm-up: supervised learning of given replies, before the reinforcement learning."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from itertools import chain, islice, repeat
from pathlib import Path
from random import Random
from typing import Any

from transformers.trainer_callback import PrinterCallback
from trl import SFTTrainer  # pyright: ignore[reportPrivateImportUsage]

from rm_eval import Policy
from rm_train.config import TrainConfig
from rm_train.fitting import fitting
from rm_train.learner import lora_of, sft_settings
from rm_train.prompts import Material, gold_dataset
from rm_train.replies_file import read_lessons
from rm_train.run_directory import write_text
from rm_train.saving import save_whole
from rm_train.step_log import AfterStep

Tell = Callable[[str], None]


def warm_up(
    config: TrainConfig, material: Material, policy: Policy, folder: Path, device: str, tell: Tell
) -> Path:
    """Train the model on gold answers, or on the replies that `config.sft` names, into `folder`.

    The folder appears whole. One that is there already is the result of an earlier, finished
    warm-up and is kept. The model is handed on by path, so that the reference of the KL term is the
    model after the warm-up.

    Raises:
        RecordError: If a question lacks its answer.
    """
    if folder.is_dir():
        return folder
    losses: list[dict[str, object]] = []
    total = config.sft.steps

    def keep(step: int, logs: Mapping[str, Any]) -> None:
        losses.append({"step": step, "loss": logs["loss"], "grad_norm": logs["grad_norm"]})
        if step == total or step % max(1, total // 5) == 0:
            tell(f"warm-up step {step}/{total}  loss {logs['loss']:.3f}")

    file = config.sft.replies
    lessons = read_lessons(file, material.questions) if file else None
    trainer = SFTTrainer(
        model=policy.model,
        args=sft_settings(config, folder.with_name(f".{folder.name}.trainer"), device),
        train_dataset=gold_dataset(
            material,
            warmup_order(len(lessons or material.questions), config),
            fitting(policy.processor),
            lessons,
        ),
        processing_class=policy.processor,
        peft_config=lora_of(config),
        callbacks=[AfterStep("loss", keep)],
    )
    trainer.remove_callback(PrinterCallback)
    trainer.train()
    save_whole(trainer, folder, merge=True)
    if trainer.args.should_save:
        write_text(folder / "metrics.jsonl", "".join(json.dumps(x) + "\n" for x in losses))
    return folder


def warmup_order(lessons: int, config: TrainConfig) -> list[int]:
    """Numbers of lessons, as many as the warm-up takes: shuffled anew each time through."""
    rng = Random(f"warmup:{config.seed}")
    rounds = (rng.sample(range(lessons), lessons) for _ in repeat(None))
    return list(islice(chain.from_iterable(rounds), config.sft.steps * config.sft.batch))


def tell_on_stderr(line: str) -> None:
    """A line for the person who watches."""
    print(line, file=sys.stderr, flush=True)
