"""Levels, drops, paired tests and consistency as tables: for a console, in markdown, as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from io import StringIO

from rm_eval.exporting.tables import guarded
from rm_eval.generalisation.consistency import MATCHES
from rm_eval.generalisation.levels import LEVELS
from rm_eval.generalisation.measuring import DROPS, Cell, Drop, Generalisation, RunLevels, Share
from rm_eval.report import percent

_NAMES = {
    "L1": "L1: seen city, new question",
    "L2": "L2: unseen city",
    "L3": "L3: unseen city and type",
    "all": "all three",
}
_LEGEND = (
    "Accuracy in %, in brackets the 95 % interval of the cluster bootstrap over maps. A drop is "
    "between two different sets of questions; its interval combines theirs."
)
_TESTED = (
    "Each run against the first on the same questions; p flips the sign of whole maps, and Holm p "
    "corrects it over the levels. A tie says that no difference was shown, not that there is none."
)
_CONSISTENT = (
    "Consistent: the answer is what the reasoning came to, both read by rule. What cannot be read "
    "in one of them counts as not consistent. Another way: the reasoning came to something else."
)


@dataclass(frozen=True, slots=True)
class _Table:
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    legend: str


def markdown(found: Generalisation) -> str:
    """The tables in markdown."""
    lines = [*_head(found), ""]
    for table in _tables(found):
        lines += [f"## {table.title}", "", _line(table.head), _rule(len(table.head))]
        lines += [*map(_line, table.rows), "", table.legend, ""]
    return "\n".join(lines)


def console(found: Generalisation) -> str:
    """The tables in aligned columns."""
    lines = [*_head(found), ""]
    for table in _tables(found):
        cells = (table.head, *table.rows)
        widths = [max(len(row[place]) for row in cells) for place in range(len(table.head))]
        lines += [table.title, *(_aligned(row, widths) for row in cells), table.legend, ""]
    return "\n".join(lines)


def as_csv(found: Generalisation) -> str:
    """One row a run and level; shares in [0, 1]."""
    rows = [_record(run, cell) for run in found.runs for cell in run.cells]
    stream = StringIO()
    writer = csv.DictWriter(stream, list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def _record(run: RunLevels, cell: Cell) -> dict[str, object]:
    accuracy, agree = cell.accuracy, cell.consistency
    told = {
        f"{name}_{match}": counts[match]
        for name, counts in (("right", cell.right), ("wrong", cell.wrong))
        for match in MATCHES
    }
    named = {"run": guarded(run.name), "level": cell.level, "maps": cell.maps}
    share = {key: value for key, value in asdict(accuracy).items() if key not in ("count", "value")}
    return {
        **named,
        **share,
        "correct": accuracy.count,
        "accuracy": accuracy.value,
        "consistency_n": agree.n if agree else 0,
        "consistency": agree.value if agree else "",
        "consistency_low": agree.low if agree else "",
        "consistency_high": agree.high if agree else "",
        **told,
    }


def _head(found: Generalisation) -> Iterator[str]:
    counts = {cell.level: cell.accuracy.n for cell in found.runs[0].cells}
    told = ", ".join(f"{counts.get(level, 0)} on {level}" for level in LEVELS)
    yield f"Against {found.trained_on} training questions of {found.training}: {told}."
    if found.asides:
        aside = "; ".join(f"{count} {why}" for why, count in found.asides.items())
        yield f"On no level, and counted nowhere: {aside}."


def _tables(found: Generalisation) -> Iterator[_Table]:
    if not found.runs[0].cells:
        return
    yield _accuracy(found)
    if found.against:
        yield _against(found)
    rows = [_agreement(run.name, cell) for run in found.runs for cell in run.cells]
    if any(rows):
        head = ("run", "level", "n", "consistent %")
        right = ("right, consistent", "right, another way", "right, unread")
        wrong = ("wrong, consistent", "wrong, another way", "wrong, unread")
        kept = tuple(row for row in rows if row)
        yield _Table("Consistency", (*head, *right, *wrong), kept, _CONSISTENT)


def _accuracy(found: Generalisation) -> _Table:
    rows: list[tuple[str, ...]] = []
    by_run = [{cell.level: cell for cell in run.cells} for run in found.runs]
    for level, first in by_run[0].items():
        counts = (str(first.accuracy.n), str(first.maps))
        rows.append((_NAMES[level], *counts, *(_share(one[level].accuracy) for one in by_run)))
    for place, drop in enumerate(found.runs[0].drops):
        cells = (_drop(run.drops[place]) for run in found.runs)
        rows.append((f"{drop.start} to {drop.end}", "", "", *cells))
    missing = [f"{start} to {end}" for start, end in DROPS if len(found.runs[0].drops) < len(DROPS)]
    note = " A level without questions has no row." if missing else ""
    head = ("level", "n", "maps", *(run.name for run in found.runs))
    return _Table("Accuracy by level", head, tuple(rows), _LEGEND + note)


def _against(found: Generalisation) -> _Table:
    rows = tuple(
        (
            *(one.run, one.level, _signed(one.test.difference)),
            f"{_signed(one.test.low)} to {_signed(one.test.high)}",
            *(str(one.test.gained), str(one.test.lost)),
            *(f"{one.test.p:.3g}", f"{one.adjusted:.3g}", one.verdict),
        )
        for one in found.against
    )
    head = ("run", "level", "difference", "95 % interval", "gained", "lost", "p", "Holm p")
    return _Table(f"Against {found.runs[0].name}", (*head, "verdict"), rows, _TESTED)


def _agreement(run: str, cell: Cell) -> tuple[str, ...]:
    if cell.consistency is None:
        return ()
    counts = (str(held[match]) for held in (cell.right, cell.wrong) for match in MATCHES)
    return (run, cell.level, str(cell.consistency.n), _share(cell.consistency), *counts)


def _share(share: Share) -> str:
    return f"{percent(share.value)} [{percent(share.low)}, {percent(share.high)}]"


def _drop(drop: Drop) -> str:
    return f"{_signed(drop.difference)} [{_signed(drop.low)}, {_signed(drop.high)}]"


def _signed(share: float) -> str:
    return f"{100 * share:+.1f}"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _rule(columns: int) -> str:
    return "|---" + "|--:" * (columns - 1) + "|"


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = (
        cell.ljust(width) if place == 0 else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  " + "  ".join((first, *rest)).rstrip()
