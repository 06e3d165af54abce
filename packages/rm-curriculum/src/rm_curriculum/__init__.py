"""Which question to ask next: schedules that any trainer can use and resume exactly."""

from rm_curriculum.curriculum import Curriculum, Metrics
from rm_curriculum.errors import CurriculumError
from rm_curriculum.items import Item
from rm_curriculum.plan import Batch
from rm_curriculum.schedules import SCHEDULES, Schedule, Stage
from rm_curriculum.state import State

__all__ = [
    "SCHEDULES",
    "Batch",
    "Curriculum",
    "CurriculumError",
    "Item",
    "Metrics",
    "Schedule",
    "Stage",
    "State",
]
