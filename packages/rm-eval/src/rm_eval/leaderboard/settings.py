"""How the runs of a leaderboard were made, as far as they were not all made alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rm_eval.leaderboard.answers import Measured
from rm_eval.leaderboard.joining import Joined

_NAMES: Final = ("backend", "dtype", "min_pixels", "max_pixels", "max_new_tokens", "batch_size")
_UNSET: Final = {"min_pixels": "the model's own", "max_pixels": "the model's own"}
_VERSIONS: Final = ("transformers", "vllm", "torch")


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting that is not the same in all runs of the table.

    Attributes:
        name, value: Of the row; several values are joined by `, `.
        usual: What most rows have.
    """

    name: str
    value: str
    usual: str

    @property
    def unusual(self) -> bool:
        """Whether most rows have another value."""
        return self.value != self.usual


def settings_of(run: Measured) -> dict[str, str]:
    """The settings of a run that can move its numbers, as text."""
    chosen = run.manifest.settings
    told = {name: getattr(chosen, name) for name in _NAMES}
    texts = {n: _UNSET.get(n, "") if value is None else str(value) for n, value in told.items()}
    versions = {name: run.manifest.versions.get(name, "") for name in _VERSIONS}
    return {**texts, **{name: value for name, value in versions.items() if value}}


def differing(lines: Sequence[Joined]) -> list[tuple[Setting, ...]]:
    """For each row the settings that are not the same in all of them."""
    tables = [_values(line) for line in lines]
    names = list(dict.fromkeys(name for table in tables for name in table))
    found: list[list[Setting]] = [[] for _ in lines]
    for name in names:
        values = [table.get(name, "") for table in tables]
        usual = Counter(values).most_common(1)[0][0]
        if len(set(values)) > 1 or ", " in usual:
            for settings, value in zip(found, values, strict=True):
                settings.append(Setting(name, value or "not told", usual or "not told"))
    return [tuple(settings) for settings in found]


def _values(line: Joined) -> dict[str, str]:
    tables = [settings_of(run) for run in line.every]
    names = dict.fromkeys(name for table in tables for name in table)
    return {
        name: ", ".join(sorted({table.get(name, "not told") for table in tables})) for name in names
    }
