"""What the doctor says: what was found, what it would do to the run, and the way out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Final, Literal, TypeAlias

Level: TypeAlias = Literal["error", "warning", "note"]
LEVELS: Final[tuple[Level, ...]] = ("error", "warning", "note")
"""From the gravest: an error refuses the run, a warning is told, a note is shown on request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing about a run, found before its first step.

    Attributes:
        level: `error` refuses the run, `warning` does not, `note` is for those who ask.
        code: Which check found it, such as `unreachable-answers`.
        found: What there is, with the numbers.
        effect: What it would do to the run; empty for most notes.
        way_out: What to change; empty for most notes.
    """

    level: Level
    code: str
    found: str
    effect: str = ""
    way_out: str = ""

    def text(self) -> str:
        """All of it but the level."""
        said = "; ".join(part for part in (self.found, self.effect, self.way_out) if part)
        return f"{self.code}: {said}"

    def line(self) -> str:
        """All of it in one line."""
        return f"{self.level}: {self.text()}"

    def record(self) -> dict[str, str]:
        """All of it as plain values."""
        return asdict(self)


def errors_in(findings: Iterable[Finding]) -> list[Finding]:
    """Those that refuse the run."""
    return [finding for finding in findings if finding.level == "error"]


def gravest_first(findings: Sequence[Finding]) -> list[Finding]:
    """Errors, then warnings, then notes; inside each in the order of the checks."""
    return sorted(findings, key=lambda finding: LEVELS.index(finding.level))


def some_of(names: Sequence[str], most: int = 3) -> str:
    """The first of some names, and how many more there are: `'a', 'b' and 5 more`."""
    shown = ", ".join(repr(name) for name in names[:most])
    rest = len(names) - most
    return f"{shown} and {rest} more" if rest > 0 else shown
