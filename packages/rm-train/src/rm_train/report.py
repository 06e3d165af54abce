"""One self-contained page about runs: settings, curves, before and after, replies."""

from __future__ import annotations

import base64
import sys
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from io import BytesIO
from pathlib import Path

from rm_eval import EvalError, read_picture
from rm_rewards import Question, RecordError, Reward, gold_answer
from rm_train.curves import plot_curves, read_metrics
from rm_train.measured import (
    Measured,
    changed,
    read_measured,
    share,
    types_in,
    worth_showing,
)
from rm_train.report_style import PAGE
from rm_train.run_directory import RunDirectory, RunError, write_text

_SIDE = 480
"""Pictures of maps are reduced to so many pixels; small ones are enlarged to half of it."""


def write_report(
    runs: Sequence[Path], evals: Sequence[str], html: Path, *, samples: int = 12
) -> None:
    """Write the page.

    Args:
        runs: Run directories. What they hold under `eval/` is compared, in order of time.
        evals: More rm-eval folders, as `NAME=DIR`.
        html: The file; `-` is standard output.
        samples: How many questions are shown with picture and replies.

    Raises:
        RunError: If a folder is no run, or no finished measurement.
        RecordError: If a record cannot be read.
    """
    directories = [_run_at(path) for path in runs]
    measured = [*_own(directories), *(_named(one) for one in evals)]
    parts = [
        *(part for directory in directories for part in _run_section(directory)),
        *_comparison(measured),
        *_samples(measured, samples),
    ]
    title = ", ".join(directory.path.name for directory in directories)
    page = PAGE.format(title=escape(title), body="\n".join(parts))
    if str(html) == "-":
        sys.stdout.write(page)
    else:
        html.parent.mkdir(parents=True, exist_ok=True)
        write_text(html, page)


def _run_at(path: Path) -> RunDirectory:
    directory = RunDirectory(path)
    if not directory.started or not directory.metrics.is_file():
        raise RunError(f"{path}: config.yaml or metrics.jsonl is missing; expected a run directory")
    return directory


def _own(directories: Sequence[RunDirectory]) -> Iterator[Measured]:
    for directory in directories:
        prefix = f"{directory.path.name} " if len(directories) > 1 else ""
        for name in ("before", "after"):
            folder = directory.path / "eval" / name
            if (folder / "rewards.jsonl").is_file():
                yield read_measured(prefix + name, folder)


def _named(text: str) -> Measured:
    name, equals, folder = text.partition("=")
    if not equals or not name or not folder:
        raise RunError(f"--eval: found {text!r}, expected NAME=DIR")
    return read_measured(name, Path(folder))


def _run_section(directory: RunDirectory) -> Iterator[str]:
    metrics = read_metrics(directory.metrics)
    if not metrics:
        raise RunError(f"{directory.metrics}: no step yet, so there is nothing to report")
    picture = BytesIO()
    plot_curves(metrics, picture)
    last = metrics[-1]
    settings = escape(directory.config.read_text(encoding="utf-8"))
    seconds = sum(line["step_time"] for line in metrics)
    yield f"<h2>Run {escape(directory.path.name)}</h2>"
    yield (
        f"<p>{len(metrics)} steps in {seconds:.0f} s of training; at the end reward "
        f"{last['reward']:.3f}, accuracy of the samples {last['accuracy']:.3f}.</p>"
    )
    yield f'<img class="curves" alt="reward and accuracy by step" src="{_data_uri(picture)}">'
    yield f"<details><summary>Settings</summary><pre>{settings}</pre></details>"


