"""Runs of one model brought together in one row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from rm_eval.leaderboard.answers import Measured


@dataclass(slots=True)
class Joined:
    """The runs of one model that stand in one row: one a column, and one blind.

    Attributes:
        model: SHA-256 of the weights.
        name: Set when all rows are known.
        runs, blind: By column.
    """

    model: str
    name: str = ""
    runs: dict[str, Measured] = field(default_factory=dict[str, Measured])
    blind: dict[str, Measured] = field(default_factory=dict[str, Measured])

    @property
    def every(self) -> list[Measured]:
        """Each run once."""
        held = (*self.runs.values(), *self.blind.values())
        return list({one.folder: one for one in held}.values())

    @property
    def known(self) -> bool:
        """Whether the weights are known; behind a server only the name is."""
        return bool(self.every[0].manifest.model.weights)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What concerns all its numbers."""
        if not self.known:
            return ("a model behind a server: it is known by its name alone, not by its weights",)
        return ()

    def takes(self, run: Measured) -> bool:
        """Whether the places of that run are free."""
        places = self.blind if run.manifest.settings.blind else self.runs
        return not places.keys() & run.answers.keys()

    def put(self, run: Measured) -> None:
        """Give the run its places."""
        places = self.blind if run.manifest.settings.blind else self.runs
        places.update(dict.fromkeys(run.answers, run))


def joined(runs: Sequence[Measured]) -> list[Joined]:
    """The rows of these runs: those of a model together, in further rows where places are taken.

    A run goes to the row of its model in which most runs have its settings; blind ones last, so
    that they find the run that they control.
    """
    lines: dict[str, list[Joined]] = {}
    for run in sorted(runs, key=lambda one: one.manifest.settings.blind):
        known = lines.setdefault(run.model, [])
        free = [line for line in known if line.takes(run)]
        if not free:
            known.append(Joined(run.model))
            free = known[-1:]
        max(free, key=lambda line: _alike(line, run)).put(run)
    made = [line for known in lines.values() for line in known]
    for line, name in zip(made, _names(made), strict=True):
        line.name = name
    return made


def _alike(line: Joined, run: Measured) -> tuple[int, int]:
    same = sum(_way(one) == _way(run) for one in line.every)
    return (sum(one.answers.keys() == run.answers.keys() for one in line.every), same)


def _way(run: Measured) -> tuple[object, ...]:
    chosen = run.manifest.settings
    return (
        *(chosen.backend, chosen.dtype, chosen.min_pixels, chosen.max_pixels),
        *(chosen.max_new_tokens, chosen.batch_size, run.folder.parent),
    )


def _names(lines: Sequence[Joined]) -> list[str]:
    """The shortest end of each model's path that no other model has; further rows are numbered."""
    paths = {line.model: PurePath(line.every[0].manifest.model.path).parts for line in lines}
    ends = {model: _end(model, paths) for model in paths}
    times = Counter(line.model for line in lines)
    count: Counter[str] = Counter()
    names: list[str] = []
    for line in lines:
        count[line.model] += 1
        more = f" ({count[line.model]})" if times[line.model] > 1 else ""
        names.append(ends[line.model] + more)
    return names


def _end(model: str, paths: dict[str, tuple[str, ...]]) -> str:
    mine = paths[model]
    others = [path for other, path in paths.items() if other != model]
    for length in range(1, len(mine) + 1):
        if all(path[-length:] != mine[-length:] for path in others):
            return "/".join(mine[-length:]).replace("//", "/")
    return f"{mine[-1] if mine else 'model'} {model[:8]}"
