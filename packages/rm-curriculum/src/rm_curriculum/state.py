"""The state of a curriculum as JSON: written by one run, checked before another continues it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypedDict, cast

from rm_curriculum.errors import CurriculumError
from rm_curriculum.statistics import Rows

SCHEMA: Final = 1


class State(TypedDict):
    """Where a curriculum stands. Its size does not grow with the plan, only with `statistics`.

    Attributes:
        schema: Version of this form.
        dataset: Hash over the ids and types.
        items: How many items the dataset has.
        schedule: Name of the schedule.
        seed: Seed of the shuffles.
        config: Hash over stages, types and seed.
        drawn: How many items all ranks together have drawn, over all epochs.
        statistics: `{id: {draw: [samples, mean reward, accuracy or null]}}`.
    """

    schema: int
    dataset: str
    items: int
    schedule: str
    seed: int
    config: str
    drawn: int
    statistics: Rows


def check_state(state: Mapping[str, object], own: State) -> State:
    """The state, if it fits the curriculum whose own state is given.

    Raises:
        CurriculumError: Naming what the state was made for and what it meets here.
    """
    _check_form(state)
    for key, what in (
        ("schema", "state schema"),
        ("schedule", "schedule"),
        ("seed", "seed"),
        ("config", "stages of the schedule (hash)"),
    ):
        if state[key] != own[key]:
            raise CurriculumError(
                f"state: made with {what} {state[key]!r}, but this curriculum has {own[key]!r}; "
                "continue with the same settings or start anew"
            )
    if state["dataset"] != own["dataset"]:
        raise CurriculumError(
            f"state: made for dataset {state['dataset']} of {state['items']} items, but this one "
            f"is {own['dataset']} of {own['items']} items; load the questions it was made with"
        )
    return cast("State", state)


def _check_form(state: Mapping[str, object]) -> None:
    for key, kind in _FORM.items():
        if key not in state:
            raise CurriculumError(f"state: {key!r} is missing; is this a curriculum's state?")
        value = state[key]
        if not isinstance(value, kind) or isinstance(value, bool):
            raise CurriculumError(f"state: {key}: found {value!r}, expected {kind.__name__}")
    for identity, draws in cast("Mapping[str, object]", state["statistics"]).items():
        if not isinstance(draws, Mapping):
            raise CurriculumError(
                f"state: statistics of {identity!r}: found {draws!r}, expected an object"
            )


_FORM: Final[Mapping[str, type]] = {
    "schema": int,
    "dataset": str,
    "items": int,
    "schedule": str,
    "seed": int,
    "config": str,
    "drawn": int,
    "statistics": dict,
}
