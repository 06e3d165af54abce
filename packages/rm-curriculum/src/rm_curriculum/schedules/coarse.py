"""The coarse stages of RewardMap's ablation: understanding, then reasoning (arXiv 2510.02240).

All five types of reading questions are asked together, then planning. In the paper's table it lies
between no stages (both sets mixed) and the four stages.
"""

from __future__ import annotations

from typing import Final

from rm_curriculum.schedules.rewardmap import PLAN, STAGES
from rm_curriculum.schedules.schedule import Schedule, Stage

_READ: Final = Stage(
    "reading",
    tuple(kind for stage in STAGES if stage != PLAN for kind in stage.types),
    optional=True,
)

COARSE: Final = Schedule("coarse", (_READ, PLAN))
