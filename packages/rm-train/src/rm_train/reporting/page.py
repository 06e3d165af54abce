"""The page about one run or several, put together and written."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from rm_train.reporting.alarms_section import alarms_section
from rm_train.reporting.curves_section import curves_section
from rm_train.reporting.differences import differences_section
from rm_train.reporting.frame import framed
from rm_train.reporting.held_out_section import (
    comparison_section,
    held_out_samples_section,
    measurements,
)
from rm_train.reporting.pictures import Pictures
from rm_train.reporting.recorded import Line, Recorded, read_runs
from rm_train.reporting.training_samples import training_samples_section
from rm_train.run_directory import write_text


def write_report(
    runs: Sequence[Path], evals: Sequence[str], html: Path, *, samples: int = 12
) -> None:
    """Write the page.

    Args:
        runs: Run directories, also of runs that go on. What they hold under `eval/` is compared.
        evals: More rm-eval folders, as `NAME=DIR`.
        html: The file; `-` is standard output.
        samples: How many questions are shown with picture and replies, of each kind.

    Raises:
        RunError: If a folder is no run, or no finished measurement.
        RecordError: If a record cannot be read.
    """
    recorded = read_runs(runs)
    measured = measurements(recorded, evals)
    pictures = Pictures()
    parts = [
        *_summary(recorded),
        *alarms_section(recorded),
        *comparison_section(measured),
        *curves_section(recorded),
        *training_samples_section(recorded, samples, pictures),
        *held_out_samples_section(measured, samples, pictures),
        *differences_section(recorded),
    ]
    page = framed("rm-train: " + ", ".join(run.name for run in recorded), "\n".join(parts))
    if str(html) == "-":
        sys.stdout.write(page)
    else:
        html.parent.mkdir(parents=True, exist_ok=True)
        write_text(html, page)


def _summary(runs: Sequence[Recorded]) -> Iterator[str]:
    yield '<div class="wide"><table><tr><th>run</th><th>model</th><th>method</th><th>reward</th>'
    yield "<th>order</th><th>steps</th><th>time</th><th>mean reward</th><th>accuracy</th></tr>"
    for run in runs:
        cells = [
            f'<b style="color:{run.colour}">{escape(run.name)}</b>',
            *(escape(str(run.settings.get(n, ""))) for n in ("model", "method", "reward")),
            escape(str(run.settings.get("schedule", ""))),
            str(len(run.metrics) or len(run.warmup)),
            _time(run.metrics),
            _ends(run.metrics, "reward"),
            _ends(run.metrics, "accuracy"),
        ]
        yield f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
    yield "</table></div><p><small>Mean reward and accuracy of the sampled replies: over the first "
    yield "and over the last tenth of the steps.</small></p>"


def _time(lines: Sequence[Line]) -> str:
    from rm_train.progress import duration  # noqa: PLC0415 - keeps rich out of `--help`

    seconds = [line["step_time"] for line in lines if "step_time" in line]
    return duration(sum(seconds)) if seconds else ""


def _ends(lines: Sequence[Line], name: str) -> str:
    found = [float(line[name]) for line in lines if line.get(name) is not None]
    tenth = max(1, len(found) // 10)
    if not found:
        return ""
    first, last = found[:tenth], found[-tenth:]
    return f"{sum(first) / len(first):.3f} → {sum(last) / len(last):.3f}"
