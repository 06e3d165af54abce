"""Colours for lines that come without one: the Red Line is red."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from rm_data.picture.colours import PALETTE
from rm_rewards import Network

_WORDS: Final = {
    "red": "#d8262c",
    "blue": "#1f5fc4",
    "green": "#1f9a48",
    "orange": "#f08c1a",
    "yellow": "#f2c414",
    "purple": "#7d3c98",
    "violet": "#7d3c98",
    "brown": "#8d5a2b",
    "pink": "#e667a8",
    "grey": "#7a7f87",
    "gray": "#7a7f87",
    "silver": "#a3acb5",
    "gold": "#c9a227",
    "black": "#1a1a1a",
    "teal": "#12a5a5",
    "turquoise": "#12a5a5",
    "lime": "#9ac31c",
    "magenta": "#b5179e",
}


def coloured(network: Network) -> Network:
    """The network with a colour for every line.

    A line keeps its own colour. One that is called after a colour gets it, if no other line has it;
    the rest take what is left of a palette, in its order.
    """
    taken = {line.colour.lower() for line in network.lines if line.colour}
    found: dict[str, str] = {}
    for line in network.lines:
        named = [_WORDS[word] for word in _words(line.name) if word in _WORDS]
        if not line.colour and named and named[0] not in taken:
            found[line.name] = named[0]
            taken.add(named[0])
    spare = [colour for colour in PALETTE if colour not in taken] or list(PALETTE)
    for line in network.lines:
        if not line.colour and line.name not in found:
            found[line.name] = spare[0]
            spare = [*spare[1:], spare[0]]
    lines = tuple(replace(line, colour=line.colour or found[line.name]) for line in network.lines)
    return replace(network, lines=lines)


def _words(name: str) -> list[str]:
    return re.findall(r"[a-z]+", name.lower())
