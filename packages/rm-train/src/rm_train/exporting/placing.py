"""Batches, lengths, pictures, number types and checkpoints in verl's words (0.9.1)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rm_train.config import ConfigError, TrainConfig
from rm_train.exporting.learning import Settings

_ROLLOUT: Final = "actor_rollout_ref.rollout"
_ACTOR: Final = "actor_rollout_ref.actor"
_MODEL: Final = "actor_rollout_ref.model"
_TRACKERS: Final = frozenset({"tensorboard", "wandb", "mlflow", "swanlab", "clearml", "trackio"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """The machines of a recipe.

    Attributes:
        nodes: How many there are.
        gpus: How many GPUs each has.
    """

    nodes: int
    gpus: int

    @property
    def size(self) -> int:
        """GPUs in all."""
        return self.nodes * self.gpus


def batches(config: TrainConfig, cluster: Cluster) -> Settings:
    """How a step is cut into updates and passes.

    Raises:
        ConfigError: If it cannot be cut into equal parts.
    """
    config.accumulation(cluster.size)
    if config.prompts_per_step % config.minibatches:
        raise ConfigError(
            f"minibatches: found {config.minibatches}, expected a divisor of prompts_per_step "
            f"({config.prompts_per_step}): verl divides questions, not replies"
        )
    part = config.completions_per_step // (cluster.size * config.minibatches)
    micro = config.micro_batch or part
    return {
        "data.train_batch_size": config.prompts_per_step,
        f"{_ACTOR}.ppo_mini_batch_size": config.prompts_per_step // config.minibatches,
        f"{_ACTOR}.ppo_epochs": config.num_iterations,
        f"{_ACTOR}.ppo_micro_batch_size_per_gpu": micro,
        f"{_ROLLOUT}.log_prob_micro_batch_size_per_gpu": micro,
        "actor_rollout_ref.ref.log_prob_micro_batch_size_per_gpu": micro,
        f"{_ROLLOUT}.n": config.num_generations,
    }


def sampling(config: TrainConfig, prompt: int) -> Settings:
    """How replies are made; `prompt` is the longest prompt in tokens, pictures included."""
    longest = prompt + config.max_completion_length
    if 0 < config.vllm_max_model_length < longest:
        raise ConfigError(
            f"vllm_max_model_length: found {config.vllm_max_model_length}, expected {longest} or "
            "more: the longest prompt with the longest reply"
        )
    pixels = {"min_pixels": config.min_pixels, "max_pixels": config.max_pixels}
    return {
        f"{_ROLLOUT}.name": "vllm",
        f"{_ROLLOUT}.temperature": config.temperature,
        f"{_ROLLOUT}.top_p": config.top_p,
        f"{_ROLLOUT}.top_k": -1,
        f"{_ROLLOUT}.seed": config.seed,
        f"{_ROLLOUT}.gpu_memory_utilization": config.vllm_gpu_memory,
        f"{_ROLLOUT}.tensor_model_parallel_size": 1,
        f"{_ROLLOUT}.max_model_len": config.vllm_max_model_length or longest,
        f"{_ROLLOUT}.max_num_batched_tokens": max(8192, longest),
        "data.max_prompt_length": prompt,
        "data.max_response_length": config.max_completion_length,
        "data.truncation": "error",
        "data.filter_overlong_prompts": False,
        "data.mm_processor_kwargs": {name: held for name, held in pixels.items() if held},
    }


def model(config: TrainConfig, path: str) -> Settings:
    """The model, its adapters and its numbers.

    Raises:
        ConfigError: If verl has no such number type or adapter.
    """
    if config.dtype != "bfloat16":
        raise ConfigError(
            f"dtype: found {config.dtype!r}, but verl computes in bfloat16; expected --dtype "
            "bfloat16 (weights that are trained stay float32 in both)"
        )
    if config.lora.r and config.lora.dropout:
        raise ConfigError(
            f"lora.dropout: found {config.lora.dropout}, which verl's FSDP trainer does not have; "
            "expected 0"
        )
    return {
        f"{_MODEL}.path": path,
        f"{_MODEL}.enable_gradient_checkpointing": config.gradient_checkpointing,
        f"{_MODEL}.lora_rank": config.lora.r,
        f"{_MODEL}.lora_alpha": config.lora.alpha,
        f"{_MODEL}.target_modules": config.lora.target if config.lora.r else "all-linear",
        f"{_ACTOR}.fsdp_config.model_dtype": "bf16" if config.lora.r else "fp32",
        f"{_ACTOR}.fsdp_config.dtype": "bfloat16",
        f"{_ROLLOUT}.load_format": "safetensors" if config.lora.r else "dummy",
    }


def course(config: TrainConfig, steps: int, epochs: int, held_out: bool) -> Settings:
    """The order of the questions, and when verl measures and stops."""
    return {
        "data.shuffle": False,
        "data.seed": config.seed,
        "data.dataloader_num_workers": 0,
        "data.curriculum": {"schedule": config.schedule, "seed": config.seed, "epochs": epochs},
        "trainer.v1.trainer_mode": "sync",
        "trainer.total_training_steps": steps,
        "trainer.total_epochs": epochs + 1,  # verl counts short batches as none: steps decide
        "trainer.val_before_train": held_out,
        "trainer.test_freq": steps if held_out else -1,
    }


def records(config: TrainConfig, out: Path, cluster: Cluster) -> Settings:
    """Where verl runs, and what it keeps.

    Raises:
        ConfigError: For a tracker that verl does not know.
    """
    trackers = [name for name in config.report_to.split(",") if name.strip() not in ("", "none")]
    for name in trackers:
        if name.strip() not in _TRACKERS:
            known = ", ".join(sorted(_TRACKERS))
            raise ConfigError(f"report_to: found {name!r}, expected none or some of {known}")
    return {
        "trainer.nnodes": cluster.nodes,
        "trainer.n_gpus_per_node": cluster.gpus,
        "trainer.project_name": "rm-train",
        "trainer.experiment_name": config.run_name or out.name,
        "trainer.logger": ["console", *(name.strip() for name in trackers)],
        "trainer.default_local_dir": str(out / "checkpoints"),
        "trainer.save_freq": config.save_steps or -1,
        "trainer.max_actor_ckpt_to_keep": config.save_total_limit,
        "trainer.resume_mode": "auto",
        "trainer.rollout_data_dir": str(out / "replies") if config.log_samples else None,
    }


def nested(settings: Settings) -> dict[str, Any]:
    """Dotted names as sections in sections."""
    whole: dict[str, Any] = {}
    for name, value in settings.items():
        *sections, last = name.split(".")
        place = whole
        for section in sections:
            place = place.setdefault(section, {})
        place[last] = value
    return whole
