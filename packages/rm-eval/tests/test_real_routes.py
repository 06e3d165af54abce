from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from rm_eval.map_score import route_score
from rm_rewards import Leg, Question, from_published, plain_name, to_published

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "reasonmap" / "stations"
CITIES = sorted(SHARED.glob("*/*.json"))


def rides(city: Path) -> Iterator[tuple[Question, str, dict[str, list[str]]]]:
    """A ride along each line of a city, with the reference as a map service would give it."""
    lists = to_published(from_published(json.loads(city.read_text("utf-8")), city=city.stem))
    china = city.parent.name == "china"
    for line, stops in lists.items():
        first, last = plain_name(stops[0]), plain_name(stops[-2])
        name = f"地铁{line.removeprefix('Line ')}号线" if china and "Line " in line else line
        leg = Leg(
            route_name=name,
            departure_stop=first.removesuffix("站").removesuffix(" Station"),
            arrival_stop=last.removesuffix("站").removesuffix(" Station"),
        )
        question = Question(
            id="1",
            type="planning",
            question="How?",
            country=city.parent.name,
            city=city.stem,
            station_1=first,
            station_2=last,
            routes=((leg,),),
        )
        reply = f"Route Name: {line}\nDeparture Stop: {first}\nArrival Stop: {last}\n"
        yield question, reply, lists


@pytest.mark.skipif(not CITIES, reason="shared/ with the published stations is not there")
def test_a_ride_along_every_published_line_is_right() -> None:
    scores: list[tuple[bool, float, float]] = []
    for city in CITIES:
        for question, reply, lists in rides(city):
            found = {
                faults: route_score(question, reply, lists, faults)
                for faults in ("compat", "fixed")
            }
            assert found["compat"].right, (city, question.station_1)
            scores.append(
                (city.parent.name == "china", found["compat"].score, found["fixed"].score)
            )
    abroad = [(compat, fixed) for china, compat, fixed in scores if not china]
    assert len(abroad) > 20
    assert max(compat for compat, _ in abroad) <= 13  # the line's two points are out of reach
    assert sum(fixed == 15 for _, fixed in abroad) > 0.8 * len(abroad)
