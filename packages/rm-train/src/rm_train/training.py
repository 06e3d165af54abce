"""A run from configuration to trained model."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from transformers.trainer_callback import PrinterCallback

from rm_eval import Policy, bench
from rm_train.advantages import factors
from rm_train.checkpoints import remove_incomplete, step_of, told_of_processes
from rm_train.config import EMBEDDED, TrainConfig
from rm_train.curves import plot_curves, read_metrics
from rm_train.failures import explained_failures
from rm_train.fitting import fitting
from rm_train.journal import Journal, forget_after
from rm_train.learner import grpo_settings, load_learner, lora_of
from rm_train.plan import Step, stage_lines
from rm_train.preparation import Prepared, prepare
from rm_train.probing import Probing
from rm_train.progress import Progress
from rm_train.prompts import question_dataset, rollout_dataset
from rm_train.quiet import one_thread, quiet_libraries
from rm_train.reactive_trainer import ReactiveMapTrainer
from rm_train.rewards import reward_functions
from rm_train.rollouts.generation import Engine, picture_rollouts
from rm_train.rollouts.guard import RolloutGuard
from rm_train.rollouts.visual_tokens import picture_line
from rm_train.run_directory import RunResult
from rm_train.saving import save_whole
from rm_train.step_log import AfterStep
from rm_train.trainer import MapTrainer
from rm_train.warmup import tell_on_stderr, warm_up
from rm_train.watchdog.attending import Attending, attend_evaluation

Tell = Callable[[str], None]


def train(config: TrainConfig) -> RunResult:
    """As `rm_train.run`, which see."""
    with _prepared(config) as (prepared, tell):
        model, policy = prepared.model, prepared.policy
        if config.sft.steps:
            folder = prepared.directory.warmup
            warm_up(config, prepared.lessons, policy, folder, prepared.device, tell)
            model = str(folder.resolve())
            policy = load_learner(config, model)
        _evaluate(config, prepared, model, "before", tell)
        _reinforce(config, prepared, policy, tell)
        _evaluate(config, prepared, str(prepared.directory.model), "after", tell)
        if prepared.main:
            attend_evaluation(prepared.directory, prepared.plan.length, tell)
        return _result(prepared)


def train_on_gold(config: TrainConfig) -> Path:
    """The warm-up alone, measured before and after; gives the folder of the model.

    Raises:
        ConfigError, RunError, PolicyError, RecordError: As `rm_train.run`.
    """
    with _prepared(config) as (prepared, tell):
        folder, device, policy = prepared.directory.model, prepared.device, prepared.policy
        _evaluate(config, prepared, prepared.model, "before", tell)
        warm_up(config, prepared.lessons, policy, folder, device, tell, merge=config.sft.merge)
        _evaluate(config, prepared, str(folder), "after", tell)
        return folder


@contextmanager
def _prepared(config: TrainConfig) -> Generator[tuple[Prepared, Tell]]:
    """All that a run needs, and how to speak, where failures are explained."""
    config.check()
    threads = one_thread() if config.model == EMBEDDED else nullcontext()
    with quiet_libraries(), explained_failures(config.out), threads:
        prepared = prepare(config)
        yield prepared, tell_on_stderr if prepared.main else _silent


def _reinforce(config: TrainConfig, prepared: Prepared, policy: Policy, tell: Tell) -> None:
    directory = prepared.directory
    if directory.model.is_dir():
        tell(f"{directory.path}: all {prepared.plan.length} steps are done")
        return
    updates = prepared.plan.length * config.updates_per_step
    progress = Progress(updates, config.completions_per_step // config.updates_per_step or 1, tell)
    with picture_rollouts(Engine(config.dtype, config.seed)):
        trainer = _trainer(config, prepared, policy, progress)
    if config.use_vllm:
        trainer.add_callback(RolloutGuard(trainer, config.vllm_tolerance, tell))
    if prepared.main:
        _introduce(config, prepared, policy, tell)
        remove_incomplete(directory.checkpoints)
        forget_after(directory, step_of(prepared.checkpoint) if prepared.checkpoint else 0)
    attending = Attending(config, directory, tell)
    trainer.add_callback(attending)
    if config.probe.questions is not None:
        trainer.add_callback(Probing(config, trainer, policy.processor, directory, updates, tell))
    with progress:
        start = str(prepared.checkpoint) if prepared.checkpoint else None
        trainer.train(resume_from_checkpoint=start)
    attending.conclude()
    save_whole(trainer, directory.model)
    if prepared.main:
        plot_curves(read_metrics(directory.metrics), directory.curves)


def _trainer(
    config: TrainConfig, prepared: Prepared, policy: Policy, progress: Progress
) -> MapTrainer:
    functions, weights = reward_functions(prepared.scorer)
    plan, material, fit = prepared.plan, prepared.material, fitting(policy.processor)
    settings: dict[str, Any] = {
        "scorer": prepared.scorer,
        "methods": prepared.methods,
        "scale": config.advantage,
        "baseline": config.baseline,
        "weighted": config.difficulty_weight,
        "independent": config.independent_sampling,
        "keep": config.save_total_limit,
        "model": policy.model,
        "processing_class": policy.processor,
        "reward_funcs": functions,
        "args": grpo_settings(
            config,
            prepared.directory.checkpoints,
            steps=plan.length,
            weights=weights,
            device=prepared.device,
            world=prepared.world,
            methods=prepared.methods,
        ),
        "peft_config": lora_of(config),
    }
    if plan.curriculum is None:
        rows = rollout_dataset(material, plan.steps, fit)
        trainer = MapTrainer(**settings, train_dataset=rows)
    else:
        held = {stage: plan.curriculum.members(stage) for stage in plan.curriculum.stages}
        rows = question_dataset(material, held, fit)
        trainer = ReactiveMapTrainer(**settings, train_dataset=rows, curriculum=plan.curriculum)
    trainer.add_callback(AfterStep("reward", _journal(config, prepared, trainer, progress).write))
    trainer.remove_callback(PrinterCallback)
    return trainer


def _journal(
    config: TrainConfig, prepared: Prepared, trainer: MapTrainer, progress: Progress
) -> Journal:
    def asked(step: int) -> Step:
        return trainer.dealt if isinstance(trainer, ReactiveMapTrainer) else plan.steps[step]

    plan = prepared.plan
    return Journal(
        prepared.directory,
        asked,
        lambda: prepared.scorer.last,
        config.log_samples,
        progress,
        config.updates_per_step,
    )


def _introduce(config: TrainConfig, prepared: Prepared, policy: Policy, tell: Tell) -> None:
    parameters = sum(p.numel() for p in policy.model.parameters())
    inside = prepared.scorer.spec.weighted
    start = f", from step {step_of(prepared.checkpoint)}" if prepared.checkpoint else ""
    tell(
        f"{prepared.plan.length} steps of {config.prompts_per_step} questions x "
        f"{config.num_generations} replies on {prepared.device}, {parameters / 1e6:.3g} M "
        f"parameters{start}"
    )
    if prepared.checkpoint and (note := told_of_processes(prepared.checkpoint, prepared.world)):
        tell(note)
    for line in stage_lines(prepared.material.questions, config, prepared.plan):
        tell(line)
    tell(picture_line(policy.processor, prepared.material.pictures))
    tell(f"reward: {prepared.scorer.spec.version}")
    tell(
        factors(
            config.advantage,
            weighted=config.difficulty_weight,
            weight_inside=inside,
            baseline=config.baseline,
            replaced=" and ".join(type(m).__name__ for m in prepared.methods if m.compares),
        )
    )
    for method in prepared.methods:
        tell(f"method: {method.acts()}" + (f" ({method.source})" if method.source else ""))


def _evaluate(config: TrainConfig, prepared: Prepared, model: str, name: str, tell: Tell) -> None:
    if prepared.eval_questions is None or not prepared.main:
        return
    report = bench(
        model,
        prepared.eval_questions,
        prepared.directory.path / "eval" / name,
        batch_size=max(config.prompts_per_step, 32) if prepared.device == "cpu" else 16,
        max_new_tokens=config.max_completion_length,
        reward=config.reward,
        device=prepared.device,
        min_pixels=config.min_pixels or None,
        max_pixels=config.max_pixels or None,
    )
    shares = ", ".join(f"{score.name} {score.accuracy:.3f}" for score in report.types)
    tell(f"held-out accuracy {name} the training: {shares}")


def _result(prepared: Prepared) -> RunResult:
    metrics = read_metrics(prepared.directory.metrics)
    tenth = max(1, len(metrics) // 10)
    ends = metrics[:tenth], metrics[-tenth:]
    return RunResult(
        out=prepared.directory.path,
        model=prepared.directory.model,
        steps=prepared.plan.length,
        reward=(_mean(ends[0], "reward"), _mean(ends[1], "reward")),
        accuracy=(_mean(ends[0], "accuracy"), _mean(ends[1], "accuracy")),
    )


def _mean(lines: Sequence[Mapping[str, Any]], name: str) -> float:
    return sum(line[name] for line in lines) / len(lines)


def _silent(_line: str) -> None:
    """Processes other than the first say nothing."""
