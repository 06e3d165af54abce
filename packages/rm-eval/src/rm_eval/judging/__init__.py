"""A judge model for what no rule can read: it says which answer a reply gives, and is measured."""

from rm_eval.judging.accounting import Agreement, Decided, Disagreement, JudgeReport
from rm_eval.judging.judged import judged
from rm_eval.judging.lineages import judged_lineages
from rm_eval.judging.run_judge import judge
from rm_eval.judging.table import judge_markdown

__all__ = [
    "Agreement",
    "Decided",
    "Disagreement",
    "JudgeReport",
    "judge",
    "judge_markdown",
    "judged",
    "judged_lineages",
]
