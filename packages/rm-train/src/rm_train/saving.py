"""The trained model on disk: a folder that `rm_eval.load_policy` and other tools load."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, cast

from peft import PeftModel
from transformers import Trainer


def save_whole(trainer: Trainer, folder: Path, *, merge: bool = False) -> None:
    """Write weights and processor into `folder`, which appears whole, in place of an older one.

    Every process of a distributed run calls this: sharded weights are gathered by all of them.

    Args:
        trainer: Holds the model and, as `processing_class`, the processor.
        folder: Where to.
        merge: Write adapters as part of the full weights; otherwise they are written alone, with
            the name of their base.
    """
    beside = folder.with_name(f".{folder.name}.part")
    if trainer.args.should_save:
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(parents=True)
    trainer.accelerator.wait_for_everyone()
    model: object = cast("Any", trainer).model
    if merge and isinstance(model, PeftModel):
        if trainer.args.should_save:
            cast("Any", model).merge_and_unload().save_pretrained(beside)
    else:
        trainer.save_model(str(beside))
    if not trainer.args.should_save:
        return
    cast("Any", trainer.processing_class).save_pretrained(beside)
    for needless in ("training_args.bin", "README.md"):
        (beside / needless).unlink(missing_ok=True)
    if folder.is_dir():
        shutil.rmtree(folder)
    beside.replace(folder)
