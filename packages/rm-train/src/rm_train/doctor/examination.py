"""All checks of a run, in the order of what they cost: settings, questions, processor, machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from rm_eval import PolicyError, load_processor
from rm_train.config import TrainConfig
from rm_train.doctor.case import Case
from rm_train.doctor.dialogue import broken_template_findings
from rm_train.doctor.factors import Factors, factor_findings
from rm_train.doctor.finding import Finding
from rm_train.doctor.groups import Batch, group_findings
from rm_train.doctor.machine import bytes_under, free_disk, memory_there
from rm_train.doctor.model_facts import ModelFacts, model_facts
from rm_train.doctor.prompt_check import Prompts, prompt_findings
from rm_train.doctor.question_check import question_findings
from rm_train.doctor.reward_check import reward_findings
from rm_train.doctor.room import disk_findings, memory_findings
from rm_train.doctor.size import (
    BFLOAT16,
    FLOAT32,
    FOUR_BITS,
    Size,
    checkpoints_at_once,
    memory_of,
    run_bytes,
)
from rm_train.run_directory import RunDirectory

_RATIO = ("epsilon", "epsilon_high", "importance")
"""Settings of the ratio of new to old probability."""


def examine(case: Case) -> Iterator[Finding]:
    """Everything that the doctor finds about a run, check by check.

    Raises:
        RecordError: If a question lacks its answer.
    """
    config = case.config
    yield from group_findings(
        Batch(
            prompts=config.prompts_per_step,
            group=config.num_generations,
            world=case.world,
            whole=case.whole,
        )
    )
    yield from question_findings(case)
    yield from reward_findings(case)
    facts, trouble = _facts(case)
    yield from trouble
    yield from factor_findings(_factors(case, facts))
    try:
        processor = load_processor(
            case.model,
            min_pixels=config.min_pixels or None,
            max_pixels=config.max_pixels or None,
        )
    except PolicyError as error:
        yield Finding(level="error", code="processor", found=str(error))
        return
    prompts = Prompts(case, processor)
    if prompts.fault:
        yield from broken_template_findings(prompts.fault)
        return
    yield from prompt_findings(prompts, facts.positions if facts else None)
    if facts is not None:
        yield from _room(case, facts, prompts.longest)


def _facts(case: Case) -> tuple[ModelFacts | None, list[Finding]]:
    try:
        return model_facts(case.model, case.config.lora), []
    except Exception as error:  # each model has a class that raises types of its own
        text = next(iter(str(error).strip().splitlines()), type(error).__name__)
        found = f"{case.model}: the size of the model is not known ({text})"
        effect = "memory, disk and the longest sequence are not checked"
        return None, [Finding(level="note", code="model-size", found=found, effect=effect)]


def _factors(case: Case, facts: ModelFacts | None) -> Factors:
    config = case.config
    plain = {field.name: field.default for field in fields(TrainConfig)}
    return Factors(
        scale=config.advantage,
        weight_inside=case.scorer.spec.weighted,
        copies_at_once=case.copies_at_once,
        updates=config.updates_per_step,
        ratio_asked=tuple(name for name in _RATIO if getattr(config, name) != plain[name]),
        lr=config.lr,
        rising=config.warmup_steps,
        steps=case.steps * config.updates_per_step,
        # TRL turns adapters on 4-bit weights into bfloat16; else trained weights are float32
        trained="bfloat16" if config.quantize == "4bit" else "float32",
        parameters=facts.parameters if facts else 0,
        adapters=bool(config.lora.r),
    )


def _room(case: Case, facts: ModelFacts, longest: int) -> Iterator[Finding]:
    config = case.config
    adapters = bool(config.lora.r)
    low = BFLOAT16 if config.dtype == "bfloat16" else FLOAT32
    frozen = FOUR_BITS if config.quantize == "4bit" else low
    passes = config.accumulation(case.world)
    size = Size(
        parameters=facts.parameters,
        trained=facts.trained,
        weight_bytes=frozen if adapters else FLOAT32,
        compute_bytes=low,
        width=facts.width,
        layers=facts.layers,
        vocabulary=facts.vocabulary,
        replies=config.completions_per_step // case.world // passes // config.minibatches,
        length=longest + config.max_completion_length,
        completion=config.max_completion_length,
        checkpointing=config.gradient_checkpointing,
        reference=bool(config.beta) and not adapters,
        copies=case.copies,
        shards=case.world if case.sharded else 1,
    )
    colocated = config.use_vllm and config.vllm_mode == "colocate"
    yield from memory_findings(
        memory_of(size),
        memory_there(case.device) / (case.world if case.device == "cpu" else 1),
        device=case.device,
        rollouts=config.vllm_gpu_memory if colocated else 0.0,
    )
    updates = case.steps * config.updates_per_step
    count = checkpoints_at_once(updates, config.save_steps, config.save_total_limit)
    there = free_disk(config.out) + bytes_under(RunDirectory(config.out).checkpoints)
    yield from disk_findings(run_bytes(facts.trained, count), there, checkpoints=count)
