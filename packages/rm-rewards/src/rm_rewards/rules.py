"""What is worked out once for a specification: its version, and what routes that are alike earn."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Final, Generic, TypeAlias, TypeVar

from rm_rewards.records import Reward
from rm_rewards.specs import RewardSpec

_MOST_RULES: Final = 32
_MOST_QUESTIONS: Final = 64
_MOST_SKETCHES: Final = 1024

T = TypeVar("T")
Judged: TypeAlias = tuple[tuple[str, ...], float]
"""The codes of what is wrong with a route, and its detail."""


class Kept(Generic[T]):
    """What was found about the routes to questions that are alike, by the sketch of the route."""

    __slots__ = ("_found", "get")

    def __init__(self) -> None:
        self._found: dict[Hashable, T] = {}
        self.get = self._found.get

    def keep(self, sketch: Hashable, found: T) -> None:
        """Keep what was found about the routes with that sketch; the last thousand are kept."""
        if len(self._found) >= _MOST_SKETCHES:
            self._found.clear()
        self._found[sketch] = found


class Rules:
    """A specification with what is kept of it.

    Attributes:
        spec: The specification.
        version: Its version.
    """

    __slots__ = ("_judged", "_rewards", "spec", "version")

    def __init__(self, spec: RewardSpec) -> None:
        self.spec = spec
        self.version = spec.version
        self._judged: OrderedDict[str, Kept[Judged]] = OrderedDict()
        self._rewards: OrderedDict[tuple[str, float], Kept[Reward]] = OrderedDict()

    def judged(self, question: str) -> Kept[Judged]:
        """What the routes to questions with that sketch were found to be."""
        return _of(self._judged, question)

    def rewards(self, question: str, weight: float) -> Kept[Reward]:
        """What routes in the asked form to questions with that sketch and weight have earned."""
        return _of(self._rewards, (question, weight))


K = TypeVar("K")


def _of(all_kept: OrderedDict[K, Kept[T]], key: K) -> Kept[T]:
    found = all_kept.get(key)
    if found is None:
        found = all_kept[key] = Kept()
        while len(all_kept) > _MOST_QUESTIONS:
            all_kept.popitem(last=False)
    return found


_kept: OrderedDict[int, Rules] = OrderedDict()


def rules_of(spec: RewardSpec) -> Rules:
    """The rules of that specification; the last 32 are kept."""
    held = _kept.get(id(spec))
    if held is not None and held.spec is spec:  # an id may come again
        return held
    made = Rules(spec)
    _kept[id(spec)] = made
    while len(_kept) > _MOST_RULES:
        _kept.popitem(last=False)
    return made
