from __future__ import annotations

import json
from math import isnan
from typing import Any

import pytest

from rm_curriculum import SCHEDULES, Curriculum, CurriculumError, find_schedule
from rm_curriculum.items import table_of
from rm_rewards import QUESTION_TYPES, Question

Items = list[dict[str, object]]


def row(**fields: object) -> dict[str, object]:
    return {"id": "a", "type": "x", **fields}


@pytest.mark.parametrize(
    ("fields", "difficulty"),
    [
        ({"difficulty": 0.4}, 0.4),
        ({"difficulty": 1}, 1.0),
        ({"difficulty": "middle"}, 0.5),
        ({"difficulty_question": "hard"}, 1.0),
        ({"difficulty_question": "hard", "difficulty_city": "easy"}, 0.5),
        ({"difficulty": 0.1, "difficulty_question": "hard"}, 0.1),
    ],
)
def test_difficulties_are_numbers_or_the_published_words(
    fields: dict[str, object], difficulty: float
) -> None:
    assert table_of([row(**fields)]).difficulty[0] == difficulty


def test_an_item_without_a_difficulty_has_none() -> None:
    table = table_of([row(), Question(id="b", type="planning", question="?")])
    assert isnan(table.difficulty[0])
    assert table.types == ("x", "planning")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"difficulty": "very hard"}, "item 0: difficulty: found 'very hard', expected a number"),
        ({"difficulty": 1.5}, "item 0: difficulty: found 1.5, expected 0 to 1, or easy, middle"),
        ({"difficulty": float("nan")}, "item 0: difficulty: found nan, expected a number"),
        ({"difficulty": True}, "item 0: difficulty: found True, expected a number"),
        ({"complexity": "long"}, "item 0: complexity: found 'long', expected a number"),
    ],
)
def test_what_is_no_difficulty_is_named(fields: dict[str, object], said: str) -> None:
    with pytest.raises(CurriculumError) as caught:
        table_of([row(**fields)])
    assert str(caught.value).startswith(said)


def test_keys_and_stages_may_be_fields_or_functions() -> None:
    rows = [{"n": i, "level": "ab"[i % 2]} for i in range(6)]
    schedule = find_schedule("rewardmap", stages=["b", "a"])

    def key(item: dict[str, Any]) -> str:
        return f"k{item['n']}"

    curriculum = Curriculum(rows, schedule, key=key, stage="level")
    assert curriculum.members("a") == ("k0", "k2", "k4")
    assert [curriculum.deal(9).stage for _ in range(2)] == ["b", "a"]
    by_stage = Curriculum(rows, "random", key=key, stage="level")
    by_stage.next_batch(6)
    assert by_stage.metrics()["mixture_by_stage"] == {"a": 0.5, "b": 0.5}


def test_an_unknown_stage_is_named_with_the_item() -> None:
    rows = [{"id": "x", "type": "planning", "level": "medium"}]
    with pytest.raises(CurriculumError) as caught:
        Curriculum(rows, stage="level")
    assert str(caught.value) == (
        "item 'x': stage 'medium' is none of schedule 'rewardmap', expected one of judgement, "
        "counting, counting-choice, planning"
    )
    assert caught.value.item == "x"
    with pytest.raises(CurriculumError, match="item 0: missing: found None, expected a text"):
        Curriculum(rows, stage="missing")


def test_metrics_tell_the_mixture_by_city_and_its_entropy() -> None:
    items: Items = [
        {"id": f"q{i}", "type": "TorF1", "city": ("Oslo", "Rome", "Rome", "")[i % 4]}
        for i in range(8)
    ]
    curriculum = Curriculum(items)
    curriculum.next_batch(8)
    found = curriculum.metrics()
    assert found["mixture_by_city"] == {"Oslo": 0.25, "Rome": 0.5}
    assert (found["mixture"], found["entropy"]) == ({"TorF1": 1.0}, 0.0)
    even = Curriculum([{"id": k, "type": k} for k in QUESTION_TYPES[:4]])
    while not even.done:
        even.next_batch(4)
    assert even.metrics()["entropy"] == pytest.approx(2.0)


# ---- other items than those of the state


def mixed(count: int) -> Items:
    return [
        {"id": f"q{i:02}", "type": QUESTION_TYPES[i % 6], "difficulty": i % 9 / 8}
        for i in range(count)
    ]


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_state_of_other_items_is_refused_unless_best_effort_is_asked_for(name: str) -> None:
    before = Curriculum(mixed(30), name, 1, epochs=2)
    for _ in range(4):
        deal = before.deal(5)
        for one, draw in zip(deal.ids, deal.draws, strict=True):
            before.update(one, [1.0, 0.0], draw_id=draw)
    state = json.loads(json.dumps(before.state_dict()))

    for count in (24, 60):
        after = Curriculum(mixed(count), name, 1, epochs=2)
        with pytest.raises(CurriculumError, match=r"of 30 items, but this one is .* best_effort"):
            after.load_state_dict(state)
        assert after.drawn == 0
        after.load_state_dict(state, best_effort=True)
        assert after.metrics()["updates"] > 0
        start = after.drawn
        dealt: list[str] = []
        while not after.done:
            dealt += after.next_batch(5)
        assert set(dealt) <= {str(item["id"]) for item in mixed(count)}
        assert len(dealt) == after.total - start > 0


def test_best_effort_keeps_the_place_in_the_plan() -> None:
    before = Curriculum(mixed(60), "rewardmap", 1)
    while before.metrics()["stage"] != "counting-choice":
        before.next_batch(5)
    before.next_batch(5)
    after = Curriculum(mixed(66), "rewardmap", 1)
    after.load_state_dict(before.state_dict(), best_effort=True)
    assert after.metrics()["stage"] == "counting-choice"
    assert after.drawn == 44 + 5


def test_best_effort_keeps_gates_and_values() -> None:
    schedule = find_schedule("gated", window=2, min_steps=0, threshold=0.5)
    before = Curriculum(mixed(60), schedule, 1, epochs=9)
    while before.metrics()["stage"] != "counting":
        for one in before.next_batch(4):
            before.update(one, [1.0])
    after = Curriculum(mixed(66), schedule, 1, epochs=9)
    after.load_state_dict(before.state_dict(), best_effort=True)
    # the reports of the last batch, which the gate had not seen yet, are not carried over
    assert after.deal(4).stage == "counting"


def test_best_effort_says_when_nothing_fits() -> None:
    before = Curriculum(mixed(12), "rewardmap", 1)
    only = [{"id": "q", "type": "planning", "difficulty": 0.5}]
    with pytest.raises(CurriculumError, match="stage 'judgement' has no items any more"):
        Curriculum(only, "rewardmap", 1).load_state_dict(before.state_dict(), best_effort=True)
