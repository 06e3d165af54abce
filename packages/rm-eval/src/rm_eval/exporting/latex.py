"""The scores of a run, or the comparison of some, as a LaTeX table."""

from __future__ import annotations

import re
from typing import Final

from rm_eval.comparison import Comparison, Row
from rm_eval.finished import Run
from rm_eval.metrics import Score, by_group, by_type, score_of

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
    lines = [
        f"% {escaped(run.name)}: accuracy in % with 95 % cluster bootstrap intervals over maps",
        r"\begin{tabular}{lrrll}",
        r"\toprule",
        r" & $n$ & maps & accuracy & weighted accuracy \\",
        r"\midrule",
        *(_row(score) for score in scores),
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


def _row(score: Score) -> str:
    plain = _cell(score.accuracy, score.cluster_low, score.cluster_high)
    weighted = _cell(score.weighted_accuracy, score.weighted_low, score.weighted_high)
    return f"{escaped(score.name)} & {score.n} & {score.clusters} & {plain} & {weighted} \\\\"


def _cell(share: float | None, low: float | None, high: float | None) -> str:
    if share is None or low is None or high is None:
        return ""
    return f"{100 * share:.1f} [{100 * low:.1f}, {100 * high:.1f}]"
