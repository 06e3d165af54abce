"""What a training run is: every setting once, with its meaning and where its default comes from.

"Paper" is RewardMap (arXiv 2510.02240). The text behind a field's type is its documentation; the
command line shows the same text.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

from rm_rewards import RecordError, RewardSpec, reward_spec
from rm_train.config_error import ConfigError
from rm_train.config_rules import rules
from rm_train.config_sections import LoraConfig, LrSchedule, ProbeConfig, SftConfig
from rm_train.methods import check_methods
from rm_train.watchdog.settings import OnAlarm, WatchConfig

__all__ = ["EMBEDDED", "ConfigError", "LoraConfig", "ProbeConfig", "SftConfig", "TrainConfig"]

EMBEDDED: Final = "embedded"

Advantage: TypeAlias = Literal["none", "group", "batch"]
Device: TypeAlias = Literal["auto", "cpu", "cuda"]
Dtype: TypeAlias = Literal["float32", "bfloat16"]
Baseline: TypeAlias = Literal["mean", "leave-one-out"]
Importance: TypeAlias = Literal["token", "sequence"]
LossType: TypeAlias = Literal["grpo", "bnpo", "dr_grpo", "dapo", "cispo", "sapo", "luspo", "vespo"]
Quantize: TypeAlias = Literal["none", "4bit"]
VllmMode: TypeAlias = Literal["colocate", "server"]


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
    method: Annotated[
        str, "Methods joined by +, with options: grpo, grpo-care:margin=0.01+copo, FILE.py:CLASS."
    ] = "grpo"
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
    independent_sampling: Annotated[
        bool, "Draw each reply from random numbers of its own: the same on any number of processes."
    ] = False
    max_completion_length: Annotated[int, "Longest reply, in tokens."] = 32
    min_pixels: Annotated[int, "Fewest pixels of a picture; 0 keeps the model's own value."] = 0
    max_pixels: Annotated[int, "Most pixels of a picture; 0 keeps the model's own value."] = 0
    advantage: Annotated[
        Advantage, "Divide r - mean(r) by `none` (paper), the `group` or the `batch` deviation."
    ] = "none"
    difficulty_weight: Annotated[
        bool, "Multiply each question's advantages by its difficulty weight (paper eq. 1)."
    ] = True
    baseline: Annotated[
        Baseline, "What a reply is compared with: its group's mean, or that of the other replies."
    ] = "mean"
    loss_type: Annotated[LossType, "Loss as TRL names it; dapo is a mean over tokens."] = "dapo"
    importance: Annotated[
        Importance, "Ratio of new to old probability for each token, or for the reply (GSPO)."
    ] = "token"
    epsilon: Annotated[float, "How far below 1 the ratio is clipped."] = 0.2
    epsilon_high: Annotated[
        float | None, "How far above 1 the ratio is clipped; unset: as epsilon (DAPO: 0.28)."
    ] = None
    num_iterations: Annotated[int, "How often a step's replies are learned from."] = 1
    minibatches: Annotated[int, "Updates that a step's replies are divided among."] = 1
    mask_truncated: Annotated[
        bool, "Learn nothing from replies cut off by max_completion_length (DAPO)."
    ] = False
    device: Annotated[Device, "Where to train; `auto` takes a GPU if there is one."] = "auto"
    dtype: Annotated[Dtype, "Number type of the weights while training."] = "float32"
    quantize: Annotated[
        Quantize, "Hold the frozen weights in 4 bits, under adapters (QLoRA; needs a GPU)."
    ] = "none"
    gradient_checkpointing: Annotated[bool, "Save memory at the cost of time."] = False
    use_vllm: Annotated[bool, "Sample the replies with vLLM."] = False
    vllm_mode: Annotated[VllmMode, "vLLM inside the trainer, or a server of its own."] = "colocate"
    vllm_gpu_memory: Annotated[float, "Share of the GPU's memory for vLLM inside the trainer."] = (
        0.3
    )
    vllm_max_model_length: Annotated[
        int,
        "Longest prompt with its reply, in tokens, for vLLM inside the trainer; 0: the model's.",
    ] = 0
    vllm_tolerance: Annotated[
        float,
        "Most that vLLM's log-probabilities may differ from the policy's at the start, on average.",
    ] = 0.01
    vllm_server_base_url: Annotated[
        str | None, "Address of the vLLM server; unset: made of host and port."
    ] = None
    vllm_server_host: Annotated[str, "Host of the vLLM server."] = "127.0.0.1"
    vllm_server_port: Annotated[int, "Port of the vLLM server."] = 8000
    vllm_server_timeout: Annotated[float, "Seconds to wait for the vLLM server at the start."] = (
        240.0
    )
    vllm_group_port: Annotated[int, "Port over which the server gets new weights."] = 51216
    save_steps: Annotated[int, "Steps between two checkpoints; 0 saves none."] = 50
    save_total_limit: Annotated[int, "How many checkpoints are kept."] = 2
    log_samples: Annotated[int, "Replies of each step that go to samples.jsonl."] = 8
    report_to: Annotated[
        str,
        "Trackers that get the numbers too, as transformers names them: none, tensorboard, "
        "wandb, mlflow, ...; several joined by a comma.",
    ] = "none"
    run_name: Annotated[str, "Name of the run in the trackers; unset: the name of --out."] = ""
    doctor: Annotated[
        bool, "Refuse to begin with errors that `rm-train doctor` finds; otherwise only tell them."
    ] = True
    on_alarm: Annotated[
        OnAlarm, "After a grave alarm of the watchdog go on, or `stop` at a checkpoint."
    ] = "warn"
    watch: WatchConfig = field(default_factory=WatchConfig)
    probe: ProbeConfig = field(default_factory=ProbeConfig)
    lora: LoraConfig = field(default_factory=LoraConfig)
    sft: SftConfig = field(default_factory=SftConfig)

    @property
    def completions_per_step(self) -> int:
        """Replies in one step, over all devices."""
        return self.prompts_per_step * self.num_generations

    @property
    def sft_lora(self) -> LoraConfig:
        """The adapters of the warm-up: those of the run, but for what `sft` sets itself."""
        sft, lora = self.sft, self.lora
        return replace(
            lora,
            r=lora.r if sft.lora_r is None else sft.lora_r,
            alpha=lora.alpha if sft.lora_alpha is None else sft.lora_alpha,
            target=lora.target if sft.lora_target is None else sft.lora_target,
        )

    @property
    def updates_per_step(self) -> int:
        """Updates of the weights that are made from the replies of one step."""
        return self.minibatches * self.num_iterations

    def accumulation(self, world_size: int = 1) -> int:
        """Forward passes of an update on each of `world_size` devices.

        Raises:
            ConfigError: If the step cannot be cut into equal parts.
        """
        parts = world_size * self.minibatches
        part = self.completions_per_step
        if part % parts:
            raise ConfigError(
                f"prompts_per_step x num_generations: found {part}, expected a multiple of the "
                f"{world_size} devices x {self.minibatches} minibatches"
            )
        part //= parts
        size = self.micro_batch or part
        if part % size:
            raise ConfigError(
                f"micro_batch: found {size}, expected a divisor of the {part} replies a device "
                f"has in an update ({_divisors(part)})"
            )
        return part // size

    def check(self) -> None:
        """Find settings that cannot work, before anything is loaded.

        Raises:
            ConfigError: Naming the setting, the value found and what was expected.
        """
        for name, value, good, expected in rules(self):
            if not good:
                raise ConfigError(f"{name}: found {value!r}, expected {expected}")
        check_methods(self.method)
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
