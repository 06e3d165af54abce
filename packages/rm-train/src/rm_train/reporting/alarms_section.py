"""The alarms of runs, as the watchdog wrote them down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import cast

from rm_train.reporting.recorded import Line, Recorded


def alarms_section(runs: Sequence[Recorded]) -> Iterator[str]:
    """A table of all alarms; that there are none is said too."""
    yield "<h2>Alarms</h2>"
    rows = [(run, line) for run in runs for line in run.alarms or ()]
    silent = [run.name for run in runs if not run.alarms]
    if silent:
        whose = "" if len(runs) == 1 else f" of {escape(', '.join(silent))}"
        yield f"<p>None recorded{whose}.</p>"
    if not rows:
        return
    head = "<th>run</th>" if len(runs) > 1 else ""
    yield f'<div class="wide"><table class="alarms"><tr>{head}<th>step</th><th>level</th>'
    yield "<th>what</th><th>message</th></tr>"
    for run, line in rows:
        first = f"<td>{escape(run.name)}</td>" if len(runs) > 1 else ""
        level = str(line.get("level", ""))
        style = "error" if level == "error" else "warning"
        yield (
            f'<tr class="{style}">{first}<td>{_text(line, "step")}</td>'
            f"<td>{escape(level)}</td><td>{_text(line, 'code')}</td><td>{_message(line)}</td></tr>"
        )
    yield "</table></div>"


def _text(line: Line, name: str) -> str:
    return escape(str(line.get(name, "")))


def _message(line: Line) -> str:
    values = cast("object", line.get("values"))
    if not isinstance(values, dict) or not values:
        return _text(line, "message")
    found = cast("dict[str, object]", values).items()
    shown = (f"{name} {v:.3g}" if isinstance(v, float) else f"{name} {v}" for name, v in found)
    return f"{_text(line, 'message')}<br><small>{escape(', '.join(shown))}</small>"
