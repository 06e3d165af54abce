"""How far what was trained carries: to new questions, new cities, new types (SEED-Bench-R1).

`levels` puts each test question on a level against the training questions; `consistency` tells
whether a reply answers what its reasoning came to; `measuring` counts both over finished runs, and
`page` writes it down.
"""

from rm_eval.generalisation.consistency import Match, matched, rate
from rm_eval.generalisation.levels import LEVELS, Aside, Level, Training, read_training
from rm_eval.generalisation.measuring import Generalisation, generalisation

__all__ = [
    "LEVELS",
    "Aside",
    "Generalisation",
    "Level",
    "Match",
    "Training",
    "generalisation",
    "matched",
    "rate",
    "read_training",
]
