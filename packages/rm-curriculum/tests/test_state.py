from __future__ import annotations

import json
from array import array
from typing import Any, cast

import pytest

from rm_curriculum import Curriculum, CurriculumError, Schedule, Stage
from rm_curriculum.packing import pack

ITEMS = [{"id": f"q{i}", "type": ("TorF1", "planning")[i % 2]} for i in range(10)]


def state_of(curriculum: Curriculum) -> dict[str, Any]:
    return json.loads(json.dumps(curriculum.state_dict()))


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (Curriculum(ITEMS, "random"), "made with schedule 'random', .* has 'rewardmap'"),
        (Curriculum(ITEMS, seed=1), "made with seed 1, but this curriculum has 0"),
        (
            Curriculum(ITEMS[:8]),
            "made for dataset [0-9a-f]{16} of 8 items, but this one is [0-9a-f]{16} of 10 items",
        ),
        (
            Curriculum(
                ITEMS, Schedule("rewardmap", (Stage("p", ("planning",)), Stage("t", ("TorF1",))))
            ),
            "made with options of the schedule",
        ),
    ],
)
def test_a_state_of_another_run_is_refused_by_naming_both(other: Curriculum, said: str) -> None:
    with pytest.raises(CurriculumError, match=said):
        Curriculum(ITEMS).load_state_dict(state_of(other))


def test_an_item_of_another_type_makes_another_dataset() -> None:
    changed = [*ITEMS[:-1], {"id": "q9", "type": "TorF1"}]
    with pytest.raises(CurriculumError, match="made for dataset"):
        Curriculum(ITEMS).load_state_dict(state_of(Curriculum(changed)))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"schema": 1}, "made with state schema 1, but this curriculum has 2"),
        ({"drawn": "3"}, "state: drawn: found '3', expected int"),
        ({"drawn": True}, "state: drawn: found True, expected int"),
        ({"drawn": 11}, "11 items drawn, but this run has 10 (1 x 10); raise epochs"),
        ({"drawn": -1}, "-1 items drawn"),
        ({"books": []}, "state: books: found [], expected dict"),
        ({"books": {"dealt": [1]}}, "state: books: dealt: found [1], expected 2 numbers"),
        ({"books": {"dealt": [1, 2]}}, "state: 'earned' is missing"),
        ({"books": {"dealt": [1, 2.5]}}, "dealt: found [1, 2.5], expected whole numbers from 0"),
        ({"flight": "zzz"}, "state: flight: found 'zzz', expected packed numbers"),
        ({"flight": pack(array("Q", [1]))}, "state: flight: expected pairs of a draw and an item"),
        ({"flight": pack(array("Q", [0, 10]))}, "state: flight: expected pairs"),
        ({"seen": []}, "state: seen: found 0 rows, expected 2"),
        ({"seen": ["", "q"]}, "state: seen: found '', expected packed numbers"),
        ({"inbox": [[1, 2]]}, "state: inbox: found [1, 2], expected [draw, item, samples"),
        ({"inbox": [[0, 10, 1, 1.0, 0.0, None, None]]}, "state: inbox: found [0, 10, 1,"),
        ({"policy": {}}, "state: 'sizes' is missing; is this a state of that schedule?"),
        ({"policy": {"sizes": {"a": 0}}}, "sizes: found {'a': 0}, expected numbers above 0"),
    ],
)
def test_a_damaged_state_is_refused_and_changes_nothing(
    change: dict[str, object], said: str
) -> None:
    curriculum = Curriculum(ITEMS)
    curriculum.next_batch(3)
    before = state_of(curriculum)

    with pytest.raises(CurriculumError) as caught:
        curriculum.load_state_dict({**before, **change})

    assert said in str(caught.value)
    assert state_of(curriculum) == before


@pytest.mark.parametrize("key", Curriculum(ITEMS).state_dict())
def test_a_state_that_lacks_a_key_is_refused(key: str) -> None:
    state = {k: v for k, v in state_of(Curriculum(ITEMS)).items() if k != key}
    with pytest.raises(CurriculumError, match=f"'{key}' is missing"):
        Curriculum(ITEMS).load_state_dict(state)


def test_a_finished_run_can_be_prolonged_by_an_epoch() -> None:
    first = Curriculum(ITEMS)
    while not first.done:
        first.next_batch(4)
    longer = Curriculum(ITEMS, epochs=2)
    longer.load_state_dict(state_of(first))

    whole = [batch for batch in Curriculum(ITEMS, epochs=2).batches(4) if batch.epoch == 1]
    assert [batch.ids for batch in longer.batches(4)] == [batch.ids for batch in whole]


def test_the_state_does_not_grow_with_what_was_dealt() -> None:
    many = [{"id": f"question-{i}", "type": "planning"} for i in range(5_000)]
    curriculum = Curriculum(many)
    curriculum.next_batch(4_000)
    assert len(json.dumps(cast("object", curriculum.state_dict()))) < 500
