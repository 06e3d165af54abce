"""Whether the processes of a run divide its weights among them."""

from __future__ import annotations

import os


def is_sharded() -> bool:
    """Whether `accelerate launch` was told to divide the weights (FSDP, or DeepSpeed's stage 3)."""
    stage = os.environ.get("ACCELERATE_DEEPSPEED_ZERO_STAGE", "0")
    return os.environ.get("ACCELERATE_USE_FSDP") == "true" or stage == "3"
