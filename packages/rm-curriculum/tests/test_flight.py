from __future__ import annotations

import json

import pytest

from rm_curriculum import Curriculum, CurriculumError, Deal
from rm_curriculum.flight import UNREPORTED

ITEMS = [{"id": f"q{i:02}", "type": ("TorF1", "planning")[i >= 12]} for i in range(20)]


def made(
    schedule: str = "rewardmap", *, feedback: bool | None = None, epochs: int = 1
) -> Curriculum:
    return Curriculum(ITEMS, schedule, 3, feedback=feedback, epochs=epochs)


def reload(curriculum: Curriculum, *, feedback: bool | None = None) -> Curriculum:
    state = json.loads(json.dumps(curriculum.state_dict()))
    after = made(curriculum.schedule.name, feedback=feedback)
    after.load_state_dict(state)
    return after


def report(curriculum: Curriculum, deal: Deal, *places: int) -> None:
    for place in places:
        assert curriculum.update(deal.ids[place], [1.0], draw_id=deal.draws[place])


def test_what_was_in_flight_is_dealt_again_first_with_its_names() -> None:
    curriculum = made()
    first, second = curriculum.deal(4), curriculum.deal(4)
    report(curriculum, first, 0, 2)
    assert curriculum.in_flight == 6

    after = reload(curriculum)
    assert after.in_flight == 6
    again = after.deal(5)
    assert again.ids == (first.ids[1], first.ids[3], *second.ids[:3])
    assert again.draws == (first.draws[1], first.draws[3], *second.draws[:3])
    assert after.deal(5).ids == second.ids[3:]  # by itself, so that what follows is the same
    assert after.deal(4) == curriculum.deal(4)
    assert after.drawn == curriculum.drawn == 12


def test_draws_of_two_stages_return_in_two_batches() -> None:
    curriculum = made(feedback=True)
    dealt = [curriculum.deal(9) for _ in range(3)]
    assert [deal.stage for deal in dealt] == ["judgement", "judgement", "planning"]
    after = reload(curriculum, feedback=True)
    again = [after.deal(20) for _ in range(2)]
    assert [deal.stage for deal in again] == ["judgement", "planning"]
    assert again[0].ids == dealt[0].ids + dealt[1].ids
    assert after.done


def test_a_run_is_not_done_while_draws_return() -> None:
    curriculum = made(feedback=True)
    asked: list[str] = []
    while not curriculum.done:
        asked += curriculum.next_batch(8)
    after = reload(curriculum, feedback=True)
    assert not after.done
    assert after.metrics()["stage"] == "judgement"
    seen: list[str] = []
    while not after.done:
        seen += after.next_batch(50)
    assert seen == asked


def test_a_report_of_the_dead_run_settles_a_draw_before_it_returns() -> None:
    curriculum = made(feedback=True)
    deal = curriculum.deal(3)
    after = reload(curriculum, feedback=True)
    report(after, deal, 1)
    assert after.deal(3).ids == (deal.ids[0], deal.ids[2])


def test_shards_of_a_run_under_way_share_what_is_in_flight() -> None:
    curriculum = made()
    deal = curriculum.deal(4)
    parts = [curriculum.shard(rank, 2) for rank in range(2)]
    for part in parts:
        report(part, deal, 0, 1, 2, 3)
        assert part.in_flight == 0
    assert parts[0].next_batch(2) + parts[1].next_batch(2) == curriculum.next_batch(4)


def test_a_run_that_never_reports_is_not_dealt_the_same_again() -> None:
    curriculum = made()
    curriculum.deal(4)
    assert reload(curriculum).deal(4) == curriculum.deal(4)


def test_without_feedback_what_was_dealt_counts_as_asked() -> None:
    curriculum = made(feedback=False)
    deal = curriculum.deal(4)
    report(curriculum, deal, 0)
    assert not curriculum.update(deal.ids[0], [1.0], draw_id=deal.draws[0])
    assert curriculum.in_flight == 0
    assert reload(curriculum, feedback=False).deal(4) == curriculum.deal(4)


