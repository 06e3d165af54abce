"""Station names that are probably two spellings of one station."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from rm_rewards import Network, plain_name

_ENDING: Final = re.compile(r"(?:station|站)$")
_NOISE: Final = re.compile(r"[\W_]+")


def name_key(name: str) -> str:
    """What is left of a name without case, white space, punctuation and the endings "Station"/"站".

    `Union Station Station` and `Union Station` have the same key, `西单` and `西单站` too.
    """
    key = _NOISE.sub("", plain_name(name).casefold())
    while (shorter := _ENDING.sub("", key)) and shorter != key:
        key = shorter
    return key


def spelled_alike(network: Network) -> dict[str, str]:
    """Stations whose names share a key, each with the first of its group: {id: id of the first}.

    Stations with a key of their own are left out; the first of a group stands for itself.
    """
    groups: dict[str, list[str]] = {}
    for station in network.stations:
        groups.setdefault(name_key(station.name), []).append(station.id)
    return {stop: group[0] for group in _several(groups.values()) for stop in group}


def _several(groups: Iterable[list[str]]) -> Iterable[list[str]]:
    return (group for group in groups if len(group) > 1)
