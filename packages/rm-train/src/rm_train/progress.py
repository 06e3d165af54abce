"""What a person sees of a run while it goes: a panel on a terminal, a line a minute elsewhere."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Final, TextIO, TypeAlias

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

Line: TypeAlias = Mapping[str, Any]

_REMEMBERED: Final = 20
_PAUSE: Final = 60.0


class Pace:
    """How fast the last steps were, by the clock on the wall.

    Args:
        total: How many steps there are in all.
        replies: How many replies a step samples.
        clock: Gives seconds.
    """

    def __init__(
        self, total: int, replies: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.total = total
        self._replies = replies
        self._clock = clock
        self._last = clock()
        self._seconds: deque[float] = deque(maxlen=_REMEMBERED)

    def add(self) -> None:
        """A step is done."""
        now = self._clock()
        self._seconds.append(now - self._last)
        self._last = now

    @property
    def seconds(self) -> float:
        """Seconds of a step, mean of the last ones; 0 before the first."""
        return sum(self._seconds) / len(self._seconds) if self._seconds else 0.0

    def left(self, step: int) -> str:
        """How long the steps after `step` will take, as a text: `about 2 h 5 min`."""
        return duration((self.total - step) * self.seconds)

    def tokens(self, line: Line) -> float:
        """Sampled tokens a second."""
        sampled = float(line.get("completion_length", 0.0)) * self._replies
        return sampled / self.seconds if self.seconds else 0.0


def duration(seconds: float) -> str:
    """A span in the two largest units: `1 d 3 h`, `2 h 5 min`, `4 min 10 s`, `7 s`."""
    left = max(0, round(seconds))
    units = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
    parts: list[tuple[str, int]] = []
    for name, size in units:
        count, left = divmod(left, size)
        parts.append((name, count))
    first = next((place for place, (_, count) in enumerate(parts) if count), len(parts) - 1)
    return " ".join(f"{count} {name}" for name, count in parts[first : first + 2] if count) or "0 s"


def as_text(line: Line, pace: Pace) -> str:
    """A step of metrics.jsonl as one line."""
    width = len(str(pace.total))
    parts = [
        f"step {line['step']:>{width}}/{pace.total}",
        *(f"{name} {value}" if name else value for name, value in _numbers(line, pace)),
    ]
    if line["step"] < pace.total:
        parts.append(f"{pace.left(line['step'])} left")
    return "  ".join(parts)


def _numbers(line: Line, pace: Pace) -> list[tuple[str, str]]:
    """Names and values, those that the step has."""
    found = [("", str(line["stage"])), *_parts(line)]
    if "accuracy" in line:
        found.append(("accuracy", f"{line['accuracy']:.3f}"))
    if "dead_groups" in line:
        found.append(("dead", f"{line['dead_groups']:.0%}"))
    for name, shown in (("kl", ".4f"), ("entropy", ".3f"), ("grad_norm", ".3g")):
        if isinstance(line.get(name), float):
            found.append((name.removesuffix("_norm"), format(line[name], shown)))
    if "completion_length" in line:
        found.append(("tokens/s", f"{pace.tokens(line):,.0f}"))
    found.append(("", f"{line.get('step_time', pace.seconds):.2f} s"))
    return found


def _parts(line: Line) -> list[tuple[str, str]]:
    """The reward and, in brackets, its parts; of a warm-up the loss."""
    if "reward" not in line:
        return [("loss", f"{line['loss']:.3f}")]
    parts = {name: value for name, value in line.get("rewards", {}).items() if value is not None}
    inner = ", ".join(f"{name} {value:.2f}" for name, value in parts.items())
    return [("reward", f"{line['reward']:.3f}" + (f" ({inner})" if len(parts) > 1 else ""))]


def as_panel(line: Line, pace: Pace) -> Group:
    """A step of metrics.jsonl as a few lines under each other, with a bar."""
    step = int(line["step"])
    head = Table.grid(padding=(0, 2))
    head.add_row(
        Text(f"step {step}/{pace.total}", style="bold"),
        ProgressBar(pace.total, step, width=30, complete_style="cyan", finished_style="cyan"),
        Text(f"{pace.left(step)} left" if step < pace.total else "done"),
        Text(f"stage {line['stage']}", style="cyan"),
    )
    shown = [found for found in _numbers(line, pace)[1:] if found[0]]
    texts = [Text.assemble((f"{name} ", "dim"), value) for name, value in shown]
    body = Text("   ").join(texts)
    kinds: Mapping[str, float | None] = line.get("accuracy_by_type", {})
    right, wrong = line.get("dead_right"), line.get("dead_wrong")
    foot = [f"{kind} {value:.2f}" for kind, value in kinds.items() if value is not None]
    if right is not None and wrong is not None:
        foot.append(f"dead: all right {right:.0%}, all wrong {wrong:.0%}")
    return Group(head, body, Text("  ".join(foot), style="dim"))


class Progress:
    """Shows the steps of a run; to be entered before the first and left after the last.

    On a terminal the newest step stands in a panel that is drawn over itself, and what else is
    written to the screen goes above it. Elsewhere the first step, the last one, each new stage and
    one step a minute become lines, without any control characters.

    Args:
        total: How many steps there are in all.
        replies: How many replies a step samples.
        tell: Takes the lines.
        stream: What may be a terminal; unset: standard error.
    """

    def __init__(
        self, total: int, replies: int, tell: Callable[[str], None], stream: TextIO | None = None
    ) -> None:
        self._pace = Pace(total, replies)
        self._tell = tell
        console = Console(file=stream or sys.stderr)
        self._console = console if console.is_terminal and not console.is_dumb_terminal else None
        self._entered = False
        self._live: Live | None = None
        self._newest: Line | None = None
        self._stage: object = None
        self._shown = 0.0

    def __enter__(self) -> Progress:
        self._entered = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the panel away and leave the newest step as a line."""
        if self._live is not None:
            self._live.stop()
            self._live = None
            if self._newest is not None:
                self._tell(as_text(self._newest, self._pace))

    def __call__(self, line: Line) -> None:
        """Show a step: a line of metrics.jsonl."""
        assert self._entered, "a panel that nobody leaves stays on the screen"
        self._pace.add()
        self._newest = line
        if self._console is None:
            self._line(line)
            return
        if self._live is None:  # begun here, so that a process that shows no step draws nothing
            self._live = Live(console=self._console, transient=True, auto_refresh=False)
            self._live.start()
        self._live.update(as_panel(line, self._pace), refresh=True)

    def _line(self, line: Line) -> None:
        now = time.monotonic()
        new_stage = line["stage"] != self._stage
        if line["step"] < self._pace.total and not new_stage and now - self._shown < _PAUSE:
            return
        self._stage, self._shown = line["stage"], now
        self._tell(as_text(line, self._pace))
