"""Steps that teach nothing: dead groups, replies without an answer, without a score, cut off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rm_train.watchdog.history import History, mean, values
from rm_train.watchdog.reading import Reading
from rm_train.watchdog.settings import WatchConfig

_OVER: Final = 0.8
"""An alarm is over once the share is so far below its threshold."""

_FALLING: Final = 0.05
"""A share that falls by so much from one half of the window to the other is on its way down."""

_LEARNED: Final = 0.95
_ALIVE: Final = 0.98

_OTHER: Final = 0.25
"""Share of groups that are dead although right and wrong replies stand in them."""


def dead_groups(history: History, watch: WatchConfig) -> Iterator[Reading]:
    """Groups whose replies all earn the same: too hard, too easy, or alike by the reward."""
    lines = history.recent(watch.window)
    dead, right, wrong = (
        values(lines, name) for name in ("dead_groups", "dead_right", "dead_wrong")
    )
    if not right or not wrong:
        return
    shares = {"hard": mean(wrong), "easy": mean(right)}
    shares["other"] = mean(dead) - shares["hard"] - shares["easy"]
    limits = {"hard": watch.dead_hard, "easy": watch.dead_easy, "other": _OTHER}
    for kind, limit in limits.items():
        share = shares[kind]
        if not limit:
            continue
        said = {"hard": " and all wrong", "easy": " and all right", "other": ", right and wrong"}
        yield Reading(
            code=f"dead-groups-{kind}",
            subject=history.stage,
            on=share >= limit,
            off=share < _OVER * limit,
            found=f"{share:.0%} of the groups of the last {watch.window} steps "
            f"({history.stage}) are dead{said[kind]}",
            values={"share": share, "threshold": limit},
        )


def no_signal(history: History, watch: WatchConfig) -> Iterator[Reading]:
    """Not a single group of a whole window that differs in itself, although much is wrong."""
    lines = history.recent(watch.window)
    shares = values(lines, "dead_groups")
    if len(shares) < watch.window:
        return
    accuracy = mean(values(lines, "accuracy"))
    yield Reading(
        code="no-signal",
        subject=history.stage,
        level="error",
        on=min(shares) == 1.0 and accuracy < _LEARNED,
        off=mean(shares) < _ALIVE or accuracy >= _LEARNED,
        found=f"in the last {watch.window} steps ({history.stage}) all replies to every question "
        f"earned the same, at an accuracy of {accuracy:.3g}",
        values={"accuracy": accuracy},
    )


def unread_replies(history: History, watch: WatchConfig) -> Iterator[Reading]:
    """Replies that hold no answer, and replies that are cut off, where the share does not fall."""
    named = {"unparsed": watch.unparsed, "truncated": watch.truncated}
    said = {"unparsed": "hold no answer that can be read", "truncated": "are cut off"}
    lines = history.recent(watch.window)
    for name, limit in named.items():
        shares = values(lines, name)
        if len(shares) < watch.window or not limit:
            continue
        half = len(shares) // 2
        falling = mean(shares[:half]) - mean(shares[half:]) >= _FALLING
        share = mean(shares)
        yield Reading(
            code=name,
            subject=history.stage,
            on=share >= limit and not falling,
            off=share < _OVER * limit,
            found=f"{share:.0%} of the replies of the last {watch.window} steps "
            f"({history.stage}) {said[name]}",
            values={"share": share, "threshold": limit},
        )


def reward_errors(history: History, watch: WatchConfig) -> Iterator[Reading]:
    """Replies that could not be scored: one is told, a share of them is grave."""
    shares = values([history.line], "reward_errors")
    if not shares or not watch.errors:
        return
    recent = values(history.recent(watch.window) or [history.line], "reward_errors")
    share = mean(recent)
    for level, on in (("warning", shares[0] > 0), ("error", share >= watch.errors)):
        yield Reading(
            code="reward-errors",
            subject=level,
            level="error" if level == "error" else "warning",
            on=on,
            off=share == 0 if level == "warning" else share < _OVER * watch.errors,
            found=f"{shares[0]:.1%} of the replies of this step could not be scored, {share:.1%} "
            f"of the last {len(recent)} steps",
            values={"step": shares[0], "share": share, "threshold": watch.errors},
        )
