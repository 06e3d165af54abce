"""RewardMap's stages: binary judgements, counting, planning (arXiv 2510.02240).

Questions are grouped by type and shuffled inside a stage, not ranked by difficulty. The published
code splits counting in two: numbers before the choice among four. What it does wrong is left out:
its shuffle is not seeded, its batches straddle the borders of the stages, and the incomplete last
batch, which under this order is always planning, is dropped.
"""

from __future__ import annotations

from typing import Final

from rm_curriculum.schedules.schedule import Schedule, Stage

JUDGE: Final = Stage("judgement", ("TorF1", "TorF2"), optional=True)
COUNT: Final = Stage("counting", ("Counting2", "Counting3"), optional=True)
CHOOSE: Final = Stage("counting-choice", ("Counting1",), optional=True)
PLAN: Final = Stage("planning", ("planning",), optional=True)

STAGES: Final = (JUDGE, COUNT, CHOOSE, PLAN)
"""The four stages. A dataset may lack any of them."""

REWARDMAP: Final = Schedule("rewardmap", STAGES)
