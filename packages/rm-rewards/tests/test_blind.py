from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise, permutations
from pathlib import Path

import pytest

from rm_rewards import Leg, Question, from_published, reward_spec, route_text
from rm_rewards.blind import (
    SHAPING_LIMIT,
    BlindBound,
    Measured,
    blind_bounds,
    blind_bounds_of,
    fillable,
)
from rm_rewards.credit import PlanningPoints
from rm_rewards.honest import honest_routes
from rm_rewards.jsonl import read_network
from rm_rewards.route import read_route
from rm_rewards.specs import SPECS
from rm_rewards.truth import truth_of

STOPS = ["Aspen", "Birch", "Cedar", "Dune", "Elm", "Fern"]


def _trip(start: str, end: str, line: str, change: str | None) -> Question:
    legs = (Leg(route_name=line, departure_stop=start, arrival_stop=change or end),)
    if change:
        legs += (Leg(route_name=f"{line}2", departure_stop=change, arrival_stop=end),)
    return Question(
        id=f"{start}-{end}",
        type="planning",
        question=f"From {start} to {end}?",
        station_1=start,
        station_2=end,
        routes=(legs,),
    )


DIRECT = [_trip(a, b, f"Line {i % 7}", None) for i, (a, b) in enumerate(permutations(STOPS, 2))]
CHANGES = [
    _trip(a, b, f"Line {i % 7}", next(s for s in STOPS[i % 3 :] if s not in (a, b)))
    for i, (a, b) in enumerate(permutations(STOPS, 2))
]
YES = [Question(id=f"t{i}", type="TorF1", question="?", answer=int(i % 4 != 0)) for i in range(41)]


def _bound(bounds: Sequence[BlindBound], component: str) -> BlindBound:
    return next(bound for bound in bounds if bound.component == component)


@pytest.mark.parametrize("asked", [DIRECT, CHANGES, DIRECT + CHANGES, YES])
@pytest.mark.parametrize("reward", ["rewardmap", "sparse"])
def test_no_blind_reply_fills_the_shaping_of_our_own_rewards(
    asked: list[Question], reward: str
) -> None:
    bounds = blind_bounds(reward, asked)
    assert fillable(bounds) == ()
    assert _bound(bounds, "total").honest >= _bound(bounds, "total").blind


def test_a_table_of_points_that_pays_the_two_ends_alone_is_refused() -> None:
    points = PlanningPoints(origin=10.0, destination=10.0)
    spec = replace(reward_spec("rewardmap"), name="ends", points=points)
    (found,) = fillable(blind_bounds(spec, DIRECT + CHANGES))
    assert (found.type, found.component) == ("planning", "detail")
    assert found.share > SHAPING_LIMIT
    assert "both stations" in found.reply
    assert read_route(found.example).legs


def test_credit_for_legs_that_join_is_refused_because_a_constant_transfer_earns_it() -> None:
    def joined(_: Question, texts: Sequence[str]) -> list[Measured]:
        routes = [read_route(text).legs for text in texts]
        return [
            Measured(
                correct=i == 0,
                parts={
                    "joins": float(
                        len(legs) > 1
                        and all(a.arrival_stop == b.departure_stop for a, b in pairwise(legs))
                    )
                },
            )
            for i, legs in enumerate(routes)
        ]

    (found,) = blind_bounds_of(joined, CHANGES)
    assert (found.honest, found.blind_wrong) == (1.0, 1.0)
    assert fillable([found], shaping=["joins"]) == (found,)


def test_the_majority_answer_earns_its_share_of_the_correctness() -> None:
    found = _bound(blind_bounds("rewardmap", YES), "correctness")
    assert found.blind == pytest.approx(30 / 41)
    assert found.blind_wrong == 0.0


def test_an_answer_is_never_met_by_the_reply_that_was_copied_from_it() -> None:
    one = Question(id="c", type="Counting2", question="?", answer=7)
    assert _bound(blind_bounds("rewardmap", [one]), "correctness").blind == 0.0


def test_a_question_without_an_answer_is_left_out() -> None:
    bare = Question(id="p", type="planning", question="?", station_1="A", station_2="B")
    assert blind_bounds("rewardmap", [bare]) == ()


def test_at_most_two_hundred_questions_of_a_type_are_asked() -> None:
    many = [replace(YES[1], id=f"m{i}") for i in range(1001)]
    assert _bound(blind_bounds("rewardmap", many), "total").questions <= 200


