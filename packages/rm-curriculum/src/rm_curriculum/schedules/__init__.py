"""Schedules: which questions are asked when. Each has its file, with its source."""

from __future__ import annotations

from rm_curriculum.schedules.catalogue import SCHEDULES, find_schedule
from rm_curriculum.schedules.schedule import Schedule, Stage

__all__ = ["SCHEDULES", "Schedule", "Stage", "find_schedule"]