def test_going_on_without_feedback_leaves_what_was_in_flight() -> None:
    curriculum = made()
    report(curriculum, curriculum.deal(4), 0)
    after = reload(curriculum, feedback=False)
    assert (after.in_flight, after.deal(4).ids) == (0, curriculum.deal(4).ids)


def test_with_feedback_the_first_batch_returns_too() -> None:
    curriculum = made(feedback=True)
    deal = curriculum.deal(4)
    assert reload(curriculum, feedback=True).deal(4) == deal


def test_draws_can_be_counted_as_asked_without_a_report() -> None:
    curriculum = made(feedback=True)
    deal = curriculum.deal(4)
    curriculum.settle()
    assert curriculum.in_flight == 0
    assert reload(curriculum, feedback=True).deal(4) == curriculum.deal(4)
    assert not curriculum.update(deal.ids[0], [1.0], draw_id=deal.draws[0])
    assert curriculum.metrics()["ignored"] == 1


def test_a_draw_is_reported_once_and_only_by_its_name() -> None:
    curriculum = made()
    deal = curriculum.deal(2)
    report(curriculum, deal, 0)
    for draw in (deal.draws[0], "draw:99", "draw:1"):
        assert not curriculum.update(deal.ids[0], [0.0], draw_id=draw)
    found = curriculum.metrics()
    assert (found["updates"], found["ignored"], found["in_flight"]) == (1, 3, 1)
    assert found["reward"] == {"judgement": 1.0}


def test_names_of_your_own_settle_the_oldest_draw_of_the_item() -> None:
    curriculum = Curriculum([{"id": "a", "type": "x"}], "random", epochs=9)
    draws = [curriculum.deal(1).draws[0] for _ in range(4)]
    assert curriculum.update("a", [1.0], draw_id="step 1")
    assert not curriculum.update("a", [1.0], draw_id=draws[0])
    assert curriculum.update("a", [1.0], draw_id=draws[2])
    assert curriculum.update("a", [1.0])
    assert not curriculum.update("a", [1.0], draw_id=draws[1])
    assert curriculum.in_flight == 1
    assert curriculum.update("a", [1.0], draw_id=draws[3])
    assert curriculum.update("a", [1.0], draw_id=7)  # settles none, counts all the same
    assert not curriculum.update("a", [1.0], draw_id="7")
    assert curriculum.metrics()["updates"] == 5


def test_names_of_your_own_are_remembered_across_a_resume() -> None:
    curriculum = made()
    curriculum.update("q01", [1.0], draw_id="mine")
    after = reload(curriculum)
    assert not after.update("q01", [1.0], draw_id="mine")
    assert after.update("q02", [1.0], draw_id="mine")


def test_thousands_of_names_are_remembered_and_no_more() -> None:
    curriculum = made()
    for step in range(20_000):
        curriculum.update("q01", [1.0], draw_id=step)
    assert not any(curriculum.update("q01", [1.0], draw_id=step) for step in range(15_904, 20_000))
    assert curriculum.update("q01", [1.0], draw_id=0)
    seen = curriculum.state_dict()["seen"]
    assert sum(map(len, seen)) < 8_192 * 10 + 10


def test_a_long_run_that_never_reports_keeps_a_part_alone() -> None:
    curriculum = made("uniform", epochs=10_000)
    while not curriculum.done:
        curriculum.next_batch(5_000)
    assert UNREPORTED <= curriculum.in_flight <= 2 * UNREPORTED + 5_000
    assert len(json.dumps(curriculum.state_dict()["flight"])) < 20


def test_all_dealt_is_an_empty_batch_and_no_deal() -> None:
    curriculum = made()
    while not curriculum.done:
        curriculum.next_batch(20)
    assert curriculum.next_batch(3) == []
    with pytest.raises(CurriculumError, match="all 20 draws have been dealt; raise epochs"):
        curriculum.deal(3)
