"""Which settings cannot work, told before anything is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

from rm_curriculum import SCHEDULES
from rm_train.watchdog.settings import watch_rules

if TYPE_CHECKING:
    from rm_train.config import TrainConfig

Rule: TypeAlias = tuple[str, object, bool, str]


def rules(c: TrainConfig) -> Iterator[Rule]:
    """Each rule: the setting, its value, whether it can be used, and what was expected."""
    yield from _counts(c)
    yield from _numbers(c)
    yield from _pairs(c)
    yield from watch_rules(c.watch)


def _counts(c: TrainConfig) -> Iterator[Rule]:
    least = {
        "epochs": (c.epochs, 1),
        "num_iterations": (c.num_iterations, 1),
        "minibatches": (c.minibatches, 1),
        "max_steps": (c.max_steps, 0),
        "prompts_per_step": (c.prompts_per_step, 1),
        "num_generations": (c.num_generations, 2),
        "micro_batch": (c.micro_batch, 0),
        "warmup_steps": (c.warmup_steps, 0),
        "max_completion_length": (c.max_completion_length, 1),
        "min_pixels": (c.min_pixels, 0),
        "max_pixels": (c.max_pixels, 0),
        "save_steps": (c.save_steps, 0),
        "save_total_limit": (c.save_total_limit, 1),
        "log_samples": (c.log_samples, 0),
        "vllm_max_model_length": (c.vllm_max_model_length, 0),
        "lora.r": (c.lora.r, 0),
        "probe.every": (c.probe.every, 1),
        "probe.limit": (c.probe.limit, 0),
        "sft.steps": (c.sft.steps, 0),
        "sft.batch": (c.sft.batch, 1),
        "sft.lora_r": (c.sft.lora_r or 0, 0),
        "sft.lora_alpha": (c.sft.lora_alpha or 1, 1),
    }
    for name, (value, low) in least.items():
        why = " (a group of one has no advantage)" if name == "num_generations" else ""
        yield name, value, value >= low, f"{low} or more{why}"


def _numbers(c: TrainConfig) -> Iterator[Rule]:
    positive = {"lr": c.lr, "temperature": c.temperature, "sft.lr": c.sft.lr}
    positive |= {"vllm_tolerance": c.vllm_tolerance, "vllm_server_timeout": c.vllm_server_timeout}
    for name, value in positive.items():
        yield name, value, value > 0, "a number above 0"
    others = {"beta": c.beta, "alpha": c.alpha or 0.0, "weight_decay": c.weight_decay}
    others |= {"epsilon": c.epsilon, "epsilon_high": c.epsilon_high or 0.0}
    for name, value in others.items():
        yield name, value, value >= 0, "0 or more"
    yield "top_p", c.top_p, 0 < c.top_p <= 1, "a share above 0, at most 1"
    yield "vllm_gpu_memory", c.vllm_gpu_memory, 0 < c.vllm_gpu_memory < 1, "a share from 0 to 1"
    for name, port in {"server": c.vllm_server_port, "group": c.vllm_group_port}.items():
        yield f"vllm_{name}_port", port, 0 < port < 65536, "a port from 1 to 65535"
    yield "sft.warmup_ratio", c.sft.warmup_ratio, 0 <= c.sft.warmup_ratio <= 1, "a share, 0 to 1"


def _pairs(c: TrainConfig) -> Iterator[Rule]:
    ordered = not (c.min_pixels and c.max_pixels) or c.min_pixels <= c.max_pixels
    yield "min_pixels", c.min_pixels, ordered, f"at most max_pixels ({c.max_pixels})"
    known = c.model == "embedded" or c.questions is not None
    yield "questions", c.questions, known, "a questions.jsonl (only model 'embedded' makes some)"
    adapters = c.quantize == "none" or c.lora.r > 0
    yield "quantize", c.quantize, adapters, "none, or adapters too (--lora-r): bits are not trained"
    ours = not (c.independent_sampling and c.use_vllm)
    yield "independent_sampling", c.independent_sampling, ours, "false: vLLM draws its own numbers"
    schedule = c.schedule.partition(":")[0]
    yield "schedule", c.schedule, schedule in SCHEDULES, f"one of {', '.join(SCHEDULES)}"
    url = c.vllm_server_base_url
    web = url is None or url.startswith(("http://", "https://"))
    yield "vllm_server_base_url", url, web, "an address such as http://10.0.0.7:8000"
