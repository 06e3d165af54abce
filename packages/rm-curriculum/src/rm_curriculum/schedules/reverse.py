"""RewardMap's stages backwards, planning first: a control.

Whatever a curriculum gains by its order must be lost here.
"""

from __future__ import annotations

from typing import Final

from rm_curriculum.schedules.rewardmap import STAGES
from rm_curriculum.schedules.schedule import Schedule

REVERSE: Final = Schedule("reverse", STAGES[::-1])
