"""The doctor at the start of a run: findings are told, and errors refuse it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from rm_train.doctor.case import Case
from rm_train.doctor.examination import examine
from rm_train.doctor.finding import errors_in
from rm_train.doctor.verdict import refuse, tell_findings


def consult(case: Case, tell: Callable[[str], None]) -> None:
    """Examine a run before its model is loaded.

    With the setting `doctor` off, errors are told as warnings and refuse nothing.

    Raises:
        RunError: If there is an error.
        RecordError: If a question cannot be used.
    """
    findings = list(examine(case))
    if not case.config.doctor:
        lowered = [replace(f, level="warning") if f.level == "error" else f for f in findings]
        tell_findings(lowered, tell)
        return
    first = errors_in(findings)[:1]  # is told by the refusal itself
    tell_findings([finding for finding in findings if finding not in first], tell)
    refuse(findings)
