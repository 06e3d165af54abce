"""How far a run has come, told while it is asked."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from types import TracebackType
from typing import Final, TextIO, TypeAlias

from rm_eval.backends.backend import Reply
from rm_eval.cost import Purse, Tokens

_EVERY_S: Final = 300.0
"""Seconds between two lines where there is no terminal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a run stands.

    Attributes:
        name: The run's, where there are several; else empty.
        answered, total: Questions.
        asked: Of the answered ones, those of this sitting.
        seconds: Since its first question was asked; loading the model is not counted.
        tokens: Of this sitting.
        cost: Of all runs of the command and their earlier sittings; None without prices.
    """

    name: str
    answered: int
    total: int
    asked: int
    seconds: float
    tokens: Tokens
    cost: float | None

    @property
    def seconds_left(self) -> float | None:
        """At the rate of this sitting; what an earlier one answered took no time in it."""
        if not self.asked:
            return None
        return self.seconds / self.asked * (self.total - self.answered)

    def line(self) -> str:
        """All of it in one line."""
        tokens, new = self.tokens, self.tokens.new
        rate = None if new is None or not self.seconds else new / self.seconds
        left = self.seconds_left
        parts = [
            f"{self.answered} of {self.total} answered",
            "" if tokens.prompt is None else f"{_short(tokens.prompt)} tokens in",
            "" if new is None else f"{_short(new)} out",
            "" if rate is None else f"{_short(rate)}/s",
            "" if left is None or self.answered == self.total else f"{_clock(left)} left",
            "" if self.cost is None else f"cost {self.cost:.2f}",
        ]
        told = ", ".join(part for part in parts if part)
        return f"{self.name}: {told}" if self.name else told


Tell: TypeAlias = Callable[[Standing], None]


class Meter:
    """Counts what is asked and answered in one sitting of a run, and minds the purse.

    Args:
        total: Questions of the run.
        purse: What is spent.
        longest: Most tokens of a reply.
        tell: Told the standing after each reply or batch.
        name: The run's.
        clock: Seconds.
    """

    def __init__(
        self,
        total: int,
        purse: Purse,
        *,
        longest: int,
        tell: Tell | None = None,
        name: str = "",
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self._total, self._purse, self._longest = total, purse, longest
        self._tell, self._name, self._clock = tell, name, clock
        self._began = clock()
        self._tokens = Tokens()
        self._answered = self._asked = self._under_way = self._longest_prompt = 0

    def may_ask(self) -> bool:
        """Whether one more question may be asked beside those under way; it then counts as such.

        Raises:
            EvalError: If a budget cannot be kept.
        """
        wanted = self._under_way + 1
        allowed = self._purse.allows(wanted, prompt=self._longest_prompt, reply=self._longest)
        self._under_way += allowed
        return allowed

    def took(self, replies: Sequence[Reply], answered: int) -> None:
        """Count these in.

        Args:
            replies: What was replied now.
            answered: How many questions of the run have been answered, all sittings together.
        """
        for reply in replies:
            made = Tokens(
                prompt=reply.prompt_tokens,
                visual=reply.visual_tokens,
                cached=reply.cached_tokens,
                new=reply.tokens,
            )
            self._tokens += made
            self._purse.pay(made)
            self._longest_prompt = max(self._longest_prompt, reply.prompt_tokens or 0)
        self._asked += len(replies)
        self._answered = answered
        self._under_way -= len(replies)
        if self._tell is not None:
            self._tell(self._standing(answered))

    def check(self, answered: int) -> None:
        """Refuse to go on where not even one question may be asked any more.

        Raises:
            OverBudget: If the budget does not allow it.
        """
        self._under_way = 0  # what a picture or a failure kept from being asked
        if not self._purse.allows(1, prompt=self._longest_prompt, reply=self._longest):
            raise self._purse.over(max(answered, self._answered), self._total)

    def _standing(self, answered: int) -> Standing:
        return Standing(
            name=self._name,
            answered=answered,
            total=self._total,
            asked=self._asked,
            seconds=self._clock() - self._began,
            tokens=self._tokens,
            cost=self._purse.spent,
        )


class LiveLine:
    """Shows standings: on a terminal in one line that is written over, else in a line at times.

    Args:
        stream: Where to; None: standard error.
        clock: Seconds.
    """

    def __init__(
        self, stream: TextIO | None = None, clock: Callable[[], float] = perf_counter
    ) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._clock = clock
        self._last = clock()
        self._open = False

    def show(self, standing: Standing) -> None:
        """Show where a run stands."""
        if self._stream.isatty():
            columns = shutil.get_terminal_size().columns
            self._stream.write(f"\r{standing.line()[: columns - 1]}\x1b[K")
            self._open = True
            if standing.answered == standing.total:
                self.end()
        elif self._clock() - self._last >= _EVERY_S:
            self._last = self._clock()
            self._stream.write(f"{standing.line()}\n")
        self._stream.flush()

    def end(self) -> None:
        """End the line, so that what comes next begins a new one."""
        if self._open:
            self._stream.write("\n")
            self._stream.flush()
            self._open = False

    def __enter__(self) -> LiveLine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()


def _short(count: float) -> str:
    """A number in few digits: 999, 12.3k, 4.5M."""
    for unit, size in (("M", 1e6), ("k", 1e3)):
        if count >= size:
            return f"{count / size:.1f}{unit}"
    return f"{count:.0f}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"
