"""A network becomes a picture: the display list, its truth in pixels, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rm_data.layout import Layout, layout_of
from rm_data.picture.conflicts import conflicts
from rm_data.picture.groups import Draft, all_groups
from rm_data.picture.look import Look
from rm_data.picture.page import page_of
from rm_data.picture.plan import plan_of
from rm_data.picture.scenery import Scenery
from rm_data.picture.shapes import Noise, Scene
from rm_data.picture.survey import survey
from rm_rewards import Network

_PLAIN = Look()


def scene(
    network: Network,
    look: Look = _PLAIN,
    *,
    layout: Layout | None = None,
    size: int | None = None,
    seed: int = 0,
    scenery: Sequence[Scenery] = (),
) -> Scene:
    """The picture of a network; the same arguments give the same picture on every machine.

    Args:
        network: What is drawn.
        look: How.
        layout: Where its stations lie; None for the places that the network brings along.
        size: Pixels of the longer side; None for labels of `look.text_px`.
        seed: Leans the preferences for the sides on which names stand; seeds the grain.
        scenery: What lies under the map, in units of the layout.

    Raises:
        RecordError: If a station has no place, a name has a character that no font has, labels
            would be smaller than `look.min_text_px`, or there is no station at all.
    """
    plan = plan_of(network, layout or layout_of(network), look, seed=seed)
    page = page_of(plan, network, look, size=size)
    paths = {name: page.paths(lines) for name, lines in plan.drawn.polylines.items()}
    draft = Draft(
        network=network, look=look, plan=plan, page=page, paths=paths, scenery=tuple(scenery)
    )
    made = Scene(
        width=page.width,
        height=page.height,
        title=network.city,
        background=look.background,
        groups=all_groups(draft),
        truth=survey(draft),
        noise=Noise(jpeg=look.jpeg, blur=look.blur, grain=look.grain, seed=seed),
    )
    return replace(made, conflicts=conflicts(made))
