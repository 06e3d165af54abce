"""What is dealt at a time, with the names by which it is reported."""

from __future__ import annotations

from dataclasses import dataclass

from rm_curriculum.policy import Limits


@dataclass(frozen=True, slots=True)
class Deal:
    """Items to ask together.

    Attributes:
        stage: The stage they are asked for.
        epoch: From 0.
        ids: The items.
        draws: For each the name of its draw, to be given back with what it earned.
        limits: What may be generated for each, if the schedule says so.
    """

    stage: str
    epoch: int
    ids: tuple[str, ...]
    draws: tuple[str, ...]
    limits: Limits | None
