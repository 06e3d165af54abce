"""Held-out questions before and after: accuracy with intervals, and replies side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from rm_train.measured import Measured, changed, read_measured, share, types_in, worth_showing
from rm_train.reporting.filters import filters, marked
from rm_train.reporting.pictures import Pictures
from rm_train.reporting.recorded import Recorded
from rm_train.reporting.reply import reply_card
from rm_train.reporting.training_samples import asked_words
from rm_train.run_directory import RunError


def measurements(runs: Sequence[Recorded], evals: Sequence[str]) -> list[Measured]:
    """What the runs measured before and after, and rm-eval folders given as `NAME=DIR`.

    Raises:
        RunError: If a folder is no finished measurement.
        RecordError: If a record cannot be read.
    """
    found: list[Measured] = []
    for run in runs:
        prefix = f"{run.name} " if len(runs) > 1 else ""
        for name in ("before", "after"):
            folder = run.directory.path / "eval" / name
            if (folder / "rewards.jsonl").is_file():
                found.append(read_measured(prefix + name, folder))
    return found + [_named(text) for text in evals]


def _named(text: str) -> Measured:
    name, equals, folder = text.partition("=")
    if not equals or not name or not folder:
        raise RunError(f"--eval: found {text!r}, expected NAME=DIR")
    return read_measured(name, Path(folder))


def comparison_section(measured: Sequence[Measured]) -> Iterator[str]:
    """A table by type; each further measurement is paired with the first."""
    if not measured:
        return
    yield "<h2>Held-out accuracy</h2>"
    yield "<p>Greedy replies; in brackets Wilson's 95 % interval."
    if len(measured) > 1:
        first = escape(measured[0].name)
        yield (
            f" Below it the questions gained and lost against “{first}” and the p of McNemar's "
            "exact test on them."
        )
    yield '</p><div class="wide"><table><tr><th>type</th><th>questions</th>'
    yield "".join(f"<th>{escape(one.name)}</th>" for one in measured)
    yield "</tr>"
    kinds: list[str | None] = [*types_in(measured), None]
    for kind in kinds:
        yield _row(measured, kind)
    yield "</table></div>"


def _row(measured: Sequence[Measured], kind: str | None) -> str:
    cells = [f"<td>{escape(kind or 'all')}</td><td>{share(measured[0], kind).n}</td>"]
    for place, one in enumerate(measured):
        found = share(one, kind)
        low, high = found.interval
        text = f"{found.accuracy:.3f} <small>[{low:.2f}, {high:.2f}]</small>"
        if place:
            gained, lost, p = changed(measured[0], one, kind)
            text += f"<br><small>+{gained} −{lost}, p {p:.2g}</small>"
        cells.append(f"<td>{text}</td>")
    return f"<tr>{''.join(cells)}</tr>"


def held_out_samples_section(
    measured: Sequence[Measured], count: int, pictures: Pictures
) -> Iterator[str]:
    """Questions with picture and all replies; those that changed first."""
    chosen = worth_showing(measured, count)
    if not chosen:
        return
    kinds = types_in(measured)
    yield "<h2>Held-out questions and replies</h2>"
    yield "<p>Of each type in turn: gained, lost, wrong and right ones.</p>"
    yield filters("held", {"type": kinds, "verdict": ["right", "wrong"]})
    yield '<div id="held">'
    for key in chosen:
        yield _sample(measured, key, pictures)
    yield "</div>"


def _sample(measured: Sequence[Measured], key: str, pictures: Pictures) -> str:
    question = measured[0].questions[key]
    held = [one for one in measured if key in one.rewards]
    verdict = "right" if held[-1].rewards[key].correct else "wrong"
    replies = "".join(
        reply_card(one.name, one.replies[key].text, one.rewards[key], None) for one in held
    )
    attributes = marked({"type": question.type, "verdict": verdict})
    return (
        f'<section class="sample" {attributes}><h3>{escape(question.type)} '
        f'<small>{escape(key)}</small></h3><div class="columns">'
        f"{pictures.of(question, measured[0].folder)}{asked_words(question)}</div>"
        f'<div class="replies">{replies}</div></section>'
    )
