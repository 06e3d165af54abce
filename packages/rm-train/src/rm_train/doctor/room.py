"""Is there disk and memory enough for the run?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rm_train.doctor.finding import Finding
from rm_train.doctor.size import Memory

_NEARLY: Final = 0.8


def readable(count: float) -> str:
    """Bytes as people write them: `15.3 GB`, in powers of 1000."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if abs(count) < 1000:
            return f"{count:.0f} bytes" if unit == "bytes" else f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} TB"


def disk_findings(needed: float, free: float, *, checkpoints: int) -> Iterator[Finding]:
    """Whether the checkpoints and the model fit on the disk.

    Args:
        needed: Bytes that the run writes at the most.
        free: Bytes that are free where it writes.
        checkpoints: How many of them lie there at the most.
    """
    found = (
        f"the run writes up to {readable(needed)} ({checkpoints} checkpoints at a time, and the "
        "model), "
        f"{readable(free)} are free"
    )
    if needed > free:
        yield Finding(
            level="error",
            code="disk",
            found=found,
            effect="it would end in the middle of a checkpoint",
            way_out="free some, lower save_total_limit, or choose an --out on another disk",
        )
    elif needed > _NEARLY * free:
        yield Finding(
            level="warning",
            code="disk",
            found=found,
            effect="little else may be written there in the meantime",
            way_out="lower save_total_limit",
        )
    else:
        yield Finding(level="note", code="disk", found=found)


def memory_findings(
    memory: Memory, there: float, *, device: str, rollouts: float = 0.0
) -> Iterator[Finding]:
    """Whether the run fits into the memory of a device.

    Args:
        memory: What the training takes.
        there: Bytes that the device has.
        device: `cpu` or `cuda`, for the message.
        rollouts: Share of the memory that vLLM inside the trainer takes.
    """
    left = there * (1 - rollouts)
    vllm = f" beside vLLM's {rollouts:.0%}" if rollouts else ""
    where = "main memory" if device == "cpu" else "GPU memory"
    found = (
        f"weights {readable(memory.weights)}, gradients {readable(memory.gradients)}, AdamW "
        f"{readable(memory.optimizer)}, reference {readable(memory.reference)}, activations about "
        f"{readable(memory.activations)}, logits about {readable(memory.logits)}: "
        f"{readable(memory.total)} of {readable(left)} {where}{vllm}"
    )
    if memory.held > left:
        yield Finding(
            level="error",
            code="memory",
            found=found,
            effect="weights and optimizer alone do not fit",
            way_out="train adapters (--lora-r 64), spread the model over more devices (FSDP), or "
            "take a smaller one",
        )
    elif memory.total > left:
        yield Finding(
            level="warning",
            code="memory",
            found=found,
            effect="the first long step may run out of memory (the estimate is rough)",
            way_out="lower micro_batch, max_pixels or max_completion_length, or set "
            "gradient_checkpointing",
        )
    else:
        yield Finding(level="note", code="memory", found=found)
