"""Read a planned route out of a reply, however it is laid out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rm_rewards.asked_form import as_asked
from rm_rewards.form import form_fault
from rm_rewards.names import line_key, station_key
from rm_rewards.records import Leg, Route
from rm_rewards.thought import LONGEST_READ, Spoken, spoken

_LABEL: Final = re.compile(
    r"(?:(?P<line>route[\s_]*name)|(?P<start>departure[\s_]*(?:stop|station))"
    r"|(?P<end>arrival[\s_]*(?:stop|station))|(?P<via>(?:number\s+of\s+)?via[\s_]*stops?))"
    r"[\s_\"'*`]*[:：]",
    re.IGNORECASE,
)
_ARROW: Final = re.compile(
    r"^[ \t\-•]*+(?:\d+[.)][ \t])?+([^:：\n→]+)[:：]([^\n→]+?)(?:->|→)([^\n→]+)$", re.MULTILINE
)
_TEXT_COMMAND: Final = re.compile(r"\\(?:text|textbf|mathrm|mathbf|mbox)\{([^{}]*)\}")
_EDGE: Final = " _\t\r;,|。；，、\"'“”{}[]\\$"
_LONGEST_NAME: Final = 200
_MOST_LEGS: Final = 64
_LONGEST_COUNT: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteReading:
    """A route as it was understood.

    Attributes:
        legs: The legs in order; a field that the reply left out is empty.
        well_formed: Whether the reply has the form that was asked for.
        truncated: Whether the reply stops inside its reasoning without a route.
        reasons: Codes of what is amiss with the form or the reading.
    """

    legs: Route
    well_formed: bool
    truncated: bool = False
    reasons: tuple[str, ...] = ()


def read_route(reply: str) -> RouteReading:
    """The route that a reply plans.

    Labels may be bold, lower-case, in a list or all on one line; names end at the line's end.
    """
    long = len(reply) > LONGEST_READ
    asked = None if long and "<" in reply else as_asked(reply[-LONGEST_READ:])
    if asked is None:
        return read_patiently(reply)
    reasons = ("too_long",) if long else ()
    return RouteReading(legs=asked, well_formed=not long, reasons=reasons)


def read_patiently(reply: str) -> RouteReading:
    """The same for any layout, by a search for its labels."""
    said = spoken(reply)
    for text in (said.answer, said.text):
        legs = _labelled(text) if text else ()
        if legs:
            fault = form_fault(said.text if said.answer is None else said.answer)
            other = "answers_disagree" if _other_route(said, legs) else ""
            reasons = tuple(c for c in (fault or said.fault, said.cut, other) if c)
            return RouteReading(legs=legs, well_formed=not reasons, reasons=reasons)
    legs = _arrows(said.answer or said.text)
    reasons = tuple(
        c for c in (said.fault, said.cut, "form:labels", "" if legs else "no_route") if c
    )
    truncated = said.fault == "unclosed_think" and not legs
    return RouteReading(legs=legs, well_formed=False, truncated=truncated, reasons=reasons)


def _other_route(said: Spoken, legs: Route) -> bool:
    """Whether a route stands beside the `<answer>` that is not the route inside it."""
    if said.answer is None or said.fault:
        return False
    beside = _labelled(said.around)
    return bool(beside) and list(map(_ride_key, beside)) != list(map(_ride_key, legs))


def _ride_key(leg: Leg) -> tuple[str, str, str]:
    stops = (station_key(leg.departure_stop), station_key(leg.arrival_stop))
    return (line_key(leg.route_name), *stops)


def _labelled(text: str) -> Route:
    """The legs of a text with labels. A leg begins with its line, or where a label comes again."""
    plain = _TEXT_COMMAND.sub(r"\1", text) if "\\" in text else text
    plain = plain.replace("*", "").replace("`", "")
    labels = list(_LABEL.finditer(plain))
    first = next((i for i, label in enumerate(labels) if label["line"]), 0)
    legs: list[dict[str, str]] = []
    for i, label in enumerate(labels[first:], start=first):
        kind = label.lastgroup or ""
        stop = labels[i + 1].start() if i + 1 < len(labels) else len(plain)
        if not legs or kind == "line" or kind in legs[-1]:
            if len(legs) == _MOST_LEGS:
                break
            legs.append({})
        legs[-1][kind] = _value(plain[label.end() : stop])
    return tuple(leg for fields in legs if (leg := _leg(fields)) is not None)


def _leg(fields: dict[str, str]) -> Leg | None:
    line, start, end = (fields.get(key, "") for key in ("line", "start", "end"))
    if not (line or start or end):
        return None
    via = fields.get("via", "")
    if not via:
        return Leg(route_name=line, departure_stop=start, arrival_stop=end)
    count = int(via) if via.isascii() and via.isdigit() and len(via) <= _LONGEST_COUNT else None
    stops = () if count is not None else tuple(s for v in via.split(",") if (s := v.strip()))
    return Leg(
        route_name=line,
        departure_stop=start,
        arrival_stop=end,
        via_stops=stops,
        num_via_stops=count,
    )


def _value(text: str) -> str:
    """The first line that says something, up to a separator or a tag; dots are no name."""
    return _short_value(text) if len(text) <= _LONGEST_NAME else _read_value(text)


def _read_value(text: str) -> str:
    first = text.strip().split("\n", 1)[0]
    first = first.split("--", 1)[0].split("</", 1)[0].split("<|", 1)[0]
    name = first.strip(_EDGE).removesuffix(".").strip(_EDGE)[:_LONGEST_NAME]
    return name if any(map(str.isalnum, name)) else ""


_short_value: Final = lru_cache(maxsize=8192)(_read_value)


def _arrows(text: str) -> Route:
    """The legs of lines such as `Line 1: Alpha -> Bravo`."""
    plain = text.replace("*", "").replace("`", "")
    found = _ARROW.findall(plain)[:_MOST_LEGS]
    return tuple(
        Leg(route_name=_value(line), departure_stop=_value(start), arrival_stop=_value(end))
        for line, start, end in found
    )
