"""The judged extractors of a run, to be set beside the others."""

from __future__ import annotations

from pathlib import Path

from rm_eval.custom import NO_TRUST, Trust
from rm_eval.errors import EvalError
from rm_eval.extractors import Extractor
from rm_eval.judging.judge_model import read_judge
from rm_eval.judging.judged import judged
from rm_eval.judging.verdicts import read_verdicts
from rm_eval.rescoring.scorers import scorers_of


def judged_lineages(
    run: str | Path, extractor: str = "all", trust: Trust = NO_TRUST
) -> tuple[Extractor, ...]:
    """`EXTRACTOR+judge` for each extractor that `judge` was run for to the end.

    Args:
        run: The run folder.
        extractor: Only for this one; `all` for each.
        trust: What may run of a task file that is code.

    Raises:
        EvalError: If there is none.
        RecordError: At a line of the verdicts that is none.
    """
    folder = Path(run)
    held = read_judge(folder)
    verdicts = read_verdicts(folder)
    made = (
        ()
        if held is None
        else tuple(
            judged(one, verdicts, held.judge.name)
            for one in scorers_of(folder, extractor, trust).extractors
            if one.name in held.reports
        )
    )
    if not made:
        raise EvalError(
            f"{folder}: holds no finished verdicts for {extractor}; run rm-eval judge first"
        )
    return made
