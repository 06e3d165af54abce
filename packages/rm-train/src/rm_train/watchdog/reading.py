"""What a detector makes of the metrics so far: is it so, is it over, or neither."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rm_train.watchdog.history import History
from rm_train.watchdog.settings import WatchConfig

Level: TypeAlias = Literal["warning", "error"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The state of one thing that can go wrong.

    An alarm is raised when `on`, and may be raised again only after it was `off`: between the two
    thresholds it stays what it is.

    Attributes:
        code: Which alarm it would be, such as `dead-groups-hard`.
        subject: What it is about: a stage, a question type. Each has an alarm of its own.
        level: `error` where a run is being lost.
        found: What there is, with the numbers.
        values: The numbers.
    """

    code: str
    subject: str
    on: bool
    off: bool
    found: str
    values: Mapping[str, float]
    level: Level = "warning"


Detector: TypeAlias = Callable[[History, WatchConfig], Iterator[Reading]]
"""Gives a reading of what it looks at, or none while there are too few steps."""
