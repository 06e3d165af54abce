"""A question about one view, asked about another: its text and its truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import get_args

from rm_data import templates
from rm_data.difficulty import of_map, of_route, transfer_visits
from rm_data.routes import routes
from rm_data.stations import station_id
from rm_data.templates import RouteForm
from rm_rewards import PLANNING, Network, Question, Route


def way_back(question: Question) -> Question | None:
    """The question with its two stations exchanged; None for a question without two stations."""
    a, b = question.station_1, question.station_2
    if a is None or b is None:
        return None
    text = _text(question, b, a, question.line)
    if text is None:
        return None
    fine = question.fine_grained_answer
    return replace(
        question,
        question=text,
        station_1=b,
        station_2=a,
        routes=None if question.routes is None else tuple(map(_reversed, question.routes)),
        fine_grained_answer=fine[::-1] if isinstance(fine, tuple) else fine,
    )


def _reversed(route: Route) -> Route:
    return tuple(
        replace(
            leg,
            departure_stop=leg.arrival_stop,
            arrival_stop=leg.departure_stop,
            via_stops=leg.via_stops[::-1],
        )
        for leg in reversed(route)
    )


def with_names(question: Question, names: Mapping[str, str]) -> Question | None:
    """The question where lines are called so; None where its text is none of the published ones."""
    line = None if question.line is None else names[question.line]
    text = _text(question, question.station_1, question.station_2, line)
    if text is None:
        return None
    fine = question.fine_grained_answer
    if isinstance(fine, dict):
        fine = {stop: tuple(names[on] for on in lines) for stop, lines in fine.items()}
    known = question.routes
    return replace(
        question,
        question=text,
        line=line,
        routes=None if known is None else tuple(_ridden(route, names) for route in known),
        fine_grained_answer=fine,
    )


def _ridden(route: Route, names: Mapping[str, str]) -> Route:
    return tuple(replace(leg, route_name=names[leg.route_name]) for leg in route)


def line_used(question: Question, network: Network) -> str | None:
    """The line that the right answer rests on: without it, the answer is another one.

    The first line of the first optimal route, the line that is asked about or ridden, a line of the
    station; None where the answer rests on none.
    """
    if question.routes:
        return question.routes[0][0].route_name
    if question.type == "Counting3":
        return network.lines[0].name
    served = [_lines(network, stop) for stop in (question.station_1, question.station_2) if stop]
    if question.type == "Counting2" and served:
        return served[0][-1]
    if question.type == "TorF1" and question.answer == 1:
        return next(line for line in served[0] if line in served[1])
    return None


def _lines(network: Network, station: str) -> tuple[str, ...]:
    return network.lines_at[station_id(network, station)]


def about_less(question: Question, network: Network) -> Question | None:
    """The question about a map that lacks a line, answered from that map's graph.

    None where it cannot be asked any more: a station is gone, or nothing leads there.
    """
    names = {network.names[stop] for stop in network.lines_at if network.lines_at[stop]}
    stops = [stop for stop in (question.station_1, question.station_2) if stop is not None]
    if any(stop not in names for stop in stops) or not network.lines:
        return None
    answered = _answered(question, network, stops)
    if answered is None:
        return None
    visits = transfer_visits(network)
    return replace(
        answered,
        city_line_count=len(network.lines),
        city_transfer_count=visits,
        difficulty_city=of_map(len(network.lines), visits),
    )


def _answered(question: Question, network: Network, stops: list[str]) -> Question | None:
    served = {stop: _lines(network, stop) for stop in stops}
    if question.type == PLANNING:
        found = routes(network, *stops)
        if not found:
            return None
        transfers = len(found[0]) - 1
        grade = of_route(transfers)
        return replace(
            question, routes=found, question_transfer_count=transfers, difficulty_question=grade
        )
    if question.type == "TorF1":
        shared = set(served[stops[0]]) & set(served[stops[1]])
        return replace(question, answer=int(bool(shared)), fine_grained_answer=served)
    if question.type == "Counting2":
        return replace(question, answer=len(served[stops[0]]))
    if question.type == "Counting3":
        return replace(question, answer=len(network.lines))
    return None


def _text(question: Question, a: str | None, b: str | None, line: str | None) -> str | None:
    """The published text of the question about these; None if it has another text."""
    old = (question.station_1, question.station_2, question.line)
    for form in get_args(RouteForm):
        if _written(question, *old, form) == question.question:
            return _written(question, a, b, line, form)
    return None


def _written(
    question: Question, a: str | None, b: str | None, line: str | None, form: RouteForm
) -> str | None:
    first, second = a or "", b or ""
    if question.type == PLANNING:
        return templates.route(first, second, form)
    if question.type == "TorF1":
        return templates.same_line(first, second)
    if question.type == "TorF2":
        return templates.on_line(first, line or "")
    if question.type == "Counting1" and question.options is not None:
        return templates.stops_between(first, second, question.options)
    if question.type == "Counting2":
        return templates.lines_through(first)
    return templates.lines_in_total() if question.type == "Counting3" else None