def test_the_route_of_a_question_is_what_an_honest_reply_earns() -> None:
    assert read_route(route_text(DIRECT[0].routes[0] if DIRECT[0].routes else ())).well_formed
    assert _bound(blind_bounds("rewardmap", DIRECT), "detail").honest == 1.0


DEMO = read_network(Path(__file__).parent / "data/demo.json")
NAMES = [station.name for station in DEMO.stations]


def _demo_trips() -> list[Question]:
    trips: list[Question] = []
    for start, end in permutations(NAMES, 2):
        asked = Question(
            id=f"{start}-{end}", type="planning", question="?", station_1=start, station_2=end
        )
        truth = truth_of(asked, DEMO)
        if truth.routes:
            routes = honest_routes(asked, DEMO)
            count = len(routes[0]) - 1
            trips.append(replace(asked, routes=routes, question_transfer_count=count))
    return trips


TRIPS = _demo_trips()
ROWS = ["origin", "destination", "legs", "line", "transfer_side"]


@pytest.mark.parametrize("reward", sorted(SPECS.keys() - {"reference", "paper"}))
def test_no_row_of_a_shipped_reward_can_be_filled(reward: str) -> None:
    bounds = blind_bounds(reward, TRIPS, network_of=lambda _: DEMO)
    assert fillable(bounds) == ()
    rows = [b.component for b in bounds if "." in b.component]
    assert rows == ([f"detail.{row}" for row in ROWS] if reward == "rewardmap" else [])


def test_the_detail_of_the_published_rules_is_filled() -> None:
    found = fillable(blind_bounds("reference", TRIPS, network_of=lambda _: DEMO))
    assert [b.component for b in found] == ["detail"]


def test_each_row_is_measured_alone() -> None:
    bounds = blind_bounds("rewardmap", TRIPS, network_of=lambda _: DEMO)
    rows = {b.component.removeprefix("detail."): b for b in bounds if "." in b.component}
    assert {name for name, row in rows.items() if row.given} == {"origin", "destination", "legs"}
    assert all(row.honest == 1.0 for row in rows.values())
    for end in ("origin", "destination"):  # the question names them; a constant does not know
        assert rows[end].blind_wrong == pytest.approx(1.0, abs=1e-4)
        assert rows[end].undeserved < 0.3
    assert rows["line"].undeserved == rows["line"].share < SHAPING_LIMIT
    assert rows["transfer_side"].questions < rows["line"].questions


def test_a_row_that_a_constant_fills_is_refused_by_name_however_little_it_is_worth() -> None:
    through = [
        _trip(a, b, f"Line {a}", "Dune") for a, b in permutations(STOPS, 2) if "Dune" not in (a, b)
    ]
    points = PlanningPoints(transfer_side=0.01)
    spec = replace(reward_spec("rewardmap"), name="hub", points=points)
    found = fillable(blind_bounds(spec, through))
    assert [b.component for b in found] == ["detail.legs", "detail.transfer_side"]


def test_a_row_is_judged_by_many_wrong_replies_only() -> None:
    few = [_trip(a, b, f"Line {a}", "Dune") for a, b in [("Aspen", "Elm"), ("Birch", "Fern")]]
    assert fillable(blind_bounds("rewardmap", few * 3)) == ()


def test_a_row_without_points_is_not_measured() -> None:
    points = PlanningPoints(legs=0.0, transfer_side=0.0)
    spec = replace(reward_spec("rewardmap"), name="bare", points=points)
    rows = [b.component for b in blind_bounds(spec, DIRECT) if "." in b.component]
    assert rows == ["detail.origin", "detail.destination", "detail.line"]


CITIES = ("north", "south", "west")


def test_who_knows_the_city_is_blind_as_well() -> None:
    networks = {city: from_published({f"The {city} line": STOPS}, city=city) for city in CITIES}
    cities = [
        replace(trip, id=f"{city}{trip.id}", city=city, routes=((_in(city, trip),),))
        for city in CITIES
        for trip in DIRECT
    ]
    bounds = blind_bounds("rewardmap", cities, network_of=lambda q: networks[q.city])
    found = _bound(bounds, "detail.line")
    assert found.reply.startswith("for its city, ")
    assert found.blind_wrong > 0.9


def _in(city: str, trip: Question) -> Leg:
    assert trip.routes
    return replace(trip.routes[0][0], route_name=f"The {city} line")
