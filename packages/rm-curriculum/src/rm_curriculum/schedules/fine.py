"""One stage for each question type, in RewardMap's order: the finest grain that types allow.

Ours, as the counterpart of `coarse`: with it one can see whether more stages help further.
"""

from __future__ import annotations

from typing import Final

from rm_curriculum.schedules.rewardmap import STAGES
from rm_curriculum.schedules.schedule import Schedule, Stage

FINE: Final = Schedule(
    "fine",
    tuple(Stage(kind, (kind,), optional=True) for stage in STAGES for kind in stage.types),
)
