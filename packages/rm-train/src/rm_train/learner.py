"""The model that learns: loaded for training, and TRL's settings for it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, cast

import torch
from peft import LoraConfig as PeftLoraConfig
from trl import GRPOConfig, SFTConfig  # pyright: ignore[reportPrivateImportUsage]

from rm_eval import Policy, load_policy
from rm_train.config import ConfigError, TrainConfig
from rm_train.methods.method import Method
from rm_train.quantized import check_quantized, load_quantized
from rm_train.rollouts.settings import check_vllm, vllm_settings
from rm_train.sharding import is_sharded
from rm_train.shared_pictures import share_pictures
from rm_train.trackers import trackers

_LR_SCHEDULES: Final = {
    "constant": "constant_with_warmup",
    "linear": "linear",
    "cosine": "cosine",
}


def device_of(config: TrainConfig) -> str:
    """`cpu` or `cuda`.

    Raises:
        ConfigError: If a GPU is wanted and there is none, or vLLM and it cannot be used.
    """
    has_gpu = torch.cuda.is_available()
    if config.device == "cuda" and not has_gpu:
        raise ConfigError("device: found 'cuda', but torch sees no GPU; use --device cpu")
    device = "cuda" if has_gpu and config.device != "cpu" else "cpu"
    if config.use_vllm:
        check_vllm(config.vllm_mode, device)
    return device


def load_learner(config: TrainConfig, model: str, *, warm_up: bool = False) -> Policy:
    """The model and its processor, as training wants them.

    Weights that are trained are held in float32 also under `dtype: bfloat16` (which is then the
    type of the arithmetic): at the paper's learning rate of 1e-6 most steps are smaller than the
    spacing of bfloat16 numbers and would be lost. Under adapters the frozen weights are bfloat16.

    Args:
        config: How it will be trained.
        model: Folder or name on the hub.
        warm_up: Whether supervised learning comes first, with adapters of its own or none.

    Raises:
        PolicyError: If it cannot be loaded.
        ConfigError: If it is an adapter, or no layer would get one.
    """
    if (Path(model) / "adapter_config.json").is_file():
        # the KL term's reference and a new adapter's base would silently be the model without it
        raise ConfigError(
            f"model: found {model!r}, an adapter; merge it first: "
            f"rm-train merge {shlex.quote(model)} --out DIR"
        )
    lora = config.sft_lora if warm_up else config.lora
    if config.quantize == "4bit" and lora.r:
        check_quantized(device_of(config), sharded=is_sharded())
        policy = load_quantized(config, model)
    else:
        policy = load_policy(
            model,
            dtype=config.dtype if lora.r else "float32",
            min_pixels=config.min_pixels or None,
            max_pixels=config.max_pixels or None,
            padding_side="left",
        )
    if lora.r:
        layers: list[str] = [name for name, _ in cast("Any", policy.model).named_modules()]
        _check_target(lora.target, layers)
    share_pictures(policy.model)
    return policy


def _check_target(target: str, layers: list[str]) -> None:
    try:
        pattern = re.compile(target)
    except re.error as error:
        raise ConfigError(
            f"lora.target: found {target!r}, no regular expression: {error}"
        ) from None
    if not any(pattern.fullmatch(layer) for layer in layers):
        example = next((layer for layer in layers if layer.endswith("q_proj")), layers[-1])
        raise ConfigError(
            f"lora.target: found {target!r}, which is no layer of the model; one is {example!r}"
        )


def lora_of(config: TrainConfig, *, warm_up: bool = False) -> PeftLoraConfig | None:
    """PEFT's settings of the adapters, of the run or its warm-up; None where all are trained."""
    lora = config.sft_lora if warm_up else config.lora
    if not lora.r:
        return None
    return PeftLoraConfig(
        r=lora.r,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=lora.target,
        bias="none",
        task_type="CAUSAL_LM",
    )


def _shared(config: TrainConfig, device: str) -> dict[str, Any]:
    return {
        "use_cpu": device == "cpu",
        "bf16": config.dtype == "bfloat16",
        "gradient_checkpointing": config.gradient_checkpointing,
        "weight_decay": config.weight_decay,
        "max_grad_norm": config.max_grad_norm,
        "seed": config.seed,
        "logging_steps": 1,
        "logging_nan_inf_filter": False,
        "report_to": trackers(config.report_to),
        "run_name": config.run_name or config.out.resolve().name,
        "disable_tqdm": True,
        "log_level": "error",
        "log_level_replica": "error",
        "remove_unused_columns": False,
        "save_total_limit": None,
    }


def grpo_settings(
    config: TrainConfig,
    checkpoints: Path,
    *,
    steps: int,
    weights: list[float],
    device: str,
    world: int,
    methods: Sequence[Method] = (),
) -> GRPOConfig:
    """TRL's settings of the run.

    Args:
        config: The run's own settings.
        checkpoints: Where they go.
        steps: How many generations the run has; each makes `updates_per_step` updates.
        weights: Of the reward functions.
        device: `cpu` or `cuda`.
        world: How many processes train together.
        methods: What they set is laid over the run's settings.
    """
    settings = _grpo(config, steps=steps, device=device, world=world)
    for method in methods:
        settings |= method.settings(config)
    return GRPOConfig(
        **settings,
        output_dir=str(checkpoints),
        reward_weights=weights,
    )


def _grpo(config: TrainConfig, *, steps: int, device: str, world: int) -> dict[str, Any]:
    passes = config.accumulation(world)
    replies = config.completions_per_step // world // config.minibatches
    return {
        **_shared(config, device),
        "per_device_train_batch_size": replies // passes,
        "gradient_accumulation_steps": passes,
        "steps_per_generation": passes * config.minibatches,
        "num_iterations": config.num_iterations,
        "num_generations": config.num_generations,
        "max_completion_length": config.max_completion_length,
        "temperature": config.temperature,
        "top_p": config.top_p,
        "max_steps": steps * config.updates_per_step,
        "learning_rate": config.lr,
        "lr_scheduler_type": _LR_SCHEDULES[config.lr_schedule],
        "warmup_steps": config.warmup_steps,
        "beta": config.beta,
        "loss_type": config.loss_type,
        "importance_sampling_level": config.importance,
        "epsilon": config.epsilon,
        "epsilon_high": config.epsilon_high,
        "mask_truncated_completions": config.mask_truncated,
        "scale_rewards": config.advantage,
        "shuffle_dataset": False,
        **vllm_settings(config),
        "save_strategy": "steps" if config.save_steps else "no",
        "save_steps": config.save_steps or 1,
    }


def sft_settings(config: TrainConfig, folder: Path, device: str) -> SFTConfig:
    """TRL's settings of the warm-up: the loss is on the gold answer alone."""
    sft = config.sft
    size = min(sft.batch, config.micro_batch or sft.batch)
    if sft.batch % size:
        raise ConfigError(
            f"sft.batch: found {sft.batch}, expected a multiple of micro_batch {size}"
        )
    return SFTConfig(
        **_shared(config, device),
        output_dir=str(folder),
        per_device_train_batch_size=size,
        gradient_accumulation_steps=sft.batch // size,
        max_steps=sft.steps,
        learning_rate=sft.lr,
        lr_scheduler_type=_LR_SCHEDULES[sft.lr_schedule],
        warmup_steps=int(sft.steps * sft.warmup_ratio),
        max_length=None,
        completion_only_loss=True,
        save_strategy="steps" if config.save_steps else "no",
        save_steps=config.save_steps or 1,
        dataloader_drop_last=False,
    )
