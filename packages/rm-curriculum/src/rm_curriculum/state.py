"""The state of a curriculum as JSON: written by one run, checked before another continues it."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from typing import Final, TypedDict, cast

from rm_curriculum.errors import CurriculumError
from rm_curriculum.outcome import Report
from rm_curriculum.packing import unpack
from rm_curriculum.policy import Json

SCHEMA: Final = 2


class State(TypedDict):
    """Where a curriculum stands: at most 16 bytes an item, and what does not grow with the items.

    Attributes:
        schema: Version of this form.
        dataset: Hash over the ids, types, stages and difficulties.
        items: How many items the dataset has.
        schedule: Name of the schedule.
        seed: Seed of the run.
        config: Hash over all options of the schedule.
        drawn: How many items all ranks together have drawn, over all epochs.
        last: For each item the number of its last draw, packed; "" with a fixed plan.
        flight: Draws in flight and their items, packed.
        seen: Hashes of the last reports that named a draw in their own way, and of those before
            them, packed.
        inbox: Reports that the schedule has not taken in yet: they wait for the next draw.
        books: Counts of draws and sums of rewards, by stage and kind.
        policy: What the schedule itself goes by.
    """

    schema: int
    dataset: str
    items: int
    schedule: str
    seed: int
    config: str
    drawn: int
    last: str
    flight: str
    seen: list[str]
    inbox: list[list[float | None]]
    books: dict[str, Json]
    policy: dict[str, Json]


def check_state(state: Mapping[str, object], own: State, *, best_effort: bool = False) -> State:
    """The state, if it fits the curriculum whose own state is given.

    Args:
        state: What was saved.
        own: What this curriculum would save.
        best_effort: Whether another dataset is accepted.

    Raises:
        CurriculumError: Naming what the state was made for and what it meets here.
    """
    for key, kind in _FORM.items():
        if key not in state:
            raise CurriculumError(f"state: {key!r} is missing; is this a curriculum's state?")
        value = state[key]
        if not isinstance(value, kind) or isinstance(value, bool):
            raise CurriculumError(f"state: {key}: found {value!r}, expected {kind.__name__}")
        if key in _SETTINGS and value != own[key]:
            raise CurriculumError(
                f"state: made with {_SETTINGS[key]} {value!r}, but this curriculum has "
                f"{own[key]!r}; continue with the same settings or start anew"
            )
    if state["dataset"] != own["dataset"] and not best_effort:
        raise CurriculumError(
            f"state: made for dataset {state['dataset']} of {state['items']} items, but this one "
            f"is {own['dataset']} of {own['items']} items; load the questions it was made with, or "
            "take over what still fits with best_effort"
        )
    return cast("State", state)


def saved_report(report: Report) -> list[float | None]:
    """A report as a row of JSON."""
    draw, item, outcome = report
    return [draw, item, *outcome]


def read_inbox(rows: Sequence[object], items: int) -> list[Report]:
    """The reports that `saved_report` gave.

    Raises:
        CurriculumError: If a row is not of that form, or names an item beyond `items`.
    """
    found: list[Report] = []
    for row in rows:
        match row:
            case [
                int(draw),
                int(item),
                int(samples),
                int() | float() as reward,
                int() | float() as variance,
                None | int() | float() as accuracy,
                None | int() | float() as diversity,
            ] if 0 <= item < items and samples > 0:
                found.append((draw, item, (samples, reward, variance, accuracy, diversity)))
            case _:
                raise CurriculumError(
                    f"state: inbox: found {row!r}, expected [draw, item, samples, mean reward, "
                    "variance, accuracy or null, diversity or null]"
                )
    return found


def read_flight(text: object, items: int) -> list[tuple[int, int]]:
    """The (draw, item) in flight, in the order of the draws.

    Raises:
        CurriculumError: If it is not a packed row of pairs, or names an item beyond `items`.
    """
    flat = unpack(text, "Q", name="flight")
    if len(flat) % 2 or any(item >= items for item in flat[1::2]):
        raise CurriculumError("state: flight: expected pairs of a draw and an item")
    return sorted(zip(flat[::2], flat[1::2], strict=True))


def read_seen(parts: Sequence[object]) -> tuple[array[int], array[int]]:
    """The hashes of the last reports, and of those before them.

    Raises:
        CurriculumError: If these are not two packed rows.
    """
    if len(parts) != 2:
        raise CurriculumError(f"state: seen: found {len(parts)} rows, expected 2")
    recent, older = (unpack(part, "Q", name="seen") for part in parts)
    return recent, older


_SETTINGS: Final[Mapping[str, str]] = {
    "schema": "state schema",
    "schedule": "schedule",
    "seed": "seed",
    "config": "options of the schedule (hash)",
}
_FORM: Final[Mapping[str, type]] = {
    "schema": int,
    "schedule": str,
    "seed": int,
    "config": str,
    "dataset": str,
    "items": int,
    "drawn": int,
    "last": str,
    "flight": str,
    "seen": list,
    "inbox": list,
    "books": dict,
    "policy": dict,
}
