"""The trained model on disk: a folder that `rm_eval.load_policy` and other tools load."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, cast

from peft import PeftModel
from transformers import Trainer

from rm_eval import load_policy


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
    if merge and isinstance(cast("object", cast("Any", trainer).model), PeftModel):
        _save_merged(trainer, beside)
    else:
        _save_model(trainer, beside)
    if trainer.args.should_save:
        cast("Any", trainer.processing_class).save_pretrained(beside)
        for needless in ("training_args.bin", "README.md"):
            (beside / needless).unlink(missing_ok=True)
        if folder.is_dir():
            shutil.rmtree(folder)
        beside.replace(folder)
    trainer.accelerator.wait_for_everyone()  # others may go on from it


def _save_model(trainer: Trainer, folder: Path) -> None:
    if not trainer.is_fsdp_enabled:
        trainer.save_model(str(folder))
        return
    # the stock method writes no weights where checkpoints are kept in shards
    inner = cast("Any", trainer)
    weights = inner.accelerator.get_state_dict(inner.model)
    if trainer.args.should_save:
        inner._save(str(folder), state_dict=weights)


def _save_merged(trainer: Trainer, folder: Path) -> None:
    if not (trainer.is_fsdp_enabled or trainer.is_deepspeed_enabled or _in_bits(trainer)):
        if trainer.args.should_save:
            cast("Any", trainer).model.merge_and_unload().save_pretrained(folder)
        return
    adapter = folder.with_name(f"{folder.name}.adapter")  # shards and bits do not merge in place
    _save_model(trainer, adapter)
    if trainer.args.should_save:
        cast("Any", trainer.processing_class).save_pretrained(adapter)
        load_policy(adapter, dtype="float32").model.save_pretrained(folder)
        shutil.rmtree(adapter)
    trainer.accelerator.wait_for_everyone()


def _in_bits(trainer: Trainer) -> bool:
    return bool(getattr(cast("Any", trainer).model.get_base_model(), "is_quantized", False))
