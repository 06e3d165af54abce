"""Which questions each step asks: the curriculum's batches, filled to equal size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, cycle, groupby, islice
from math import ceil
from types import MappingProxyType
from typing import Final

from rm_curriculum import SCHEDULES, Batch, Curriculum, CurriculumError
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


def planned(
    questions: Sequence[Question], config: TrainConfig, partners: Mapping[str, str] = _ALONE
) -> tuple[Step, ...]:
    """The steps of a run, in order: a function of questions, schedule and seed alone.

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
    if not questions:
        raise ConfigError("questions: found none, expected at least one")
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


def _epochs(questions: Sequence[Question], config: TrainConfig, epochs: int) -> tuple[Step, ...]:
    try:
        curriculum = Curriculum(questions, config.schedule, config.seed, epochs=epochs)
    except CurriculumError as error:
        raise ConfigError(str(error)) from None
    if curriculum.schedule.reactive:
        fixed = ", ".join(name for name, known in SCHEDULES.items() if not known.reactive)
        raise ConfigError(
            f"schedule: found {config.schedule!r}, which reacts to rewards, but a run is planned "
            f"before it begins; expected one of {fixed}"
        )
    batches = curriculum.batches(config.prompts_per_step)
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
