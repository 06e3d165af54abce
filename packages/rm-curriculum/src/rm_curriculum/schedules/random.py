"""No order at all: every item once an epoch, shuffled. A control, and every trainer's default.

It takes items of any type.
"""

from __future__ import annotations

from typing import Final

from rm_curriculum.schedules.schedule import Schedule, Stage

ALL: Final = Stage("all")
"""One stage for items of every type."""

RANDOM: Final = Schedule("random", (ALL,))
