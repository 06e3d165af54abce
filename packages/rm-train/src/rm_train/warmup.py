"""The warm-up: supervised learning of gold answers, before the reinforcement learning."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from itertools import chain, islice, repeat
from pathlib import Path
from random import Random
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from transformers.trainer_callback import PrinterCallback
from trl import SFTTrainer  # pyright: ignore[reportPrivateImportUsage]

from rm_eval import Policy
from rm_train.config import TrainConfig
from rm_train.learner import lora_of, sft_settings
from rm_train.prompts import Material, gold_dataset
from rm_train.run_directory import write_text
from rm_train.saving import save_whole

Tell = Callable[[str], None]


def warm_up(
    config: TrainConfig, material: Material, policy: Policy, folder: Path, device: str, tell: Tell
) -> Path:
    """Train the model on the gold answers and write it to `folder`, which then appears whole.

    A folder that is there already is the result of an earlier, finished warm-up and is kept. The
    model is handed on by path, so that the reference of the KL term is the model after the warm-up.

    Raises:
        RecordError: If a question lacks its answer.
    """
    if folder.is_dir():
        return folder
    losses: list[dict[str, object]] = []
    trainer = SFTTrainer(
        model=policy.model,
        args=sft_settings(config, folder.with_name(f".{folder.name}.trainer"), device),
        train_dataset=gold_dataset(material, warmup_order(len(material.questions), config)),
        processing_class=policy.processor,
        peft_config=lora_of(config),
        callbacks=[_Log(losses, config.sft.steps, tell)],
    )
    trainer.remove_callback(PrinterCallback)
    trainer.train()
    save_whole(trainer, folder, merge=True)
    if trainer.args.should_save:
        write_text(folder / "metrics.jsonl", "".join(json.dumps(x) + "\n" for x in losses))
    return folder


def warmup_order(questions: int, config: TrainConfig) -> list[int]:
    """Numbers of questions, as many as the warm-up takes: shuffled anew each time through."""
    rng = Random(f"warmup:{config.seed}")
    rounds = (rng.sample(range(questions), questions) for _ in repeat(None))
    return list(islice(chain.from_iterable(rounds), config.sft.steps * config.sft.batch))


class _Log(TrainerCallback):
    """Keeps the loss of each step, and shows a line now and then."""

    def __init__(self, losses: list[dict[str, object]], total: int, tell: Tell) -> None:
        self._losses = losses
        self._total = total
        self._tell = tell

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **kwargs: Any,  # noqa: ANN401 - the signature of transformers
    ) -> None:
        del args, control
        logs: Mapping[str, Any] = kwargs["logs"]
        if "loss" not in logs or not state.is_world_process_zero:
            return
        step = state.global_step
        self._losses.append({"step": step, "loss": logs["loss"], "grad_norm": logs["grad_norm"]})
        if step == self._total or step % max(1, self._total // 5) == 0:
            self._tell(f"warm-up step {step}/{self._total}  loss {logs['loss']:.3f}")


def tell_on_stderr(line: str) -> None:
    """A line for the person who watches."""
    print(line, file=sys.stderr, flush=True)
