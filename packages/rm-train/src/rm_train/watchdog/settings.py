"""When the watchdog barks: every threshold once, with its meaning and its default."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

OnAlarm: TypeAlias = Literal["warn", "stop"]

Rule: TypeAlias = tuple[str, object, bool, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchConfig:
    """Thresholds of the alarms; 0 switches one off.

    The defaults are ours: quiet on healthy runs of the embedded model, and loud on each failure
    that the tests provoke.
    """

    window: Annotated[int, "Steps over which the watchdog takes means; never over two stages."] = 20
    trend: Annotated[int, "Steps over which it tests trends (and over 4 times as many)."] = 60
    p: Annotated[float, "Error probability of a trend test."] = 1e-3
    dead_hard: Annotated[
        float, "Alarm at this share of groups that are dead and all wrong; 0: never."
    ] = 0.8
    dead_easy: Annotated[
        float, "Alarm at this share of groups that are dead and all right; 0: never."
    ] = 0.97
    unparsed: Annotated[float, "Alarm at this share of replies without an answer, if it does not "
                        "fall; 0: never."] = 0.5  # fmt: skip
    errors: Annotated[
        float, "Grave alarm at this share of replies that could not be scored; 0: never."
    ] = 0.05
    truncated: Annotated[
        float, "Alarm at this share of replies cut off by the limit, if it does not fall; 0: never."
    ] = 0.3
    kl: Annotated[float, "Alarm at this KL divergence from the reference, nats a token."] = 1.0
    entropy_low: Annotated[
        float, "Alarm if entropy falls to this share of its start, and accuracy does not rise."
    ] = 0.1
    entropy_high: Annotated[
        float, "Alarm if entropy grows this many times (and by 0.5 nats), without more accuracy."
    ] = 3.0
    spread: Annotated[
        float, "Alarm if the rewards' deviation falls to this share, without more accuracy."
    ] = 0.1
    length: Annotated[
        float, "Alarm if replies grow this many times longer, without more accuracy."
    ] = 2.0
    hacking: Annotated[
        float, "Alarm if detail (or format) rises by this much while correctness does not; 0: never"
    ] = 0.05
    forgetting: Annotated[
        float, "Alarm if the accuracy of a question type falls by this much, beyond chance."
    ] = 0.2


def watch_rules(c: WatchConfig) -> Iterator[Rule]:
    """Each rule: the setting, its value, whether it can be used, and what was expected."""
    yield "watch.window", c.window, c.window >= 4, "4 steps or more"
    yield "watch.trend", c.trend, c.trend >= 10, "10 steps or more"
    yield "watch.p", c.p, 0 < c.p < 0.5, "a probability above 0 and below 0.5"
    shares = ("dead_hard", "dead_easy", "unparsed", "errors", "truncated", "entropy_low", "spread")
    for name in (*shares, "hacking", "forgetting"):
        value: float = getattr(c, name)
        yield f"watch.{name}", value, 0 <= value <= 1, "a share from 0 to 1 (0: no alarm)"
    for name in ("entropy_high", "length"):
        factor: float = getattr(c, name)
        good = factor == 0 or factor > 1
        yield f"watch.{name}", factor, good, "a factor above 1 (0: no alarm)"
    yield "watch.kl", c.kl, c.kl >= 0, "0 or more (0: no alarm)"