def _comparison(measured: Sequence[Measured]) -> Iterator[str]:
    if not measured:
        return
    paired = len(measured) > 1
    yield "<h2>Held-out accuracy</h2>"
    yield "<p>Greedy replies; in brackets Wilson's 95 % interval."
    if paired:
        first, second = escape(measured[0].name), escape(measured[1].name)
        yield (
            f" Gained and lost: questions that only “{second}” or only “{first}” has right; p: "
            "McNemar's exact test on them."
        )
    yield "</p><table><tr><th>type</th><th>questions</th>"
    yield "".join(f"<th>{escape(one.name)}</th>" for one in measured)
    yield "<th>gained</th><th>lost</th><th>p</th></tr>" if paired else "</tr>"
    kinds: list[str | None] = [*types_in(measured), None]
    for kind in kinds:
        yield _row(measured, kind)
    yield "</table>"


def _row(measured: Sequence[Measured], kind: str | None) -> str:
    shares = [share(one, kind) for one in measured]
    cells = [f"<td>{escape(kind or 'all')}</td><td>{shares[0].n}</td>"]
    for found in shares:
        low, high = found.interval
        cells.append(f"<td>{found.accuracy:.3f} <small>[{low:.2f}, {high:.2f}]</small></td>")
    if len(measured) > 1:
        gained, lost, p = changed(measured[0], measured[1], kind)
        cells.append(f"<td>{gained}</td><td>{lost}</td><td>{p:.2g}</td>")
    return f"<tr>{''.join(cells)}</tr>"


def _samples(measured: Sequence[Measured], count: int) -> Iterator[str]:
    chosen = worth_showing(measured, count)
    if not chosen:
        return
    yield "<h2>Questions and replies</h2>"
    yield "<p>Of each type in turn: gained, lost, wrong and right ones.</p>"
    for key in chosen:
        yield from _sample(measured, key)


def _sample(measured: Sequence[Measured], key: str) -> Iterator[str]:
    question = measured[0].questions[key]
    yield f'<section class="sample"><h3>{escape(question.type)} <small>{escape(key)}</small></h3>'
    yield f'<div class="columns">{_picture(question, measured[0].folder)}<div>'
    yield f"<h4>Question</h4><pre>{escape(question.question)}</pre>"
    yield f"<h4>Gold answer</h4><pre>{escape(_gold(question))}</pre></div></div>"
    yield '<div class="replies">'
    for one in measured:
        if key in one.rewards:
            yield _reply(one.name, one.replies[key].text, one.rewards[key])
    yield "</div></section>"


def _gold(question: Question) -> str:
    try:
        return gold_answer(question)
    except RecordError as error:
        return f"not known ({error})"


def _reply(name: str, text: str, reward: Reward) -> str:
    verdict = "right" if reward.correct else "wrong"
    rows: Mapping[str, object] = {
        "total": f"{reward.total:.3g}",
        "format": f"{reward.format:.3g}",
        "correctness": f"{reward.correctness:.3g}",
        "detail": f"{reward.detail:.3g}",
        "weight": f"{reward.weight:.3g}",
        "understood as": reward.parsed if reward.parsed is not None else f"({reward.status})",
        "reasons": ", ".join(reward.reasons) or "none",
    }
    table = "".join(
        f"<tr><td>{escape(label)}</td><td>{escape(str(value))}</td></tr>"
        for label, value in rows.items()
    )
    return (
        f'<div class="reply {verdict}"><h4>{escape(name)}: {verdict}</h4>'
        f"<pre>{escape(text) or '(empty)'}</pre><table>{table}</table></div>"
    )


def _picture(question: Question, folder: Path) -> str:
    if not question.figure:
        return ""
    try:
        shown = read_picture(folder / question.figure)
    except EvalError:
        return f"<p>{escape(question.figure)} cannot be opened.</p>"
    shown.thumbnail((_SIDE, _SIDE))
    stream = BytesIO()
    shown.save(stream, format="PNG")
    width = max(shown.width, _SIDE // 2)
    return f'<img alt="the map" width="{width}" src="{_data_uri(stream)}">'


def _data_uri(png: BytesIO) -> str:
    return "data:image/png;base64," + base64.b64encode(png.getvalue()).decode("ascii")
