"""Who listens to the watchdog: alarms are written down, told once, and end the run if wanted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from rm_curriculum import find_schedule
from rm_train.config import TrainConfig
from rm_train.run_directory import RunDirectory, RunError
from rm_train.watchdog.alarm import Alarm
from rm_train.watchdog.forgetting import SORTED
from rm_train.watchdog.settings import WatchConfig
from rm_train.watchdog.watchdog import Watchdog


class Attendant:
    """Reads each line that a run adds to its metrics.jsonl, and acts on what the watchdog says.

    Args:
        config: The thresholds, and whether a grave alarm ends the run.
        directory: Where metrics.jsonl is read and alarms.jsonl written.
        tell: Told each alarm once.
    """

    def __init__(
        self, config: TrainConfig, directory: RunDirectory, tell: Callable[[str], None]
    ) -> None:
        self._dog = Watchdog(suited(config))
        self._stops = config.on_alarm == "stop"
        self._directory = directory
        self._tell = tell
        self._read = 0
        self.ended_by: Alarm | None = None

    def replay(self) -> None:
        """Take in what the run wrote down before it was resumed; nothing is told or written."""
        for line in self._new_lines():
            self._dog.see(line)

    def catch_up(self) -> None:
        """Take in the lines that were added since."""
        for line in self._new_lines():
            alarms = self._dog.see(line)
            raise_alarms(self._directory, alarms, self._tell)
            grave = next((alarm for alarm in alarms if alarm.level == "error"), None)
            if self._stops and self.ended_by is None:
                self.ended_by = grave

    def _new_lines(self) -> Iterator[dict[str, Any]]:
        if not self._directory.metrics.is_file():
            return
        with self._directory.metrics.open("rb") as stream:
            stream.seek(self._read)
            for text in stream:
                if text.endswith(b"\n"):  # what a kill left unfinished is no line
                    self._read += len(text)
                    yield json.loads(text)


def suited(config: TrainConfig) -> WatchConfig:
    """The thresholds, without forgetting where the schedule itself asks harder and harder."""
    name = find_schedule(config.schedule).name
    return replace(config.watch, forgetting=0.0) if name in SORTED else config.watch


def raise_alarms(
    directory: RunDirectory, alarms: Iterable[Alarm], tell: Callable[[str], None]
) -> None:
    """Add alarms to alarms.jsonl, one JSON object a line, and tell them; none twice."""
    path = directory.alarms
    known = set(path.read_text(encoding="utf-8").splitlines()) if path.is_file() else set[str]()
    for alarm in alarms:
        text = json.dumps(alarm.record(), ensure_ascii=False)
        if text not in known:
            with path.open("a", encoding="utf-8") as stream:
                stream.write(text + "\n")
            tell(alarm.line())


def ended(directory: RunDirectory, alarm: Alarm | None) -> RunError:
    """What is said of a run that an alarm ended; other processes than the first know no alarm."""
    out = directory.path
    if alarm is None:
        return RunError(f"{out}: ended by an alarm of the first process (on_alarm stop)")
    return RunError(
        f"{out}: ended after step {alarm.step} by the alarm {alarm.code} (on_alarm stop), with a "
        f"checkpoint; go on all the same with `rm-train run --out {out} --resume auto --on-alarm "
        "warn`, or start anew as the alarm says"
    )
