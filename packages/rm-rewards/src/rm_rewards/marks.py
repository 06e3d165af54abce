"""What was found about one reply, before the points are added up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from rm_rewards.records import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What was found about one reply.

    Attributes:
        well_formed: Whether it has the form that was asked for.
        correct: Whether it is right.
        detail: Partial credit, in the grader's own units.
        parsed: What was read out of it, or None.
        status: Whether it could be read.
        reasons: Codes of what is wrong with it.
    """

    well_formed: bool
    correct: bool
    detail: float = 0.0
    parsed: str | None = None
    status: Status = "ok"
    reasons: tuple[str, ...] = ()


Grade: TypeAlias = Callable[[str], Marks]


def status_of(*, read: bool, truncated: bool) -> Status:
    """Whether a reply could be read, and if not, whether it stopped too early."""
    if read:
        return "ok"
    return "truncated" if truncated else "unparsed"
