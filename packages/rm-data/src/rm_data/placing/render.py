"""A legible picture of a network without coordinates: layouts are tried until one has no conflict.

Each layout is drawn and checked by machine: labels (`rm_data.picture`) and topology
(`rm_data.placing.proof`). The first picture without a fault is taken; otherwise the best of all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from rm_data.layout import Layout
from rm_data.picture import Look, Scene, scene
from rm_data.picture.drawing import Drawing, drawing_of
from rm_data.placing.colouring import coloured
from rm_data.placing.place import place
from rm_data.placing.proof import differences, unjoined
from rm_data.placing.stress import Guide
from rm_rewards import Network

_TEXTS: Final = (1.0, 0.8, 0.66, 0.55)
"""Label sizes to try, as shares of the look's: smaller letters on a larger sheet find more room."""
_EFFORTS: Final = (0.25, 0.5, 1.0)
"""How long to look for each layout: the first is often good enough. The last is for all others."""
TRIES: Final = 8


@dataclass(frozen=True, slots=True)
class Rendered:
    """A picture of a network and what is wrong with it.

    Attributes:
        network: The network, with a colour for each line.
        drawing: Where it lies and how it is drawn.
        scene: The picture; its `conflicts` are the labels, badges and markers in each other's way.
        differences: Where the picture shows another network (`rm_data.placing.proof`).
        tries: Layouts that were drawn.
    """

    network: Network
    drawing: Drawing
    scene: Scene
    differences: tuple[str, ...]
    tries: int

    @property
    def layout(self) -> Layout:
        """Where its stations lie."""
        return self.drawing.layout

    @property
    def faults(self) -> int:
        """Conflicts and differences; 0 is a picture that machines find legible and true."""
        return len(self.scene.conflicts) + len(self.differences)

    @property
    def curable(self) -> int:
        """The faults that another layout might not have.

        A stop whose neighbours on a line nobody knows cannot be drawn on it by any.
        """
        return self.faults - len(unjoined(self.network))


def render(
    network: Network,
    *,
    look: Look | None = None,
    size: int | None = None,
    seed: int = 0,
    guide: Guide | None = None,
    tries: int = TRIES,
) -> Rendered:
    """Draw a network.

    Args:
        network: The map. Its own positions, if it has any for all stations, guide the layout.
        look: How it is drawn.
        size: Longer side of the picture in pixels; None for the look's own.
        seed: The first layout's.
        guide: Places that the layout shall resemble, by station id; in place of the network's own.
        tries: Layouts at the most.

    Raises:
        RecordError: If the network joins no two stations, the letters would be too small at that
            size, or a character is in none of the fonts.
    """
    painted = coloured(network)
    known = guide or network.positions
    best: Rendered | None = None
    for number, effort in enumerate(_efforts(tries)):
        placed = place(painted, seed=seed + number, effort=effort, guide=known)
        for drawn in _drawn(painted, placed.layout, look or Look(badges="full"), size, number + 1):
            if best is None or drawn.faults < best.faults:
                best = drawn
            if not best.curable:
                return best
    assert best is not None
    return _without_badges(best)


def _without_badges(best: Rendered) -> Rendered:
    """The map without badges, where that leaves fewer faults and the legend names the lines."""
    look = best.drawing.look
    if look.legend == "none" or look.badges == "none":
        return best
    bare = replace(look, badges="none")
    for drawn in _drawn(best.network, best.layout, bare, best.drawing.size, best.tries):
        if drawn.faults < best.faults:
            best = drawn
        if not best.curable:
            break
    return best


def _efforts(tries: int) -> Iterator[float]:
    for number in range(max(1, tries)):
        yield _EFFORTS[min(number, len(_EFFORTS) - 1)]


def _drawn(
    network: Network, layout: Layout, look: Look, size: int | None, tries: int
) -> Iterator[Rendered]:
    for share in _TEXTS:
        sized = replace(look, text=look.text * share)
        drawn = scene(network, sized, layout=layout, size=size)
        wrong = tuple(differences(network, drawn.truth))
        yield Rendered(network, drawing_of(layout, sized, size=size), drawn, wrong, tries)
