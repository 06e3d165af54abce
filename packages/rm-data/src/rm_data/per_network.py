"""What is worked out once for a network, and kept for the networks that came last."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from rm_rewards import Network

T = TypeVar("T")

_KEPT: Final = 8


class PerNetwork(Generic[T]):
    """A function of a network that remembers its last results.

    They are kept by the identity of the network, which is held so that no other can take its place.
    """

    def __init__(self, make: Callable[[Network], T]) -> None:
        self._make = make
        self._found: OrderedDict[int, tuple[Network, T]] = OrderedDict()

    def __call__(self, network: Network) -> T:
        """The result for that very network."""
        kept = self._found.get(id(network))
        if kept is None:
            kept = (network, self._make(network))
            self._found[id(network)] = kept
            while len(self._found) > _KEPT:
                self._found.popitem(last=False)
        return kept[1]
