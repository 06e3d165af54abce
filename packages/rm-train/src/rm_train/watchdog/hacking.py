"""Rewards that rise without the thing that is wanted: right answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rm_train.watchdog.history import REACH, History, mean, values
from rm_train.watchdog.reading import Reading
from rm_train.watchdog.settings import WatchConfig
from rm_train.watchdog.trend import change, in_blocks, p_of_fall, p_of_rise

_FLAT: Final = 0.05
"""A trend with a larger p is none."""

_FORM: Final = 4
"""The format has to rise by so many times the threshold: it is quickly learned by everyone."""

_LITTLE: Final = 0.1
"""Correctness that rises by less than this share of the format's rise does not follow it."""

_LEARNED: Final = 0.9


def detail_hacking(history: History, watch: WatchConfig) -> Iterator[Reading]:
    """Detail rises and correctness falls, both beyond chance, over one trend window or four."""
    if not watch.hacking:
        return
    found = [
        reading
        for steps in (watch.trend, REACH * watch.trend)
        if (reading := _opposed(history, watch, steps)) is not None
    ]
    if found:
        raised = next((reading for reading in found if reading.on), found[0])
        yield Reading(
            code=raised.code,
            subject=raised.subject,
            level=raised.level,
            on=raised.on,
            off=all(reading.off for reading in found),
            found=raised.found,
            values=raised.values,
        )


def reward_hacking(history: History, watch: WatchConfig) -> Iterator[Reading]:
    """As `detail_hacking`, of the whole reward, where the detail does not explain it."""
    lines = history.recent(watch.trend)
    reward, right = values(lines, "reward"), values(lines, "correct")
    if len(right) < watch.trend or len(reward) < watch.trend or not watch.hacking:
        return
    gained, lost = change(reward), -change(right)
    large = gained >= watch.hacking * max(1.0, abs(mean(reward))) and lost >= watch.hacking
    on = large and p_of_rise(reward) < watch.p and p_of_fall(right) < watch.p
    explained = any(reading.on for reading in detail_hacking(history, watch))
    yield Reading(
        code="hacking-reward",
        subject=history.stage,
        level="error",
        on=on and not explained,
        off=lost < watch.hacking / 2,
        found=f"over the last {watch.trend} steps ({history.stage}) the reward rose by "
        f"{gained:.3g} and the share of right replies fell by {lost:.3g}",
        values={"reward_gained": gained, "correct_lost": lost},
    )


def _opposed(history: History, watch: WatchConfig, steps: int) -> Reading | None:
    lines = [line for line in history.recent(steps) if values([line], "rewards/detail")]
    correct = values(lines, "correct")
    if len(correct) < steps:
        return None
    detail = in_blocks(values(lines, "rewards/detail"), watch.trend)
    right = in_blocks(correct, watch.trend)
    gained, lost = change(detail), -change(right)
    large = gained >= watch.hacking and lost >= watch.hacking
    tested = large and p_of_rise(detail) < watch.p and p_of_fall(right) < watch.p
    return Reading(
        code="hacking-detail",
        subject=history.stage,
        level="error",
        on=tested,
        off=lost < watch.hacking / 2,
        found=f"over the last {steps} steps ({history.stage}) the detail reward rose by "
        f"{gained:.3g} and the share of right replies fell by {lost:.3g}",
        values={"steps": float(steps), "detail_gained": gained, "correct_lost": lost},
    )


def format_hacking(history: History, watch: WatchConfig) -> Iterator[Reading]:
    """The format has risen from the start of the stage, correctness not, for two trend windows."""
    opening, recent = history.opening(), history.recent(watch.window)
    lines = history.recent(2 * watch.trend)
    if not opening or not lines or not watch.hacking:
        return
    form = mean(values(recent, "rewards/format")) - mean(values(opening, "rewards/format"))
    right = values(lines, "correct")
    before, after = mean(values(opening, "correct")), mean(right[-watch.trend :])
    gained = after - before
    flat = gained < _LITTLE * form and after < _LEARNED
    on = form >= _FORM * watch.hacking and flat and p_of_rise(right) > _FLAT
    yield Reading(
        code="hacking-format",
        subject=history.stage,
        on=on,
        off=gained >= 2 * _LITTLE * form or after >= _LEARNED,
        found=f"since the start of {history.stage} the format reward rose by {form:.3g}, the share "
        f"of right replies went from {before:.3g} to {after:.3g}, and it does not rise",
        values={"format_gained": form, "correct_before": before, "correct_now": after},
    )
