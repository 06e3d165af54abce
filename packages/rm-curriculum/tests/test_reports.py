from __future__ import annotations

import json
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_curriculum import Curriculum, CurriculumError

ITEMS = [{"id": f"q{i}", "type": ("TorF1", "planning")[i % 2]} for i in range(6)]

Report = tuple[str, list[float], float | None, int]
reports = st.lists(
    st.tuples(
        st.sampled_from([item["id"] for item in ITEMS]),
        st.lists(st.floats(-10, 10), min_size=1, max_size=4),
        st.none() | st.floats(0, 1),
        st.integers(0, 5),
    ),
    max_size=12,
    unique_by=lambda report: (report[0], report[3]),
)


def told(curriculum: Curriculum, found: list[Report]) -> list[bool]:
    return [curriculum.update(one, rewards, acc, draw) for one, rewards, acc, draw in found]


@given(reports, st.data())
def test_reports_may_come_in_any_order_and_more_than_once(
    found: list[Report], data: st.DataObject
) -> None:
    straight, crooked = Curriculum(ITEMS), Curriculum(ITEMS)
    assert all(told(straight, found))

    shuffled = data.draw(st.permutations(found))
    assert all(told(crooked, shuffled))
    assert not any(told(crooked, found))

    assert crooked.state_dict() == straight.state_dict()
    assert {**crooked.metrics(), "ignored": 0} == straight.metrics()
    assert crooked.metrics()["ignored"] == len(found)
    assert straight.metrics()["updates"] == len(found)


def test_the_first_report_of_a_draw_stands() -> None:
    curriculum = Curriculum(ITEMS)
    assert curriculum.update("q1", [1.0], draw_id="a")
    assert not curriculum.update("q1", [0.0], draw_id="a")
    assert curriculum.metrics()["reward"] == {"planning": 1.0}


def test_without_a_draw_id_every_report_counts() -> None:
    curriculum = Curriculum(ITEMS)
    assert all(curriculum.update("q1", [reward]) for reward in (0.0, 1.0, 2.0))
    assert curriculum.metrics()["reward"] == {"planning": 1.0}


def test_metrics_tell_place_mixture_and_rewards_by_stage() -> None:
    curriculum = Curriculum(ITEMS, epochs=2)
    assert curriculum.metrics()["mixture"] == {}
    curriculum.next_batch(3)
    curriculum.next_batch(1)
    curriculum.update("q0", [1.0, 0.0, 0.0, 0.0], accuracy=0.25)
    curriculum.update("q2", [2.0])

    assert curriculum.metrics() == {
        "stage": "planning",
        "epoch": 0,
        "position": 4,
        "total": 12,
        "coverage": 4 / 6,
        "repeats": 0,
        "staleness": 1.5,
        "mixture": {"TorF1": 0.75, "planning": 0.25},
        "mixture_by_stage": {"judgement": 0.75, "planning": 0.25},
        "mixture_by_city": {},
        "entropy": pytest.approx(0.811278, abs=1e-6),
        "updates": 2,
        "reward": {"judgement": 3 / 5},
        "accuracy": {"judgement": 0.25},
        "dead": {"judgement": 0.0},
        "collapsed": {},
        "in_flight": 2,
        "ignored": 0,
        "policy": {},
    }


def test_the_second_epoch_counts_as_repeats() -> None:
    curriculum = Curriculum(ITEMS, epochs=2)
    for _ in range(3):
        curriculum.next_batch(3)
    found = curriculum.metrics()
    assert (found["epoch"], found["coverage"], found["repeats"]) == (1, 1.0, 3)
    assert found["mixture"] == {"TorF1": 6 / 9, "planning": 3 / 9}

    curriculum.next_batch(3)
    assert curriculum.metrics()["stage"] is None


@pytest.mark.parametrize(
    ("rewards", "accuracy", "said"),
    [
        ([], None, "q1: rewards are empty, expected one a reply"),
        ([0.0, nan], None, "q1: found the reward nan, expected a finite number"),
        ([inf], None, "q1: found the reward inf, expected a finite number"),
        ([1.0], 1.5, "q1: found accuracy 1.5, expected a share from 0 to 1"),
        ([1.0], nan, "q1: found accuracy nan, expected a share from 0 to 1"),
    ],
)
def test_a_report_that_is_no_number_is_refused(
    rewards: list[float], accuracy: float | None, said: str
) -> None:
    curriculum = Curriculum(ITEMS)
    with pytest.raises(CurriculumError) as caught:
        curriculum.update("q1", rewards, accuracy)
    assert str(caught.value) == said
    assert curriculum.metrics()["updates"] == 0


def test_a_report_on_an_unknown_item_is_refused() -> None:
    with pytest.raises(CurriculumError, match="item 'q77' is not among the 6 items"):
        Curriculum(ITEMS).update("q77", [1.0])


def test_arrays_of_other_libraries_are_taken_as_numbers() -> None:
    numpy = pytest.importorskip("numpy")
    curriculum = Curriculum(ITEMS)
    for rewards in (numpy.array([1.0, 0.0]), numpy.array([1, 0]), (1.0, 0.0)):
        assert curriculum.update("q1", rewards, numpy.float32(0.5))
    assert curriculum.update("q1", list(numpy.array([1.0, 0.0], dtype="float32")))
    assert json.loads(json.dumps(curriculum.state_dict())) == curriculum.state_dict()
    assert curriculum.metrics()["reward"] == {"planning": 0.5}
