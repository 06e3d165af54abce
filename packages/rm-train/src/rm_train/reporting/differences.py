"""What differs between runs: settings, versions and fingerprints; only what differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Final

from rm_train.reporting.recorded import Recorded

_NOT_COMPARED: Final = frozenset({"out", "resume"})
_MISSING: Final = object()


def differing(
    values: Sequence[Mapping[str, object]], ignored: frozenset[str] = frozenset()
) -> list[tuple[str, list[object]]]:
    """The names whose values are not the same everywhere, with the values; None where missing."""
    names = dict.fromkeys(name for one in values for name in one if name not in ignored)
    rows = [(name, [one.get(name, _MISSING) for one in values]) for name in names]
    return [
        (name, [None if value is _MISSING else value for value in row])
        for name, row in rows
        if any(value != row[0] for value in row)
    ]


def differences_section(runs: Sequence[Recorded]) -> Iterator[str]:
    """Tables for several runs, and every run's settings folded away."""
    yield "<h2>Settings</h2>"
    if len(runs) > 1:
        settings = differing([run.settings for run in runs], _NOT_COMPARED)
        versions = differing([run.versions for run in runs])
        yield from _table("Settings that differ", runs, settings)
        yield from _table("Versions and fingerprints that differ", runs, versions)
    for run in runs:
        versions = "\n".join(f"{name}: {value}" for name, value in run.versions.items())
        yield (
            f"<details><summary>All settings and versions of {escape(run.name)}</summary>"
            f"<pre>{escape(run.text)}</pre><pre>{escape(versions)}</pre></details>"
        )


def _table(
    title: str, runs: Sequence[Recorded], rows: Sequence[tuple[str, list[object]]]
) -> Iterator[str]:
    if not rows:
        yield f"<p>{escape(title)}: none.</p>"
        return
    yield f'<h3>{escape(title)}</h3><div class="wide"><table><tr><th></th>'
    yield "".join(f"<th>{escape(run.name)}</th>" for run in runs)
    yield "</tr>"
    for name, values in rows:
        cells = "".join(f"<td>{escape(_shown(value))}</td>" for value in values)
        yield f"<tr><td>{escape(name)}</td>{cells}</tr>"
    yield "</table></div>"


def _shown(value: object) -> str:
    """The value; of a fingerprint, the start."""
    text = "not set" if value is None else str(value)
    return text[:12] + "…" if len(text) == 64 and text.isalnum() else text
