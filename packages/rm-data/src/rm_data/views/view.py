"""The views of a question: what SVQA-R1's pairs and Vad-R1's verification ask a second time.

SVQA-R1 (arXiv 2506.01371) asks a question again about a transformed picture and rewards answers
that agree. A mirrored photograph of a map would mirror its letters, so the map is drawn again.
Vad-R1 (arXiv 2505.19877) takes away what an answer rests on and looks whether the answer follows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from types import MappingProxyType
from typing import Final

from rm_data.picture.drawing import Bend, Drawing
from rm_data.views.geometry import mirrored, turned, with_places
from rm_data.views.lines import exchanged, renamed, without_line
from rm_data.views.questions import about_less, line_used, way_back, with_names
from rm_rewards import Network, Question, RecordError

KINDS: Final = ("swap", "mirror", "rotate", "rename", "without")

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A question seen another way.

    Attributes:
        kind: One of `KINDS`.
        question: The question about this view, with its truth; its id is `<id>@<kind>`.
        network: The network of this view.
        drawing: How its map is drawn.
        map: The name of its map: views that share a map share the name. Empty for the map itself.
        lines: What the lines of the first view are called here, where names changed.
        back: Whether origin and destination are exchanged: the way comes out reversed.
        same: Whether the right answer is the same, but for `lines` and `back`; it may be another
            one without a line.
    """

    kind: str
    question: Question
    network: Network
    drawing: Drawing
    map: str = ""
    lines: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    back: bool = False
    same: bool = True


def views(
    question: Question,
    network: Network,
    drawing: Drawing,
    kinds: Iterable[str] = KINDS,
    *,
    seed: int = 0,
) -> Iterator[View]:
    """The views of a question, kind by kind; a kind that does not suit the question gives none.

    - `swap`: origin and destination exchanged, on the same map.
    - `mirror`, `rotate`: the map drawn mirrored, or turned by a quarter, with upright names.
    - `rename`: lines exchange names and colours, as `seed` says.
    - `without`: the map lacks the line that the answer rests on; the truth is that of this map.

    Args:
        question: One of the published types.
        network: Its network.
        drawing: How its map was drawn.
        kinds: Some of `KINDS`.
        seed: Of the new names.

    Raises:
        RecordError: For an unknown kind.
    """
    for kind in kinds:
        if kind not in KINDS:
            raise RecordError("kinds", kind, f"some of {', '.join(KINDS)}")
        made = _view(kind, question, network, drawing, seed)
        if made is not None:
            asked = replace(made.question, id=f"{question.id}@{kind}")
            yield replace(made, question=asked)


def _view(
    kind: str, question: Question, network: Network, drawing: Drawing, seed: int
) -> View | None:
    if kind == "swap":
        asked = way_back(question)
        if asked is None:
            return None
        return View(kind=kind, question=asked, network=network, drawing=drawing, back=True)
    if kind == "rename":
        return _renamed(question, network, drawing, seed)
    if kind == "without":
        return _without(question, network, drawing)
    moved = mirrored(drawing) if kind == "mirror" else turned(drawing)
    placed = with_places(network, moved.layout)
    return View(kind=kind, question=question, network=placed, drawing=moved, map=kind)


def _renamed(question: Question, network: Network, drawing: Drawing, seed: int) -> View | None:
    if len(network.lines) < 2:
        return None
    names = exchanged(network, Random(f"rename/{seed}/{network.country}/{network.city}"))
    asked = with_names(question, names)
    if asked is None:
        return None
    return View(
        kind="rename",
        question=asked,
        network=renamed(network, names),
        drawing=drawing,
        map="rename",
        lines=names,
    )


def _without(question: Question, network: Network, drawing: Drawing) -> View | None:
    line = line_used(question, network)
    if line is None:
        return None
    rest = without_line(network, line)
    asked = about_less(question, rest)
    if asked is None:
        return None
    number = [found.name for found in network.lines].index(line) + 1
    return View(
        kind="without",
        question=asked,
        network=rest,
        drawing=thinned(drawing, rest),
        map=f"without-{number}",
        same=False,
    )


def thinned(drawing: Drawing, network: Network) -> Drawing:
    """The drawing without the stations that are gone and the tracks that nobody rides."""
    near = {
        frozenset((a, b))
        for by_stop in network.neighbours.values()
        for a, around in by_stop.items()
        for b in around
    }
    kept = {stop: place for stop, place in drawing.positions.items() if stop in network.names}
    bends: list[Bend] = [b for b in drawing.bends if frozenset((b.start, b.end)) in near]
    return replace(drawing, positions=kept, bends=tuple(bends))
