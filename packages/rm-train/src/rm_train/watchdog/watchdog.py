"""From lines of metrics to alarms: a pure fold, so that a resumed run only reads its lines anew."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from rm_train.watchdog.alarm import Alarm, alarm_of
from rm_train.watchdog.drift import divergence, drifts
from rm_train.watchdog.forgetting import Types, forgotten
from rm_train.watchdog.hacking import detail_hacking, format_hacking, reward_hacking
from rm_train.watchdog.history import History, Line
from rm_train.watchdog.reading import Detector, Reading
from rm_train.watchdog.settings import WatchConfig
from rm_train.watchdog.signal_loss import dead_groups, no_signal, reward_errors, unread_replies

DETECTORS: Final[tuple[Detector, ...]] = (
    dead_groups,
    no_signal,
    unread_replies,
    reward_errors,
    divergence,
    drifts,
    detail_hacking,
    reward_hacking,
    format_hacking,
)
"""All but `forgotten`, which keeps its own lines."""


class Watchdog:
    """Takes in a run's lines of metrics in order, and barks once at each thing that goes wrong.

    Its state follows from the lines alone. An alarm that was raised is raised again only after its
    reading was off.
    """

    def __init__(self, watch: WatchConfig) -> None:
        self._watch = watch
        self._history = History(watch.window, watch.trend)
        self._types = Types(watch.window)
        self._raised: set[tuple[str, str, str]] = set()

    def see(self, line: Line) -> list[Alarm]:
        """Take in the next line; gives the alarms that it raises."""
        self._history.add(line)
        found = [
            *(reading for detect in DETECTORS for reading in detect(self._history, self._watch)),
            *forgotten(self._types, line, self._watch),
        ]
        return [alarm_of(int(line["step"]), reading) for reading in found if self._is_new(reading)]

    def _is_new(self, reading: Reading) -> bool:
        key = (reading.code, reading.subject, reading.level)
        if key in self._raised:
            if reading.off:
                self._raised.remove(key)
            return False
        if reading.on:
            self._raised.add(key)
        return reading.on


def alarms_in(lines: Iterable[Line], watch: WatchConfig) -> list[Alarm]:
    """All alarms of a run, from its metrics."""
    dog = Watchdog(watch)
    return [alarm for line in lines for alarm in dog.see(line)]
