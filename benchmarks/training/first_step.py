"""A process that ends where its first step begins: `first_step.py SIDE QUESTIONS OUT`.

It prints the seconds since it began, of its core and by the clock, and those that our doctor took.
The side `ours` is the command `rm-train run`, `bare` the shortest script that does the same with
TRL alone.
"""

# ruff: noqa: PLC0415 - what is imported is part of what is measured

# datasets and transformers are not fully typed:
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any, NoReturn, cast

BEGAN = time.perf_counter()
DOCTOR: list[float] = []
STEPS = ("--max-steps", "3", "--prompts-per-step", "4", "--save-steps", "0")


def stop_at_first_step(*_args: object, **_kwargs: object) -> NoReturn:
    """In the place of TRL's `training_step`."""
    print(f"{time.process_time()} {time.perf_counter() - BEGAN} {sum(DOCTOR)}", flush=True)
    os._exit(0)  # nothing of the end belongs to the start


def ours(questions: Path, out: Path) -> None:
    """`rm-train run`, as typed; TRL, which it needs as well, is imported first to end in it."""
    from trl.trainer.grpo_trainer import GRPOTrainer

    from rm_train import preparation
    from rm_train.cli import app

    inside = cast("Any", preparation)
    consult = inside.consult

    def timed(*args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - handed on as they are
        began = time.process_time()
        consult(*args, **kwargs)
        DOCTOR.append(time.process_time() - began)

    inside.consult = timed
    GRPOTrainer.training_step = stop_at_first_step
    app(["run", "--questions", str(questions), "--out", str(out), *STEPS])


def bare(questions: Path, out: Path) -> None:
    """The same with TRL alone."""
    import torch
    from datasets import Dataset, Image  # pyright: ignore[reportMissingTypeStubs] - has no stubs
    from transformers import AutoModelForImageTextToText
    from trl.trainer.grpo_config import GRPOConfig
    from trl.trainer.grpo_trainer import GRPOTrainer

    from rm_eval import load_processor
    from rm_rewards import Question
    from rm_rewards.adapters import encode_question
    from rm_rewards.adapters.trl_rewards import reward_functions, reward_weights
    from rm_rewards.jsonl import read
    from rm_train.embedded import checkpoint_path

    torch.set_num_threads(1)
    asked = list(read(Question, questions))
    rows = Dataset.from_dict(
        {
            "prompt": [[{"role": "user", "content": q.question}] for q in asked],
            "image": [str(questions.parent / str(q.figure)) for q in asked],
            "label": [encode_question(q, questions.parent) for q in asked],
        }
    ).cast_column("image", Image())
    GRPOTrainer.training_step = stop_at_first_step
    model = checkpoint_path()
    GRPOTrainer(
        model=AutoModelForImageTextToText.from_pretrained(model, dtype=torch.float32),
        processing_class=load_processor(model),
        reward_funcs=[*reward_functions()],
        args=GRPOConfig(
            output_dir=str(out),
            use_cpu=True,
            bf16=False,
            gradient_checkpointing=False,
            per_device_train_batch_size=32,
            num_generations=8,
            max_completion_length=32,
            max_steps=3,
            reward_weights=reward_weights(),
            report_to="none",
        ),
        train_dataset=rows,
    ).train()


if __name__ == "__main__":
    {"ours": ours, "bare": bare}[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
