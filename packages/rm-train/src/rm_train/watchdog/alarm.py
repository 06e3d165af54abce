"""An alarm: what happened, what it usually means, and what to do, in one line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from rm_train.watchdog.meanings import MEANINGS
from rm_train.watchdog.reading import Level, Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One line of alarms.jsonl.

    Attributes:
        step: The step after which it was raised.
        code: A key of `MEANINGS`.
        level: `error` ends the run under `on_alarm: stop`.
        message: What was found; what it usually means; what to do.
        values: The numbers.
    """

    step: int
    code: str
    level: Level
    message: str
    values: Mapping[str, float]

    def record(self) -> dict[str, object]:
        """As it stands in alarms.jsonl."""
        return asdict(self)

    def line(self) -> str:
        """As it is told to the person who watches."""
        return f"alarm: step {self.step}: {self.code}: {self.message}"


def alarm_of(step: int, reading: Reading) -> Alarm:
    """The alarm that a reading raises."""
    meaning = MEANINGS[reading.code]
    return Alarm(
        step=step,
        code=reading.code,
        level=reading.level,
        message=f"{reading.found}; {meaning.means}; {meaning.do}",
        values=dict(reading.values),
    )
