"""What a training run is: every setting once, with its meaning and where its default comes from.

"Paper" is RewardMap (arXiv 2510.02240). The text behind a field's type is its documentation; the
command line shows the same text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

from rm_curriculum import SCHEDULES
from rm_rewards import RecordError, RewardSpec, reward_spec

EMBEDDED: Final = "embedded"

Advantage: TypeAlias = Literal["none", "group", "batch"]
Device: TypeAlias = Literal["auto", "cpu", "cuda"]
Dtype: TypeAlias = Literal["float32", "bfloat16"]
LossType: TypeAlias = Literal["grpo", "bnpo", "dr_grpo", "dapo"]
LrSchedule: TypeAlias = Literal["constant", "linear", "cosine"]
VllmMode: TypeAlias = Literal["colocate", "server"]


class ConfigError(ValueError):
    """A setting that cannot be used: which one, what was found, what was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SftConfig:
    """The warm-up on gold answers that comes before the reinforcement learning."""

    steps: Annotated[int, "Steps of the warm-up; 0 leaves it out."] = 0
    lr: Annotated[float, "Peak learning rate of the warm-up."] = 1e-5
    batch: Annotated[int, "Questions in a step of the warm-up."] = 16
    lr_schedule: Annotated[LrSchedule, "How the learning rate falls in the warm-up."] = "linear"
    warmup_ratio: Annotated[float, "Share of the steps over which the learning rate rises."] = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class LoraConfig:
    """Low-rank adapters instead of full parameters."""

    r: Annotated[int, "Rank of the adapters; 0 trains all parameters, as the paper does."] = 0
    alpha: Annotated[int, "Scale of the adapters; twice the rank is usual."] = 32
    dropout: Annotated[float, "Dropout in the adapters."] = 0.0
    target: Annotated[str, "Regular expression of the layers that get an adapter."] = (
        r".*language_model.*\.(q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj)"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig:
    """One training run. The defaults are the embedded run: a tiny model, on a CPU, in minutes."""

    model: Annotated[
        str, "Folder or hub name of the model; `embedded` is the tiny one that comes along."
    ] = EMBEDDED
    questions: Annotated[
        Path | None, "Questions to train on (questions.jsonl); the embedded run makes its own."
    ] = None
    eval_questions: Annotated[
        Path | None, "Questions to answer before and after the training; not trained on."
    ] = None
    networks: Annotated[
        Path | None, "Folder with <country>/<city>.json, where questions name no network file."
    ] = None
    maps: Annotated[
        Path | None, "Folder with <country>/<city>.png, where questions name no picture."
    ] = None
    out: Annotated[Path, "The run directory; must be new or empty unless the run is resumed."] = (
        Path("runs/train")
    )
    resume: Annotated[
        str, "`none`, `auto` (the newest complete checkpoint of --out, if any) or a checkpoint."
    ] = "none"
    method: Annotated[Literal["grpo"], "The training method."] = "grpo"
    reward: Annotated[str, "Reward specification, as `rm-rewards` names them."] = "rewardmap"
    alpha: Annotated[
        float | None, "Weight of the detail reward; unset: the specification's own (paper: 0.5)."
    ] = None
    schedule: Annotated[str, "Order of the questions, as `rm-curriculum` names them."] = "rewardmap"
    seed: Annotated[int, "Decides the order of the questions, the samples and new weights."] = 0
    epochs: Annotated[int, "How often to go through the whole schedule."] = 1
    max_steps: Annotated[
        int,
        "Stop after so many steps, going through the schedule again if need be; 0: --epochs.",
    ] = 0
    prompts_per_step: Annotated[int, "Questions in a step (paper: global batch 16)."] = 16
    num_generations: Annotated[int, "Replies sampled for each question (paper: 8)."] = 8
    micro_batch: Annotated[
        int, "Replies in one forward pass on one device; 0 takes all of a step's at once."
    ] = 0
    lr: Annotated[float, "Learning rate, AdamW (paper: 1e-6 for 3B and 7B, full parameters)."] = (
        2e-4
    )
    lr_schedule: Annotated[
        LrSchedule, "How the learning rate falls (VeRL, the paper's trainer: not)."
    ] = "constant"
    warmup_steps: Annotated[int, "Steps over which the learning rate rises."] = 0
    weight_decay: Annotated[float, "Decoupled weight decay."] = 0.0
    max_grad_norm: Annotated[float, "Norm to which gradients are clipped; 0 clips nothing."] = 1.0
    beta: Annotated[
        float, "Weight of the KL term to the model at the start (paper: 1e-3); 0 leaves it out."
    ] = 0.0
    temperature: Annotated[float, "Sampling temperature of the replies."] = 1.0
    top_p: Annotated[float, "Share of the probability that is sampled from."] = 1.0
    max_completion_length: Annotated[int, "Longest reply, in tokens."] = 32
    min_pixels: Annotated[int, "Fewest pixels of a picture; 0 keeps the model's own value."] = 0
    max_pixels: Annotated[int, "Most pixels of a picture; 0 keeps the model's own value."] = 0
    advantage: Annotated[
        Advantage, "Divide r - mean(r) by `none` (paper), the `group` or the `batch` deviation."
    ] = "none"
    difficulty_weight: Annotated[
        bool, "Multiply each question's advantages by its difficulty weight (paper eq. 1)."
    ] = True
    loss_type: Annotated[LossType, "Loss as TRL names it; dapo is a mean over tokens."] = "dapo"
    device: Annotated[Device, "Where to train; `auto` takes a GPU if there is one."] = "auto"
    dtype: Annotated[Dtype, "Number type of the weights while training."] = "float32"
    gradient_checkpointing: Annotated[bool, "Save memory at the cost of time."] = False
    use_vllm: Annotated[bool, "Sample the replies with vLLM (a GPU is needed)."] = False
    vllm_mode: Annotated[VllmMode, "vLLM inside the trainer, or a server of its own."] = "colocate"
    vllm_gpu_memory: Annotated[float, "Share of the GPU's memory for vLLM inside the trainer."] = (
        0.3
    )
    save_steps: Annotated[int, "Steps between two checkpoints; 0 saves none."] = 50
    save_total_limit: Annotated[int, "How many checkpoints are kept."] = 2
    log_samples: Annotated[int, "Replies of each step that go to samples.jsonl."] = 8
    lora: LoraConfig = field(default_factory=LoraConfig)
    sft: SftConfig = field(default_factory=SftConfig)

    @property
    def completions_per_step(self) -> int:
        """Replies in one step, over all devices."""
        return self.prompts_per_step * self.num_generations

    def accumulation(self, world_size: int = 1) -> int:
        """Forward passes of a step on each of `world_size` devices.

        Raises:
            ConfigError: If the step cannot be cut into equal parts.
        """
        part = self.completions_per_step
        if part % world_size:
            raise ConfigError(
                f"prompts_per_step x num_generations: found {part}, expected a multiple of the "
                f"{world_size} devices"
            )
        part //= world_size
        size = self.micro_batch or part
        if part % size:
            raise ConfigError(
                f"micro_batch: found {size}, expected a divisor of the {part} replies a device "
                f"has in a step ({_divisors(part)})"
            )
        return part // size

    def check(self) -> None:
        """Find settings that cannot work, before anything is loaded.

        Raises:
            ConfigError: Naming the setting, the value found and what was expected.
        """
        for name, value, good, expected in _rules(self):
            if not good:
                raise ConfigError(f"{name}: found {value!r}, expected {expected}")
        self.accumulation()
        if self.reward_spec().weighted and self.difficulty_weight:
            raise ConfigError(
                f"difficulty_weight: found True, expected False with reward {self.reward!r}, "
                "whose total holds the difficulty weight already"
            )

    def reward_spec(self) -> RewardSpec:
        """The reward specification, with this run's alpha.

        Raises:
            ConfigError: If there is none of that name, or alpha does not suit it.
        """
        try:
            spec = reward_spec(self.reward)
            return spec if self.alpha is None else replace(spec, alpha=self.alpha)
        except RecordError as error:
            raise ConfigError(str(error)) from None


def _divisors(number: int) -> str:
    return ", ".join(str(i) for i in range(1, number + 1) if number % i == 0)


Rule: TypeAlias = tuple[str, object, bool, str]


def _rules(c: TrainConfig) -> Iterator[Rule]:
    yield from _counts(c)
    yield from _numbers(c)
    yield from _pairs(c)


def _counts(c: TrainConfig) -> Iterator[Rule]:
    least = {
        "epochs": (c.epochs, 1),
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
        "lora.r": (c.lora.r, 0),
        "sft.steps": (c.sft.steps, 0),
        "sft.batch": (c.sft.batch, 1),
    }
    for name, (value, low) in least.items():
        why = " (a group of one has no advantage)" if name == "num_generations" else ""
        yield name, value, value >= low, f"{low} or more{why}"


def _numbers(c: TrainConfig) -> Iterator[Rule]:
    positive = {"lr": c.lr, "temperature": c.temperature, "sft.lr": c.sft.lr}
    for name, value in positive.items():
        yield name, value, value > 0, "a number above 0"
    others = {"beta": c.beta, "alpha": c.alpha or 0.0, "weight_decay": c.weight_decay}
    for name, value in others.items():
        yield name, value, value >= 0, "0 or more"
    yield "top_p", c.top_p, 0 < c.top_p <= 1, "a share above 0, at most 1"
    yield "vllm_gpu_memory", c.vllm_gpu_memory, 0 < c.vllm_gpu_memory < 1, "a share from 0 to 1"
    yield "sft.warmup_ratio", c.sft.warmup_ratio, 0 <= c.sft.warmup_ratio <= 1, "a share, 0 to 1"


def _pairs(c: TrainConfig) -> Iterator[Rule]:
    ordered = not (c.min_pixels and c.max_pixels) or c.min_pixels <= c.max_pixels
    yield "min_pixels", c.min_pixels, ordered, f"at most max_pixels ({c.max_pixels})"
    known = c.model == EMBEDDED or c.questions is not None
    yield "questions", c.questions, known, f"a questions.jsonl (only model {EMBEDDED!r} makes some)"
    yield "schedule", c.schedule, c.schedule in SCHEDULES, f"one of {', '.join(SCHEDULES)}"
    on_cpu = c.device == "cpu" and c.use_vllm
    yield "use_vllm", c.use_vllm, not on_cpu, "false with device cpu: vLLM needs a GPU"
