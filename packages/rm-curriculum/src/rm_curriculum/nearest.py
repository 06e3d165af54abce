"""The nearest item that is left: items on a line, taken away one by one."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence


class Nearest:
    """Points in ascending order; gives the one nearest to a value and takes it away.

    Both neighbours that are left are found in almost constant time: each point that is gone leads
    on to the next, by paths that are halved as they are walked.

    Args:
        points: In ascending order.
    """

    def __init__(self, points: Sequence[float]) -> None:
        self._points = points
        self._right = array("I", range(len(points) + 1))
        self._left = array("I", range(len(points) + 1))

    def remove(self, place: int) -> None:
        """Take away the point of that place."""
        self._right[place] = place + 1
        self._left[place + 1] = place

    def pop(self, value: float) -> int | None:
        """Take away the point nearest to the value, the lower of two; None if none is left.

        Of equal points the first that is left goes first.
        """
        at = bisect_left(self._points, value)
        above = _find(self._right, at)
        below = _find(self._left, at)
        if above == len(self._points) and not below:
            return None
        if above == len(self._points) or (
            below and value - self._points[below - 1] <= self._points[above] - value
        ):
            first = bisect_left(self._points, self._points[below - 1])
            above = _find(self._right, first)
        self.remove(above)
        return above


def _find(links: array[int], place: int) -> int:
    while links[place] != place:
        links[place] = links[links[place]]
        place = links[place]
    return place
