"""A policy that goes wrong: KL, entropy, the rewards' spread and the length, against the start."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from typing import Final

from rm_train.watchdog.history import History, mean, values
from rm_train.watchdog.reading import Level, Reading
from rm_train.watchdog.settings import WatchConfig

_RISEN: Final = 0.05
"""More accuracy than that excuses a change: it is what was learned."""

_LEARNED: Final = 0.95

_NOISE: Final = 3.0
"""Mean entropy of a token, in nats, that only noise has."""

"""From this accuracy on, sameness is right."""


def divergence(history: History, watch: WatchConfig) -> Iterator[Reading]:
    """The KL term, over a quarter of a window."""
    few = max(3, watch.window // 4)
    found = values(history.recent(few), "kl")
    if len(found) < few or not watch.kl:
        return
    kl = mean(found)
    yield Reading(
        code="kl",
        subject="",
        level="error",
        on=kl >= watch.kl,
        off=kl < watch.kl / 2,
        found=f"the KL divergence from the reference is {kl:.3g} nats a token over the last {few} "
        "steps",
        values={"kl": kl, "threshold": watch.kl},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """A metric against its own beginning in the stage.

    Attributes:
        down: Whether a fall is what is looked for.
        limit: The factor at which it is an alarm.
        least: How much it has to change at least, in its own unit.
        never: A value that no healthy policy reaches, whatever it began with.
    """

    code: str
    name: str
    words: str
    down: bool
    limit: float
    level: Level = "error"
    least: float = 0.0
    never: float = inf


def drifts(history: History, watch: WatchConfig) -> Iterator[Reading]:
    """Entropy, spread and length against the start of the stage, unless accuracy has risen."""
    changes = (
        _Change(
            code="entropy-collapse",
            name="entropy",
            words="the entropy of the replies",
            down=True,
            limit=watch.entropy_low,
        ),
        _Change(
            code="entropy-explosion",
            name="entropy",
            words="the entropy of the replies",
            down=False,
            limit=watch.entropy_high,
            least=0.5,
            never=_NOISE,
        ),
        _Change(
            code="reward-spread",
            name="reward_std",
            words="the deviation of the rewards",
            down=True,
            limit=watch.spread,
        ),
        _Change(
            code="length",
            name="completion_length",
            words="the length of the replies",
            down=False,
            limit=watch.length,
            level="warning",
            least=8.0,
        ),
    )
    opening, recent = history.opening(), history.recent(watch.window)
    if not opening or not recent:
        return
    before, after = mean(values(opening, "accuracy")), mean(values(recent, "accuracy"))
    risen = 1.0 if after >= _LEARNED else after - before
    for change in changes:
        first, last = values(opening, change.name), values(recent, change.name)
        if first and last and change.limit:
            yield _reading(change, first, mean(last), history.stage, risen=risen)


def _reading(
    change: _Change, first: list[float], now: float, stage: str, *, risen: float
) -> Reading:
    # a policy can be lost within the first steps: then its very first one is the beginning
    start = max(first[0], mean(first)) if change.down else mean(first)
    bound = change.limit * start
    if change.down:
        on, off = now <= bound and start > 0, now > 2 * bound
    else:
        on = (now >= bound and now - start >= change.least) or now >= change.never
        off = now < min((bound + start) / 2, change.never) or now - start < change.least / 2
    return Reading(
        code=change.code,
        subject=stage,
        level=change.level,
        on=on and risen <= _RISEN,
        off=off or risen > 2 * _RISEN,
        found=f"{change.words} is {now:.3g}, {start:.3g} at the start of {stage}, and accuracy has "
        "not risen",
        values={"now": now, "start": start, "threshold": bound},
    )
