"""A route exactly as it was asked for, which most replies are once a model has learnt the form.

It is read without a search. Anything else is left to the patient reader of `rm_rewards.route`;
where this one reads a route, that one reads the same, in good form.
"""

from __future__ import annotations

from typing import Final

from rm_rewards.records import Leg, Route
from rm_rewards.thought import LONGEST_READ

_ROUTE: Final = "Route Name: "
_START: Final = "Departure Stop: "
_END: Final = "Arrival Stop: "
_PER_LEG: Final = 4
_MOST_LINES: Final = 64 * _PER_LEG
_LONGEST_NAME: Final = 200
_EDGES: Final = frozenset(" _.;,|。；，、\"'“”{}[]$")


def what_counts(reply: str) -> str:
    """The part of a reply on which its route depends; all of it where that is not certain.

    What stands before the first label is passed over when a route is read, if it has no label of
    its own (the first of each leg holds "name"), no tag, no TeX, and ends with its line. So two
    replies with one such ending are the same route, in the same form.
    """
    start = reply.find("Route Name:")
    if (
        start <= 0
        or len(reply) > LONGEST_READ
        or "<" in reply
        or "\\" in reply
        or reply[start - 1] != "\n"
    ):
        return reply
    return reply if "name" in reply[:start].lower() else reply[start:]


def as_asked(reply: str) -> Route | None:
    """The legs of a route in just the form that was asked for, without via stops; None if not."""
    if len(reply) > LONGEST_READ:
        return None
    text = what_counts(reply)
    lines = text.rstrip("\n").split("\n")
    if len(lines) % _PER_LEG != _PER_LEG - 1 or len(lines) > _MOST_LINES or _other_writing(text):
        return None
    legs: list[Leg] = []
    for i in range(0, len(lines), _PER_LEG):
        line, start, end = lines[i : i + 3]
        labelled = line.startswith(_ROUTE) and start.startswith(_START) and end.startswith(_END)
        if not labelled or (i and lines[i - 1] != "--"):
            return None
        names = (line[len(_ROUTE) :], start[len(_START) :], end[len(_END) :])
        if not all(map(_is_plain, names)):
            return None
        legs.append(Leg(route_name=names[0], departure_stop=names[1], arrival_stop=names[2]))
    return tuple(legs)


def _other_writing(text: str) -> bool:
    return "<" in text or "\\" in text or "*" in text or "`" in text or "：" in text


def _is_plain(name: str) -> bool:
    """Whether a name stands as it is, with nothing around it that would be taken away."""
    return (
        0 < len(name) <= _LONGEST_NAME
        and name[0] not in _EDGES
        and name[-1] not in _EDGES
        and ":" not in name
        and "--" not in name
        and name.isprintable()
        and (name[0].isalnum() or any(map(str.isalnum, name)))
    )
