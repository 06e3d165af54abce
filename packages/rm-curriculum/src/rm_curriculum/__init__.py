"""Which question to ask next: schedules that any trainer can use and resume exactly."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rm_curriculum.curriculum import Curriculum
    from rm_curriculum.deal import Deal
    from rm_curriculum.diversity import text_diversity
    from rm_curriculum.errors import CurriculumError
    from rm_curriculum.items import Item
    from rm_curriculum.metrics import Metrics
    from rm_curriculum.plan import Batch
    from rm_curriculum.policy import Limits
    from rm_curriculum.schedules import SCHEDULES, find_schedule
    from rm_curriculum.schedules.schedule import Schedule, Stage
    from rm_curriculum.spool import Spool
    from rm_curriculum.state import State

__all__ = [
    "SCHEDULES",
    "Batch",
    "Curriculum",
    "CurriculumError",
    "Deal",
    "Item",
    "Limits",
    "Metrics",
    "Schedule",
    "Spool",
    "Stage",
    "State",
    "find_schedule",
    "text_diversity",
]

_HOMES = {
    "SCHEDULES": "schedules",
    "Batch": "plan",
    "Curriculum": "curriculum",
    "CurriculumError": "errors",
    "Deal": "deal",
    "Item": "items",
    "Limits": "policy",
    "Metrics": "metrics",
    "Schedule": "schedules",
    "Spool": "spool",
    "Stage": "schedules",
    "State": "state",
    "find_schedule": "schedules",
    "text_diversity": "diversity",
}


def __getattr__(name: str) -> object:
    """What is asked for is loaded then: a configuration needs the names of schedules alone."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
