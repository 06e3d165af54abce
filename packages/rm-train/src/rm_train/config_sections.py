"""The sections of a run's settings: the warm-up on gold answers, and adapters."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

LrSchedule: TypeAlias = Literal["constant", "linear", "cosine"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SftConfig:
    """The warm-up on gold answers that comes before the reinforcement learning."""

    steps: Annotated[int, "Steps of the warm-up; 0 leaves it out."] = 0
    lr: Annotated[float, "Peak learning rate of the warm-up."] = 1e-5
    batch: Annotated[int, "Questions in a step of the warm-up."] = 16
    lr_schedule: Annotated[LrSchedule, "How the learning rate falls in the warm-up."] = "linear"
    warmup_ratio: Annotated[float, "Share of the steps over which the learning rate rises."] = 0.05
    replies: Annotated[
        Path | None, "Replies to learn in place of the gold answers (completions.jsonl)."
    ] = None
    questions: Annotated[
        Path | None, "Questions of the warm-up; unset: the questions of the run."
    ] = None
    lora_r: Annotated[
        int | None, "Rank of the warm-up's adapters; unset: --lora-r, 0: all parameters."
    ] = None
    lora_alpha: Annotated[int | None, "Scale of the warm-up's adapters; unset: --lora-alpha."] = (
        None
    )
    lora_target: Annotated[
        str | None, "Layers that get an adapter in the warm-up; unset: --lora-target."
    ] = None
    merge: Annotated[
        bool, "Merge the adapters of `rm-train sft` into the weights, not write them alone."
    ] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeConfig:
    """Questions that are asked again and again while the reinforcement learning goes on."""

    questions: Annotated[
        Path | None, "Held-out questions to ask at step 0 and every --probe-every steps; greedy."
    ] = None
    every: Annotated[int, "Steps between two probes, counted as --save-steps."] = 50
    limit: Annotated[
        int, "How many of them, the same each time and each type in its share; 0: all."
    ] = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class LoraConfig:
    """Low-rank adapters instead of full parameters."""

    r: Annotated[int, "Rank of the adapters; 0 trains all parameters, as the paper does."] = 0
    alpha: Annotated[int, "Scale of the adapters; twice the rank is usual."] = 32
    dropout: Annotated[float, "Dropout in the adapters."] = 0.0
    target: Annotated[str, "Regular expression of the layers that get an adapter."] = (
        r".*language_model.*\.(q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj)"
    )
