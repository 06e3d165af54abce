"""What follows from the findings: lines for the person who watches, and whether the run begins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from rm_train.doctor.finding import LEVELS, Finding, errors_in, gravest_first
from rm_train.run_directory import RunError


def tell_findings(findings: Sequence[Finding], tell: Callable[[str], None]) -> None:
    """Say what matters to a run: its errors and warnings, the gravest first, without the notes."""
    for finding in gravest_first(findings):
        if finding.level != "note":
            tell(finding.line())


def counted(findings: Sequence[Finding]) -> str:
    """How many of each level: `1 error, 2 warnings, 5 notes`."""
    counts = Counter(finding.level for finding in findings)
    return ", ".join(
        f"{counts[level]} {level}{'' if counts[level] == 1 else 's'}" for level in LEVELS
    )


def refuse(findings: Sequence[Finding]) -> None:
    """Refuse a run with errors.

    Raises:
        RunError: The first of them, and how many more there are.
    """
    errors = errors_in(findings)
    if not errors:
        return
    rest = len(errors) - 1
    more = f" (and {rest} more error{'s' if rest > 1 else ''}, told above)" if rest else ""
    raise RunError(
        f"the run is refused{more}: {errors[0].text()}; to begin all the same: --no-doctor"
    )
