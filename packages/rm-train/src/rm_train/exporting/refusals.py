"""Settings without a counterpart in verl: those that are told, and those that end the export.

A setting is mapped, told, or at its default; any other is refused, so that a setting which comes to
`TrainConfig` later cannot be dropped silently.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Final

from rm_train.config import ConfigError, TrainConfig

MAPPED: Final = frozenset(
    {
        "model", "questions", "eval_questions", "networks", "maps", "out", "method", "reward",
        "alpha", "schedule", "seed", "epochs", "max_steps", "prompts_per_step", "num_generations",
        "micro_batch", "lr", "lr_schedule", "warmup_steps", "weight_decay", "max_grad_norm", "beta",
        "temperature", "top_p", "max_completion_length", "min_pixels", "max_pixels", "advantage",
        "difficulty_weight", "baseline", "loss_type", "importance", "epsilon", "epsilon_high",
        "num_iterations", "minibatches", "dtype", "gradient_checkpointing", "vllm_gpu_memory",
        "vllm_max_model_length", "save_steps", "save_total_limit", "log_samples", "report_to",
        "run_name", "lora.r", "lora.alpha", "lora.dropout", "lora.target", "sft.steps",
    }
)  # fmt: skip
"""What the recipe says in verl's own settings, or refuses where verl has no such value."""

TOLD: Final[Mapping[str, str]] = {
    "device": "verl trains on GPUs",
    "use_vllm": "verl always samples with vLLM",
    "vllm_mode": "verl runs vLLM itself",
    "vllm_tolerance": "verl logs how far vLLM's probabilities differ, and refuses nothing",
    "vllm_server_base_url": "verl runs vLLM itself",
    "vllm_server_host": "verl runs vLLM itself",
    "vllm_server_port": "verl runs vLLM itself",
    "vllm_server_timeout": "verl runs vLLM itself",
    "vllm_group_port": "verl runs vLLM itself",
    "resume": "verl goes on from the newest checkpoint by itself (trainer.resume_mode: auto)",
    "doctor": "ask `rm-train doctor` before the export",
    "on_alarm": "verl has no watchdog",
    "watch": "verl has no watchdog",
    "probe": "save its checkpoints as models and let `rm-eval watch` ask them",
    "sft": "the warm-up is a run of its own, `rm-train sft`",
}
"""Settings that do not change what is learned, or are done elsewhere, with what holds in verl."""


def notes(config: TrainConfig) -> tuple[str, ...]:
    """A line for each setting that the recipe leaves out; those at their default need none.

    Raises:
        ConfigError: For a setting that would change what is learned.
    """
    told: list[str] = []
    for name, value, default in _settings(config):
        if name in MAPPED or value == default:
            continue
        section = name.partition(".")[0]
        why = TOLD.get(name) or TOLD.get(section)
        if why is None:
            raise ConfigError(
                f"{name}: found {value!r}, which has no counterpart in verl; expected {default!r}"
            )
        told.append(f"{name} {value!r} is left out: {why}")
    return tuple(told)


def _settings(config: TrainConfig) -> Iterator[tuple[str, Any, Any]]:
    """Name, value and default of each setting; those of a section as `lora.r`."""
    plain = TrainConfig()
    for one in fields(config):
        value, default = getattr(config, one.name), getattr(plain, one.name)
        if not is_dataclass(value):
            yield one.name, value, default
            continue
        for inner in fields(value):
            found = getattr(value, inner.name)
            yield f"{one.name}.{inner.name}", found, getattr(default, inner.name)
