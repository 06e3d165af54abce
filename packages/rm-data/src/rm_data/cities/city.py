"""Synthetic cities by number: grown until one has a map that can be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random
from types import MappingProxyType
from typing import Final

from rm_data.cities.draft import CITY_VERSION, drafted
from rm_data.cities.mix import MIX, style_for
from rm_data.cities.repair import Repaired, Sketch, repair
from rm_data.cities.styles import CITY_STYLES, MOST_LINES
from rm_data.layout import Layout
from rm_data.picture import Look
from rm_data.picture.scene import scene
from rm_data.picture.scenery import Scenery
from rm_data.picture.shapes import Scene
from rm_rewards import Network, RecordError

_ATTEMPTS: Final = 60
"""Seeds that are tried for one city."""


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """A synthetic city and the map of it that was found legible.

    Attributes:
        number: Names the city, together with its style.
        network: Lines and stations.
        layout: Where they lie, in cells of the grid.
        look: How the map is drawn; its name is that of the style, or of the one that `mix` drew.
        scenery: What lies under it.
        scene: The map in its default size.
        rejected: Why earlier attempts were given up, and how often: `growth` (a line found no
            room), or the kind of a conflict that no repair could solve.
        dropped: Ordinary stations that were left out, since their names found no room.
        renamed: Stations that got shorter names.
        crossings: Places where lines cross without a station.
    """

    number: int
    network: Network
    layout: Layout
    look: Look
    scenery: tuple[Scenery, ...]
    scene: Scene
    rejected: Mapping[str, int]
    dropped: int
    renamed: int
    crossings: int

    def drawn(self, size: int | None = None, *, min_text_px: float | None = None) -> Scene:
        """The same map in another size.

        Args:
            size: Pixels of the longer side; None for the look's own size, or as much larger as
                `min_text_px` needs.
            min_text_px: Least height of the text of names; None for that of the look.

        Raises:
            RecordError: If the text would be smaller at that size; it says which size would do.
        """
        if size is None and (min_text_px or 0) <= self.look.text_px:
            return self.scene
        return scene(
            self.network,
            self.look_with(min_text_px),
            layout=self.layout,
            size=size,
            seed=self.number,
            scenery=self.scenery,
        )

    def look_with(self, min_text_px: float | None) -> Look:
        """The look of the map where the text of names has a least height of its own."""
        if min_text_px is None:
            return self.look
        larger = max(self.look.text_px, min_text_px)
        return replace(self.look, min_text_px=min_text_px, text_px=larger)


def city(number: int, *, style: str = "metro", lines: tuple[int, int] | None = None) -> City:
    """The synthetic city of that number; the same arguments give the same city for ever.

    Attempts follow each other, each with a seed of its own, until a map passes the machine's check
    (`rm_data.picture.conflicts`); so a city never depends on other cities.

    Args:
        number: Not negative.
        style: A key of `CITY_STYLES`, or `mix` for one drawn for the city.
        lines: Fewest and most lines; None for the style's own range.

    Raises:
        ValueError: For an unknown style, or lines beyond 2 to 20.
        RecordError: If no attempt led to a legible map.
    """
    if style not in CITY_STYLES and style != MIX:
        raise ValueError(f"style: found {style!r}, expected one of {', '.join(CITY_STYLES)}, mix")
    chosen = style_for(style, number)
    low, high = lines or chosen.lines
    if not 2 <= low <= high <= MOST_LINES:
        raise ValueError(f"lines: found {low}-{high}, expected a range within 2-{MOST_LINES}")
    name = f"{style}-{number:06d}"
    sketch = Sketch(city=name, number=number, look=chosen.look, kinds=chosen.scenery)
    rejected: Counter[str] = Counter()
    for attempt in range(_ATTEMPTS):
        rng = Random(f"city:{CITY_VERSION}:{style}:{low}-{high}:{number}:{attempt}")
        found = drafted(rng, chosen, rng.randint(low, high))
        if found is None:
            rejected["growth"] += 1
            continue
        repaired = repair(*found, sketch)
        if isinstance(repaired, str):
            rejected[repaired] += 1
            continue
        return _city(number, sketch, repaired, rejected)
    raise RecordError(
        "seed", number, f"a city that can be drawn; {_ATTEMPTS} attempts failed: {dict(rejected)}"
    )


def _city(number: int, sketch: Sketch, repaired: Repaired, rejected: Counter[str]) -> City:
    draft = repaired.draft
    return City(
        number=number,
        network=draft.network(sketch.city),
        layout=draft.layout,
        look=sketch.look,
        scenery=sketch.scenery(draft),
        scene=repaired.scene,
        rejected=MappingProxyType(dict(rejected)),
        dropped=repaired.dropped,
        renamed=repaired.renamed,
        crossings=len(draft.stops.crossings),
    )
