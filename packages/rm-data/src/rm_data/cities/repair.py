"""What synthetic cities allow and real ones do not: a station whose name has no room goes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from rm_data.cities.draft import Draft
from rm_data.cities.grid import Cell
from rm_data.cities.station_names import Names
from rm_data.picture import Look
from rm_data.picture.scene import scene
from rm_data.picture.scenery import Scenery, SceneryKind, scenery_for
from rm_data.picture.shapes import Conflict, Scene

_ROUNDS: Final = 5
_SHORT: Final = (9, 7, 6, 5)
"""Longest names for stations that cannot go, round by round."""
_FEWEST: Final = 3
"""Stations that a line keeps at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """What the map of a draft is drawn with."""

    city: str
    number: int
    look: Look
    kinds: tuple[SceneryKind, ...] = ()

    def scenery(self, draft: Draft) -> tuple[Scenery, ...]:
        """What lies under the map."""
        return scenery_for(draft.layout, self.number, self.kinds)

    def of(self, draft: Draft) -> Scene:
        """The map."""
        return scene(
            draft.network(self.city),
            self.look,
            layout=draft.layout,
            seed=self.number,
            scenery=self.scenery(draft),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired:
    """A draft whose map has no conflict, the map, and what it took."""

    draft: Draft
    scene: Scene
    dropped: int
    renamed: int


def repair(draft: Draft, names: Names, sketch: Sketch) -> Repaired | str:
    """A draft without conflicts: ordinary stations left out, others given shorter names.

    Gives the kind of the first conflict that is left, where that does not help.
    """
    before = len(draft.names)
    renamed: set[Cell] = set()
    for round_ in range(_ROUNDS):
        drawn = sketch.of(draft)
        if not drawn.conflicts:
            return Repaired(
                draft=draft,
                scene=drawn,
                dropped=before - len(draft.names),
                renamed=len(renamed & draft.names.keys()),
            )
        if round_ == len(_SHORT):
            return drawn.conflicts[0].kind
        changed = _changed(draft, names, drawn.conflicts, _SHORT[round_])
        if changed is None:
            return drawn.conflicts[0].kind
        draft, again = changed
        renamed |= again
    raise AssertionError("the last round returns")


def _changed(
    draft: Draft, names: Names, conflicts: Iterable[Conflict], longest: int
) -> tuple[Draft, set[Cell]] | None:
    """The draft with something changed for each conflict; None if one allows nothing."""
    cells = {name: cell for cell, name in draft.names.items()}
    dropped: set[Cell] = set()
    renamed: dict[Cell, str] = {}
    for conflict in conflicts:
        involved = [cells[who] for who in (conflict.who, conflict.other) if who in cells]
        if not dropped.isdisjoint(involved) or not renamed.keys().isdisjoint(involved):
            continue
        cell = next((cell for cell in involved if _may_go(draft, cell, dropped)), None)
        if cell is not None:
            dropped.add(cell)
        elif conflict.kind.startswith("label") and involved and (name := names.draw(longest)):
            renamed[involved[0]] = name
        else:
            return None
    changed = draft.without(dropped) if dropped else draft
    return changed.renamed(renamed), set(renamed)


def _may_go(draft: Draft, cell: Cell, dropped: set[Cell]) -> bool:
    """Whether a station is ordinary, and its line has enough without it."""
    if cell in draft.stops.needed:
        return False
    return all(
        sum(other not in dropped for path in line.paths for other in path) > _FEWEST
        for line in draft.stops.lines
        if any(cell in path for path in line.paths)
    )
