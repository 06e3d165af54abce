from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise, permutations

import pytest

from rm_rewards import Leg, Question, reward_spec, route_text
from rm_rewards.blind import (
    SHAPING_LIMIT,
    BlindBound,
    Measured,
    blind_bounds,
    blind_bounds_of,
    fillable,
)
from rm_rewards.credit import PlanningPoints
from rm_rewards.route import read_route

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
