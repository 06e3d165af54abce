"""Who listens to the watchdog: alarms are written down, told once, and end the run if wanted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from rm_train.run_directory import RunError
from rm_train.watchdog.alarm import Alarm
from rm_train.watchdog.history import Line
from rm_train.watchdog.settings import OnAlarm, WatchConfig
from rm_train.watchdog.watchdog import Watchdog


class Attendant:
    """Hands each line of metrics to the watchdog and acts on its alarms.

    Args:
        path: alarms.jsonl.
        watch: The thresholds.
        on_alarm: Whether a grave alarm ends the run.
        tell: Told each alarm once.
    """

    def __init__(
        self, path: Path, watch: WatchConfig, on_alarm: OnAlarm, tell: Callable[[str], None]
    ) -> None:
        self._path = path
        self._dog = Watchdog(watch)
        self._on_alarm = on_alarm
        self._tell = tell
        self._ended_by: Alarm | None = None

    def replay(self, lines: Iterable[Line]) -> None:
        """Take in what a run wrote down before it was resumed: nothing is told or written again."""
        for line in lines:
            self._dog.see(line)

    def see(self, line: Line) -> None:
        """Take in the line of the step at hand."""
        alarms = self._dog.see(line)
        write_alarms(self._path, alarms)
        for alarm in alarms:
            self._tell(alarm.line())
            if alarm.level == "error" and self._on_alarm == "stop" and self._ended_by is None:
                self._ended_by = alarm

    @property
    def wants_end(self) -> bool:
        """Whether the run is to end after this step."""
        return self._ended_by is not None

    def conclude(self, out: Path) -> None:
        """Say that the run was ended, if it was.

        Raises:
            RunError: With the alarm and how to go on.
        """
        if self._ended_by is not None:
            alarm = self._ended_by
            raise RunError(
                f"{out}: ended after step {alarm.step} by the alarm {alarm.code} (on_alarm stop); "
                f"its checkpoint is there: go on with `rm-train run --out {out} --resume auto`, or "
                "start anew as the alarm says"
            )


def write_alarms(path: Path, alarms: Sequence[Alarm]) -> None:
    """Add alarms to alarms.jsonl, one JSON object a line."""
    if alarms:
        text = "".join(json.dumps(a.record(), ensure_ascii=False) + "\n" for a in alarms)
        with path.open("a", encoding="utf-8") as stream:
            stream.write(text)
