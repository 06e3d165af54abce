"""A comparison as a page of markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rm_eval.comparison import Comparison, Row
from rm_eval.metrics import Score
from rm_eval.report import percent
from rm_eval.statistics import ALPHA, PairedTest


def markdown(comparison: Comparison, *, margin: float | None, items: int) -> str:
    """The table, what it means, and the questions that changed."""
    heads = ["", "n", "clusters", *map(_cell, comparison.runs), "difference", "95 % interval"]
    heads += ["gained", "lost", *(["by noise"] if _noisy(comparison) else [])]
    heads += ["McNemar p", "clustered p", "Holm p", "verdict"]
    lines = [_line(heads), "|---" + "|--:" * (len(heads) - 2) + "|---|"]
    for row in comparison.rows:
        lines += _row(row)
    lines += ["", _legend(comparison), "", *_power(comparison.rows)]
    if margin is not None:
        lines += ["", *_margin(comparison, margin)]
    lines += _items("Learned", comparison.learned, items)
    lines += _items("Forgotten", comparison.forgotten, items)
    lines += [
        f"Not the same in all runs: {name} ({', '.join(values)})."
        for name, values in comparison.differing.items()
    ]
    return "\n".join(lines) + "\n"


def _row(row: Row) -> Iterator[str]:
    plain = [f"{percent(s.accuracy)} [{percent(s.low)}, {percent(s.high)}]" for s in row.scores]
    judged = [f"{row.adjusted:.3g}", f"**{row.verdict}**" if row.verdict != "tie" else "tie"]
    counts = [str(row.test.n), str(row.test.clusters)]
    last = ["", ""] if row.weighted else judged
    yield _line(
        [
            *(_cell(row.name), *counts, *plain, *_change(row.test)),
            *_floor(row, f"{row.noise:.1f}" if row.noise is not None else ""),
            *(f"{row.p:.3g}", *_p(row.test, last)),
        ]
    )
    if row.weighted is not None:
        cells = [_weighted(score) for score in row.scores]
        change = _change(row.weighted)
        yield _line(
            [
                *(f"{_cell(row.name)}, weighted", *counts, *cells, *change),
                *(*_floor(row, ""), "", *_p(row.weighted, judged)),
            ]
        )


def _weighted(score: Score) -> str:
    share, low, high = score.weighted_accuracy, score.weighted_low, score.weighted_high
    if share is None or low is None or high is None:  # a benchmark's types all have weights
        return ""
    return f"{percent(share)} [{percent(low)}, {percent(high)}]"


def _change(test: PairedTest) -> list[str]:
    interval = f"{_signed(test.low)} to {_signed(test.high)}"
    return [_signed(test.difference), interval, str(test.gained), str(test.lost)]


def _p(test: PairedTest, last: Sequence[str]) -> list[str]:
    return [f"{test.p:.3g}" if test.exact else f"{test.p:.2g} (drawn)", *last]


def _legend(comparison: Comparison) -> str:
    first, second = comparison.runs[:2]
    noise = (
        "By noise: how many replies would change sides in a repeat of one and the same run, as its "
        "noise.json says. "
    )
    return (
        "Accuracy in %; in brackets 95 % intervals: Wilson's, and the cluster bootstrap where "
        "weighted: by the benchmark's weights, or as the mean that it is defined as. Clusters are "
        "maps, pictures, or questions asked in several orders. Difference, gained and lost: "
        f"{second} against {first}, with the cluster-robust interval. "
        f"{noise if _noisy(comparison) else ''}McNemar p takes the questions for independent; "
        "clustered p flips the sign of whole clusters. Holm p corrects the clustered p over the "
        "benchmarks, and over their parts apart. The verdict is better or worse where that is "
        "below 0.05, and a tie otherwise: no difference was shown, which is not the same as none."
    )


def _noisy(comparison: Comparison) -> bool:
    return any(row.noise is not None for row in comparison.rows)


def _floor(row: Row, cell: str) -> list[str]:
    return [] if row.noise is None else [cell]


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _power(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        if row.verdict == "tie":
            yield f"- {row.name}: a tie. {_could_see(row.decisive)}"


def _could_see(test: PairedTest) -> str:
    changed = test.gained + test.lost
    if changed and test.least_net is None:
        seen = (
            f"With {changed} changed questions not even {changed} gained and none lost would be "
            "significant"
        )
    elif changed:
        seen = (
            f"{changed} questions changed, by {test.gained - test.lost:+d}; McNemar's test asks "
            f"for {test.least_net} among so many"
        )
    else:
        seen = "No question changed"
    if 2 * 0.5**test.clusters >= ALPHA:
        few = f"{test.clusters} clusters are" if test.clusters > 1 else "One cluster is"
        return f"{seen}. {few} too few for the clustered test to find anything."
    if test.detectable is not None:
        seen += f"; a true difference of {percent(test.detectable)} points would be found in 80 %"
    return f"{seen}."


def _margin(comparison: Comparison, margin: float) -> Iterator[str]:
    doubtful = comparison.perhaps_worse(margin)
    said = f"Not worse by {percent(margin)} points or more (one-sided 2.5 % level): "
    if doubtful:
        yield f"{said}not shown for {', '.join(doubtful)}."
    else:
        yield f"{said}shown."


def _items(title: str, names: Sequence[str], most: int) -> Iterator[str]:
    if names:
        more = f" and {len(names) - most} more" if len(names) > most else ""
        shown = ", ".join(_code(name) for name in names[:most])
        yield ""
        yield f"{title} ({len(names)}): {shown}{more}."


def _code(name: str) -> str:
    return f"`{' '.join(name.replace('`', chr(39)).split())}`"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _signed(share: float) -> str:
    return f"{100 * share:+.1f}"
