"""A vLLM server for the rollouts of a run: how it is started, and what is wrong with one."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

from rm_train.run_directory import RunError


def start_command(model: str, dtype: str, bounds: tuple[int, int] | None) -> str:
    """The command line that starts a server which samples as the trainer computes.

    Args:
        model: The model that the run starts from.
        dtype: Number type of the trainer's arithmetic.
        bounds: Fewest and most pixels of a picture.
    """
    size = bounds and {"shortest_edge": bounds[0], "longest_edge": bounds[1]}
    pictures = ["--mm-processor-kwargs", json.dumps({"size": size})] if size else []
    words = [
        "vllm", "serve", model, "--dtype", dtype, *pictures,
        "--weight-transfer-config", json.dumps({"backend": "nccl"}),
        "--logprobs-mode", "processed_logprobs", "--max-logprobs", "-1", "--enable-scale-out",
    ]  # fmt: skip
    return "VLLM_SERVER_DEV_MODE=1 " + shlex.join(words)


def unusable(address: str, error: Exception, command: str) -> RunError:
    """What a run says of a server that it cannot use, in one line."""
    reason = " ".join(str(error).split()) or type(error).__name__
    return RunError(f"vLLM server {address}: {reason[:300]}; it is started by: {command}")


def check_same_pictures(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> None:
    """Refuse a server that makes another number of tokens of a picture than the trainer.

    Args:
        ours: What TRL sends: where each picture lies in the trainer's tokens.
        theirs: What the server said of the same pictures.

    Raises:
        RunError: With both numbers and the way out.
    """
    held, made = (
        [place["length"] for place in one["mm_placeholders"]["image"]] for one in (ours, theirs)
    )
    if held != made:
        raise RunError(
            f"the vLLM server makes {made} tokens of pictures of which the trainer makes {held}: "
            "start it with --mm-processor-kwargs for the run's own pixel bounds (docs/rollouts.md)"
        )
