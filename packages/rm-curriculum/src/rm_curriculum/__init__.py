"""Which question to ask next: schedules that any trainer can use and resume exactly."""

from rm_curriculum.curriculum import Curriculum, Deal
from rm_curriculum.errors import CurriculumError
from rm_curriculum.items import Item
from rm_curriculum.metrics import Metrics
from rm_curriculum.plan import Batch
from rm_curriculum.policy import Limits
from rm_curriculum.schedules import SCHEDULES, find_schedule
from rm_curriculum.schedules.schedule import Schedule, Stage
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
    "Stage",
    "State",
    "find_schedule",
]
