"""The scores of a run, or the comparison of some, as a LaTeX table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from rm_eval.benchmark_numbers import numbers_of
from rm_eval.benchmarks import BENCHMARKS
from rm_eval.comparison import Comparison, Row
from rm_eval.finished import Run
from rm_eval.metrics import Score, by_group, by_type, score_of
from rm_eval.tasks import GENERAL

_SPECIAL: Final = {
    **{letter: f"\\{letter}" for letter in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\\": r"\textbackslash{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
}


def latex_table(run: Run) -> str:
    """A tabular of the scores by type and by benchmark, in %; it needs the package booktabs.

    Accuracy with the cluster bootstrap's interval, and the weighted accuracy with its own.
    """
    parts = {**by_type(run.graded), **by_group(run.graded)}
    scores = [score_of(name, graded) for name, graded in parts.items()]
    numbers = [number for task in GENERAL for number in _numbers(run, task)]
    lines = [
        f"% {escaped(run.name)}: accuracy in % with 95 % cluster bootstrap intervals over maps",
        r"\begin{tabular}{lrrll}",
        r"\toprule",
        r" & $n$ & maps & accuracy & weighted accuracy \\",
        r"\midrule",
        *(_row(score) for score in scores),
        *([r"\midrule", *numbers] if numbers else []),
        r"\bottomrule",
        r"\end{tabular}",
    ]
    return "\n".join(lines) + "\n"


def comparison_table(comparison: Comparison) -> str:
    """A tabular of runs side by side, in %, with the difference of the first two and its verdict.

    Weighted accuracy where the benchmark weights.
    """
    runs = " & ".join(escaped(run) for run in comparison.runs)
    lines = [
        "% accuracy in % with 95 % cluster bootstrap intervals; difference of the first two runs "
        "with its cluster-robust interval; Holm p of the clustered sign-flip test",
        rf"\begin{{tabular}}{{lr{'l' * len(comparison.runs)}lrl}}",
        r"\toprule",
        rf" & $n$ & {runs} & difference & Holm $p$ & verdict \\",
        r"\midrule",
        *(_compared(row) for row in comparison.rows),
        r"\bottomrule",
        r"\end{tabular}",
    ]
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """A text without anything that LaTeX would act on, in one line of printable letters."""
    one_line = " ".join(text.split())
    shown = "".join(letter for letter in one_line if letter.isprintable())
    safe = re.sub(r"[&%$#_{}~^\\<>]", lambda found: _SPECIAL[found.group()], shown)
    # After the end of a row, `[` and `*` would be read as its argument.
    return f"{{}}{safe}" if safe.startswith(("[", "*")) else safe


def _compared(row: Row) -> str:
    scores = [
        _cell(score.accuracy, score.cluster_low, score.cluster_high)
        if row.weighted is None
        else _cell(score.weighted_accuracy, score.weighted_low, score.weighted_high)
        for score in row.scores
    ]
    test = row.decisive
    change = f"{100 * test.difference:+.1f} [{100 * test.low:+.1f}, {100 * test.high:+.1f}]"
    cells = (escaped(row.name), str(test.n), *scores, change, f"{row.adjusted:.3g}", row.verdict)
    return " & ".join(cells) + r" \\"


def _numbers(run: Run, task: str) -> Iterator[str]:
    """The numbers that a general benchmark defines, the one that is quoted first."""
    results = run.graded.where(lambda stratum: stratum.task == task)
    if not len(results):
        return
    found = numbers_of(task, results, "", BENCHMARKS[task])
    for one in found.numbers:
        cell = _cell(one.value, one.cluster_low, one.cluster_high) or f"{100 * one.value:.1f}"
        name = escaped(f"{found.title}, {one.name}")
        yield f"{name} & {one.n} & {one.clusters or ''} & {cell} & \\\\"


def _row(score: Score) -> str:
    plain = _cell(score.accuracy, score.cluster_low, score.cluster_high)
    weighted = _cell(score.weighted_accuracy, score.weighted_low, score.weighted_high)
    return f"{escaped(score.name)} & {score.n} & {score.clusters} & {plain} & {weighted} \\\\"


def _cell(share: float | None, low: float | None, high: float | None) -> str:
    if share is None or low is None or high is None:
        return ""
    return f"{100 * share:.1f} [{100 * low:.1f}, {100 * high:.1f}]"
