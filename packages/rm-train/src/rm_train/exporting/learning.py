"""Advantage, loss, KL term and optimizer in verl's words (0.9.1), or why verl lacks them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from rm_train.config import ConfigError, TrainConfig
from rm_train.methods import methods_of
from rm_train.methods.dapo import Dapo
from rm_train.methods.dr_grpo import DrGrpo
from rm_train.methods.gspo import Gspo
from rm_train.methods.method import Method
from rm_train.methods.reinforce_plus_plus import ReinforcePlusPlus
from rm_train.methods.rloo import Rloo

Settings: TypeAlias = Mapping[str, object]

_ACTOR: Final = "actor_rollout_ref.actor"
_NO_DUAL_CLIP: Final = 1.0e6

_LOSSES: Final[Mapping[str, tuple[str, str]]] = {
    "dapo": ("vanilla", "token-mean"),
    "bnpo": ("vanilla", "token-mean"),
    "grpo": ("vanilla", "seq-mean-token-mean"),
    "dr_grpo": ("vanilla", "seq-mean-token-sum-norm"),
    "sapo": ("sapo", "seq-mean-token-mean"),
}
"""TRL's name of a loss -> verl's loss and how it is brought to one number."""

_OWN: Final = "reinforce++"


@dataclass(frozen=True, slots=True)
class Learning:
    """How a recipe learns.

    Attributes:
        settings: verl's, by their dotted names.
        weighted: Whether the reward holds the difficulty weight.
        notes: Where verl computes another number than `rm-train run`, a line each.
    """

    settings: Settings
    weighted: bool
    notes: tuple[str, ...]


def learning(config: TrainConfig) -> Learning:
    """How the recipe learns, as far as verl can learn so.

    Raises:
        ConfigError: Naming the setting that verl cannot follow, and what it can.
    """
    config, estimator = _with_methods(config)
    notes = [
        *_loss_notes(config),
        *(["beta: verl's k3 term lacks TRL's importance factor"] if config.beta else []),
    ]
    advantage, own = _advantage(config, estimator)
    return Learning(
        settings={
            **advantage,
            **_loss(config),
            **_kl(config, in_reward=estimator == "reinforce_plus_plus"),
            **_optimizer(config),
        },
        weighted=_weighted(config, str(advantage["algorithm.adv_estimator"])),
        notes=tuple(notes + own),
    )


def _with_methods(config: TrainConfig) -> tuple[TrainConfig, str]:
    """The settings with what the methods set, and the estimator that one of them asks for."""
    estimator = ""
    for method in methods_of(config.method):
        if isinstance(method, ReinforcePlusPlus):
            estimator = "reinforce_plus_plus"
        elif isinstance(method, Rloo):
            estimator = "rloo"
        elif isinstance(method, DrGrpo):
            config = replace(config, loss_type="dr_grpo", advantage="none", baseline="mean")
        elif isinstance(method, Gspo):
            config = replace(config, loss_type="grpo", importance="sequence")
            config = replace(config, epsilon=method.low, epsilon_high=method.high)
        elif isinstance(method, Dapo):
            config = _as_dapo(config, method)
        else:
            raise _refused(config, method)
    return config, estimator


def _as_dapo(config: TrainConfig, method: Dapo) -> TrainConfig:
    if method.mask or method.overlong:
        raise ConfigError(
            f"method: found {config.method!r}, but verl learns from replies that were cut off and "
            "punishes long ones in another way; expected dapo:mask=false"
        )
    return replace(config, loss_type="dapo", epsilon=method.low, epsilon_high=method.high)


def _refused(config: TrainConfig, method: Method) -> ConfigError:
    why = {
        "Remax": "whose greedy replies verl's trainer no longer makes (0.9.1)",
        "DynamicSampling": "which needs more batches than the curriculum deals in verl",
    }.get(type(method).__name__, "which verl does not have")
    return ConfigError(
        f"method: found {config.method!r} with {type(method).__name__}, {why}; expected some of "
        "grpo, rloo, reinforce++, dr-grpo, gspo, dapo:mask=false"
    )


def _advantage(config: TrainConfig, estimator: str) -> tuple[Settings, list[str]]:
    name = "algorithm.adv_estimator"
    if estimator:
        return {name: estimator}, []
    pair = config.advantage, config.baseline
    if pair == ("none", "leave-one-out"):
        return {name: "rloo"}, []
    if pair == ("batch", "mean"):
        whitened = "advantage batch: verl whitens over tokens, rm-train over replies"
        return {name: "reinforce_plus_plus_baseline"}, [whitened]
    if config.baseline == "mean":
        divided = config.advantage == "group"
        differs = ["advantage group: verl adds 1e-6 to the deviation, rm-train 1e-4"] * divided
        return {name: "grpo", "algorithm.norm_adv_by_std_in_grpo": divided}, differs
    raise ConfigError(
        f"baseline: found {config.baseline!r} with advantage {config.advantage!r}, which verl does "
        "not have; expected baseline mean, or advantage none"
    )


def _weighted(config: TrainConfig, estimator: str) -> bool:
    """Whether the weight goes into the reward, where it acts as on undivided advantages."""
    if not config.difficulty_weight:
        return False
    undivided = estimator == "rloo" or (estimator == "grpo" and config.advantage == "none")
    if not undivided:
        raise ConfigError(
            f"difficulty_weight: found True with {estimator} and advantage {config.advantage!r}: "
            "verl can only weight rewards, and dividing by a deviation cancels or changes that; "
            "expected --no-difficulty-weight, or --advantage none"
        )
    return True


def _loss(config: TrainConfig) -> Settings:
    if config.loss_type not in _LOSSES:
        raise ConfigError(
            f"loss_type: found {config.loss_type!r}, which verl does not have as TRL has it; "
            f"expected one of {', '.join(_LOSSES)}"
        )
    mode, aggregation = _LOSSES[config.loss_type]
    if config.importance == "sequence":
        if mode != "vanilla":
            raise ConfigError(
                f"importance: found 'sequence' with loss_type {config.loss_type!r}, which verl "
                "does not have; expected importance token"
            )
        mode = "gspo"
    high = config.epsilon if config.epsilon_high is None else config.epsilon_high
    return {
        f"{_ACTOR}.policy_loss.loss_mode": mode,
        f"{_ACTOR}.loss_agg_mode": aggregation,
        f"{_ACTOR}.loss_scale_factor": (
            config.max_completion_length if config.loss_type == "dr_grpo" else None
        ),
        f"{_ACTOR}.clip_ratio": config.epsilon,
        f"{_ACTOR}.clip_ratio_low": config.epsilon,
        f"{_ACTOR}.clip_ratio_high": high,
        f"{_ACTOR}.clip_ratio_c": _NO_DUAL_CLIP,
        f"{_ACTOR}.entropy_coeff": 0.0,
    }


def _loss_notes(config: TrainConfig) -> list[str]:
    if config.loss_type == "bnpo":
        return ["loss_type bnpo: verl's mean is over the tokens of the whole update"]
    return []


def _kl(config: TrainConfig, *, in_reward: bool) -> Settings:
    used = config.beta > 0
    return {
        f"{_ACTOR}.use_kl_loss": used and not in_reward,
        f"{_ACTOR}.kl_loss_coef": config.beta,
        f"{_ACTOR}.kl_loss_type": "low_var_kl",
        "algorithm.use_kl_in_reward": used and in_reward,
        "algorithm.kl_penalty": "kl",
        "algorithm.kl_ctrl.type": "fixed",
        "algorithm.kl_ctrl.kl_coef": config.beta,
    }


def _optimizer(config: TrainConfig) -> Settings:
    if config.lr_schedule == "linear":
        raise ConfigError(
            "lr_schedule: found 'linear', which verl's FSDP trainer does not have; expected "
            "constant or cosine"
        )
    clip = config.max_grad_norm or 1.0e9  # 0 clips nothing; verl always clips
    return {
        f"{_ACTOR}.optim.lr": config.lr,
        f"{_ACTOR}.optim.lr_scheduler_type": config.lr_schedule,
        f"{_ACTOR}.optim.lr_warmup_steps": config.warmup_steps,
        f"{_ACTOR}.optim.weight_decay": config.weight_decay,
        f"{_ACTOR}.optim.clip_grad": clip,
        f"{_ACTOR}.grad_clip": clip,
    }
