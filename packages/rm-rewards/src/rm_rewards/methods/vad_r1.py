"""Vad-R1 (AVA-GRPO): look again without the evidence, and see whether the answer changes.

Source: arXiv 2505.19877, Algorithms 1-2, Table 7, C.3 [P]; no code was ever released.

    R = accuracy + format + length + verification
    length 0.2 if the reasoning has [140, 261] (normal) or [233, 456] (abnormal) units
    verification +0.5: said abnormal, and says normal once the span it named is cut out
                 -0.2: said normal, and says abnormal once a random end is cut off

Range: -0.2 to 2.7. The unit of the length and how much is cut off are not printed. Which of the
two length ranges holds is told here by the true label.

Fault: the check needs no label, so that a false alarm on a normal video earns +0.5; if the check
always confirms, saying "abnormal" pays as soon as P(abnormal) > 0.25 - 0.1 q, q being how often a
normal call flips. Repaired (default): only right predictions are paid for being confirmed.

For transit maps: take the line that was used out of the map and ask again; a route that survives
the removal of its own line was not read from the map (`removal_check`).

Blind to: why the answer changed; a second wrong answer counts as well as a right one. It needs a
second generation for each reply.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from rm_rewards.directory import directory_of, is_known
from rm_rewards.methods.inputs import at_least
from rm_rewards.names import line_key
from rm_rewards.network import Network
from rm_rewards.records import Route
from rm_rewards.route import read_route

LENGTHS: Final[Mapping[bool, tuple[int, int]]] = {False: (140, 261), True: (233, 456)}
"""The rewarded lengths, both ends included, of normal (False) and abnormal (True) videos."""

CONFIRMED: Final = 0.5
FLIPPED: Final = -0.2
_LENGTH: Final = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class VadReward:
    """The parts of one reward; `total` is their sum."""

    accuracy: float
    format: float
    length: float
    verification: float

    @property
    def total(self) -> float:
        """R, in [-0.2, 2.7]."""
        return self.accuracy + self.format + self.length + self.verification


def vad_reward(
    *,
    abnormal: bool,
    predicted_abnormal: bool,
    trimmed_abnormal: bool,
    well_formed: bool,
    length: int,
    published: bool = False,
) -> VadReward:
    """The parts that a reply earns.

    Args:
        abnormal: The true label.
        predicted_abnormal: What the reply says.
        trimmed_abnormal: What the second reply says, about the trimmed video.
        well_formed: Whether the reply has the form.
        length: Of its reasoning.
        published: Pay the check whether the prediction is right or not.

    Raises:
        RecordError: For a negative length.

    Example:
        >>> vad_reward(
        ...     abnormal=False, predicted_abnormal=True, trimmed_abnormal=False,
        ...     well_formed=True, length=0, published=True,
        ... ).total
        1.5
    """
    at_least("length", 0, length)
    right = predicted_abnormal == abnormal
    low, high = LENGTHS[abnormal]
    check = 0.0
    if predicted_abnormal and not trimmed_abnormal:
        check = CONFIRMED if right or published else 0.0
    elif trimmed_abnormal and not predicted_abnormal:
        check = FLIPPED
    return VadReward(
        accuracy=float(right),
        format=float(well_formed),
        length=_LENGTH if low <= length <= high else 0.0,
        verification=check,
    )


def titled_route(reply: str, network: Network) -> Route:
    r"""The route of a reply, its lines called as the network calls them; unknown ones as written.

    For `removal_check`, and to know which line is to be taken away: a reply may write an alias.

    Example:
        >>> from rm_rewards import Line, Station
        >>> stops = (Station(id="A", name="A"), Station(id="B", name="B"))
        >>> red = Line(name="Red Line", paths=(("A", "B"),), aliases=("Line 1",))
        >>> network = Network(city="", lines=(red,), stations=stops)
        >>> reply = "Route Name: line 1\nDeparture Stop: A\nArrival Stop: B"
        >>> titled_route(reply, network)[0].route_name
        'Red Line'
    """
    directory = directory_of(network)
    titles = ((leg, directory.line(leg.route_name)) for leg in read_route(reply).legs)
    return tuple(
        replace(leg, route_name=title) if is_known(title) else leg for leg, title in titles
    )


def removal_check(first: Route, second: Route, removed: str, *, correct: bool) -> float:
    """The map form of the verification: +0.5, -0.2 or 0.

    Args:
        first: The route planned on the whole map.
        second: The route planned on the map without the line `removed`.
        removed: The name of that line.
        correct: Whether the first route is right; a wrong one earns nothing by changing.

    Example:
        >>> from rm_rewards import Leg
        >>> red, blue = (
        ...     (Leg(route_name=line, departure_stop="A", arrival_stop="B"),)
        ...     for line in ("Red Line", "Blue Line")
        ... )
        >>> [removal_check(red, again, "red", correct=True) for again in (blue, red)]
        [0.5, -0.2]
    """
    if not _uses(first, removed):
        return 0.0
    if _uses(second, removed):
        return FLIPPED
    return CONFIRMED if correct and second else 0.0


def _uses(route: Route, line: str) -> bool:
    key = line_key(line)
    return any(line_key(leg.route_name) == key for leg in route)
