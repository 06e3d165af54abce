"""Where in a reply each leg of its route stands."""

from __future__ import annotations

import re
from typing import Final

from rm_rewards import PLANNING, read_route
from rm_train.methods.answer_span import Span, answer_span

_LEG: Final = re.compile(r"route[\s_]*name[\s_\"'*`]*[:：]", re.IGNORECASE)
_FIELD: Final = re.compile(
    r"(?:route[\s_]*name|(?:departure|arrival)[\s_]*(?:stop|station)|via[\s_]*stops?)"
    r"[\s_\"'*`]*[:：][ \t]*",
    re.IGNORECASE,
)
_BETWEEN: Final = " \t\r\n-*`|"


def leg_spans(reply: str) -> tuple[Span, ...]:
    r"""First and last-plus-one character of each leg, as `rm_rewards` reads the route.

    A leg reaches from its line's label to the end of its last field; what parts two legs belongs to
    neither. Empty where there is no route, or where the labels do not tell the same legs as the
    route that is read: then no token can be blamed with certainty.

    Example:
        >>> reply = "Route Name: 1\nDeparture Stop: A\nArrival Stop: B\n--\n"
        >>> leg_spans(reply + reply.replace("1", "2"))
        ((0, 47), (51, 98))
    """
    legs = read_route(reply).legs
    place = answer_span(reply, PLANNING) if legs else None
    if place is None:
        return ()
    starts = [found.start() for found in _LEG.finditer(reply, *place)]
    spans = tuple(
        _leg(reply, start, stop)
        for start, stop in zip(starts, [*starts[1:], place[1]], strict=True)
    )
    if len(spans) != len(legs):
        return ()
    for leg, (start, stop) in zip(legs, spans, strict=True):
        names = (leg.route_name, leg.departure_stop, leg.arrival_stop)
        if not all(name in reply[start:stop] for name in names):
            return ()
    return spans


def _leg(reply: str, start: int, stop: int) -> Span:
    last = [field.end() for field in _FIELD.finditer(reply, start, stop)][-1]
    line = reply.find("\n", last, stop)
    text = reply[start : stop if line < 0 else line]
    return start, start + len(text.rstrip(_BETWEEN))
