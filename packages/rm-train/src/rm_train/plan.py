"""Which questions each step asks: the curriculum's batches, filled to equal size.

A schedule that reacts to rewards has no such plan: its curriculum deals while the run goes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, cycle, groupby, islice
from math import ceil
from types import MappingProxyType
from typing import Final

from rm_curriculum import SCHEDULES, Batch, Curriculum, CurriculumError, find_schedule
from rm_rewards import Question
from rm_train.config import ConfigError, TrainConfig

_ALONE: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the training: all its questions are of one stage.

    Attributes:
        questions: Ids, `prompts_per_step` of them.
    """

    stage: str
    epoch: int
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """How long a run is, and who says what its steps ask.

    Attributes:
        length: How many steps it has.
        steps: What each of them asks; none where the rewards decide.
        curriculum: Deals the questions where the rewards decide.
    """

    length: int
    steps: tuple[Step, ...] = ()
    curriculum: Curriculum | None = None


def plan_of(
    questions: Sequence[Question], config: TrainConfig, partners: Mapping[str, str] = _ALONE
) -> Plan:
    """The plan of a run; arguments and errors as of `planned`.

    Where rewards decide, an epoch has as many steps as are needed to ask so many questions as there
    are; a batch that is short at the end of a stage is filled up, so the last few may not come.
    """
    if not reacts(config.schedule):
        steps = planned(questions, config, partners)
        return Plan(len(steps), steps)
    if partners:
        raise ConfigError(
            f"schedule: found {config.schedule!r}, which chooses single questions, but method "
            f"{config.method!r} asks them in pairs; expected one of {_fixed()}"
        )
    curriculum = _curriculum(questions, config, config.epochs)
    size, epoch = config.prompts_per_step, curriculum.total // config.epochs
    length = config.max_steps or ceil(curriculum.total / size)
    epochs = max(config.epochs, ceil(length * size / epoch))
    return Plan(length, curriculum=_curriculum(questions, config, epochs))


def planned(
    questions: Sequence[Question], config: TrainConfig, partners: Mapping[str, str] = _ALONE
) -> tuple[Step, ...]:
    """The steps of a run, in order: a function of questions, schedule and seed alone.

    Of a schedule that reacts: what it would ask if nothing were ever reported.

    A batch that the curriculum deals short, at the end of a stage, is filled up with questions the
    stage has asked before, so that no question is dropped and no step mixes stages. `max_steps`
    takes as many epochs as it needs and cuts the last one.

    Args:
        questions: In any order.
        config: The run's settings.
        partners: Ids of questions and of those that stand beside them in a step: where there are
            any, every question of the schedule is followed by its partner, or by itself where it
            has none, and partners alone are not scheduled.

    Raises:
        ConfigError: If the schedule cannot be used with these questions.
    """
    if partners:
        return _side_by_side(questions, config, partners)
    steps = _epochs(questions, config, config.epochs)
    if not config.max_steps:
        return steps
    if len(steps) < config.max_steps:
        per_epoch = len(steps) // config.epochs
        steps = _epochs(questions, config, ceil(config.max_steps / per_epoch))
    return steps[: config.max_steps]


def _side_by_side(
    questions: Sequence[Question], config: TrainConfig, partners: Mapping[str, str]
) -> tuple[Step, ...]:
    seconds = set(partners.values()) - set(partners)
    firsts = [question for question in questions if question.id not in seconds]
    half = replace(config, prompts_per_step=config.prompts_per_step // 2)
    return tuple(
        replace(
            step,
            questions=tuple(q for one in step.questions for q in (one, partners.get(one, one))),
        )
        for step in planned(firsts, half)
    )


def stage_lengths(steps: Sequence[Step]) -> dict[str, int]:
    """How many steps each stage has in all, in the order in which they come."""
    return dict(Counter(step.stage for step in steps))


def stage_lines(questions: Sequence[Question], config: TrainConfig, plan: Plan) -> list[str]:
    """What the head of a run says of its stages."""
    if plan.curriculum is not None:
        names = ", ".join(plan.curriculum.stages)
        return [f"stages: {names}; what replies earn decides what comes next ({config.schedule})"]
    lengths = stage_lengths(plan.steps)
    rounds = plan.steps[-1].epoch + 1
    stages = ", ".join(f"{name} {count}" for name, count in lengths.items())
    lines = [f"stages (steps): {stages}" + (f", in {rounds} rounds" if rounds > 1 else "")]
    whole = planned(questions, replace(config, max_steps=0, epochs=1))
    missed = [stage for stage in stage_lengths(whole) if stage not in lengths]
    if missed:
        lines.append(f"note: max_steps {config.max_steps} ends before {', '.join(missed)}")
    return lines


def reacts(schedule: str) -> bool:
    """Whether a schedule reacts to rewards.

    Raises:
        ConfigError: If there is none of that name, or an option cannot be used.
    """
    try:
        return find_schedule(schedule).reactive
    except CurriculumError as error:
        raise ConfigError(str(error)) from None


def _curriculum(questions: Sequence[Question], config: TrainConfig, epochs: int) -> Curriculum:
    if not questions:
        raise ConfigError("questions: found none, expected at least one")
    try:
        made = Curriculum(questions, config.schedule, config.seed, epochs=epochs)
    except CurriculumError as error:
        raise ConfigError(str(error)) from None
    if made.shard(0, 1).deal(1).limits is not None:
        raise ConfigError(
            f"schedule: found {config.schedule!r}, which changes the number of replies and their "
            "length as it goes, and a run has one of each; its stages are runs of their own: "
            "`rm-train phases`"
        )
    return made


def _fixed() -> str:
    return ", ".join(name for name, known in SCHEDULES.items() if not known.reactive)


def _epochs(questions: Sequence[Question], config: TrainConfig, epochs: int) -> tuple[Step, ...]:
    batches = _curriculum(questions, config, epochs).batches(config.prompts_per_step)
    stages = groupby(batches, lambda batch: (batch.epoch, batch.stage))
    return tuple(
        chain.from_iterable(_filled(list(run), config.prompts_per_step) for _, run in stages)
    )


def _filled(batches: Sequence[Batch], size: int) -> list[Step]:
    dealt = [one for batch in batches for one in batch.ids]
    return [
        Step(batch.stage, batch.epoch, (*batch.ids, *islice(cycle(dealt), size - len(batch.ids))))
        for batch in batches
    ]
