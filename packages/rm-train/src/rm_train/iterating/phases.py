"""Runs one after the other, each from the model of the one before, with settings of its own."""

# ruff: noqa: PLC0415 - what loads torch is imported when adapters are merged

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from rm_train.config import EMBEDDED, SftConfig, TrainConfig
from rm_train.config_file import from_mapping, to_mapping
from rm_train.embedded_data import embedded_questions
from rm_train.iterating.held_out import Score, score_of
from rm_train.iterating.phase import Phase, check_launcher, run_phase
from rm_train.iterating.plan import Stage
from rm_train.quiet import one_thread
from rm_train.run_directory import RunDirectory

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Ran:
    """A stage that is done.

    Attributes:
        name: Of its folder, `N-NAME`.
        config: Its settings.
        before: On the held-out questions; None without such.
        after: The same, when it was done.
    """

    name: str
    config: TrainConfig
    before: Score | None
    after: Score | None


def run_phases(
    config: TrainConfig, stages: Sequence[Stage], *, launcher: str | None = None, tell: Tell = print
) -> tuple[Ran, ...]:
    """Go through the stages that are left, into `config.out`.

    Stage N lies in `N-NAME/`, an ordinary run. It starts from the model of the stage before, which
    is also the reference of its KL term, and has a seed of its own, `config.seed` + N, so that the
    questions come in another order. The warm-up, if there is one, belongs to the first. Adapters
    are merged before they are handed on. `epochs` and `max_steps` count for each stage.

    Raises:
        ConfigError: If a setting of a stage cannot be used, before anything begins.
        RunError, PolicyError, RecordError: As `rm_train.run`.
    """
    check_launcher(config, launcher)
    planned = [_settings(config, number, stage) for number, stage in enumerate(stages, 1)]
    directory = RunDirectory(config.out)
    directory.admit(replace(config, resume="auto"))
    directory.begin(config, {"stages": repr([(s.name, sorted(s.changes.items())) for s in stages])})
    done: list[Ran] = []
    model = config.model
    with one_thread() if config.model == EMBEDDED else nullcontext():
        for settings in planned:
            phase = Phase("run", _with_questions(replace(settings, model=model), config))
            model = str(_whole(run_phase(phase, launcher)))
            done.append(_ran(phase.config))
            tell(_told(done[-1]))
    return tuple(done)


def _settings(config: TrainConfig, number: int, stage: Stage) -> TrainConfig:
    """The settings of a stage, all but the model."""
    seeded = replace(
        config,
        seed=config.seed + number,
        out=config.out / f"{number}-{stage.name}",
        sft=config.sft if number == 1 else SftConfig(),
    )
    where = f"stage {number} ({stage.name})"
    return from_mapping(to_mapping(seeded), where=where, overrides=stage.changes)


def _with_questions(settings: TrainConfig, config: TrainConfig) -> TrainConfig:
    """With the embedded run's own questions, made once, where nothing else is said."""
    if settings.questions is not None:
        return settings
    made, held_out = embedded_questions(RunDirectory(config.out).data, config.seed)
    return replace(settings, questions=made, eval_questions=settings.eval_questions or held_out)


def _whole(model: Path) -> Path:
    """The model with its adapter merged; a model without one as it is."""
    if not (model / "adapter_config.json").is_file():
        return model
    merged = model.with_name("merged")
    if not merged.is_dir():
        from rm_eval import load_policy

        beside = model.with_name(".merged.part")
        shutil.rmtree(beside, ignore_errors=True)
        policy = load_policy(model)
        cast("Any", policy.model).save_pretrained(beside)
        cast("Any", policy.processor).save_pretrained(beside)
        beside.replace(merged)
    return merged


def _ran(config: TrainConfig) -> Ran:
    before, after = (score_of(config.out / "eval" / name) for name in ("before", "after"))
    return Ran(config.out.name, config, before, after)


def _told(done: Ran) -> str:
    limits = f"{done.config.max_completion_length} tokens x {done.config.num_generations} replies"
    if done.before is None or done.after is None:
        return f"{done.name}: {limits}"
    return f"{done.name}: {limits}; held-out {done.before.share:.3f} -> {done.after.share:.3f}"
