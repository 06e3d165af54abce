from __future__ import annotations

from collections import Counter
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_curriculum import SCHEDULES, Curriculum, CurriculumError, Deal, Limits, find_schedule
from rm_rewards import QUESTION_TYPES

Items = list[dict[str, object]]
STAGES = ("judgement", "counting", "counting-choice", "planning")


def mixed(count: int) -> Items:
    return [{"id": f"q{i}", "type": QUESTION_TYPES[i % 6]} for i in range(count)]


def graded(levels: list[float]) -> Items:
    return [
        {"id": f"q{i}", "type": "planning", "difficulty": level, "complexity": 10_000 - i}
        for i, level in enumerate(levels)
    ]


def deals(curriculum: Curriculum, n: int) -> list[Deal]:
    found: list[Deal] = []
    while not curriculum.done:
        found.append(curriculum.deal(n))
    return found


def test_fine_asks_one_type_after_the_other() -> None:
    curriculum = Curriculum(mixed(60), "fine")
    assert curriculum.stages == (
        "TorF1",
        "TorF2",
        "Counting2",
        "Counting3",
        "Counting1",
        "planning",
    )
    assert [deal.stage for deal in deals(curriculum, 10)] == list(curriculum.stages)


@given(st.floats(0, 1), st.integers(0, 50), st.integers(1, 80))
def test_blended_stages_lose_no_item(ramp: float, seed: int, size: int) -> None:
    curriculum = Curriculum(mixed(size), find_schedule("blended", ramp=ramp), seed, epochs=2)
    dealt = [one for deal in deals(curriculum, 7) for one in deal.ids]
    whole = sorted(f"q{i}" for i in range(size))
    assert sorted(dealt[:size]) == sorted(dealt[size:]) == whole


def test_blended_stages_run_into_each_other_as_far_as_the_ramp_goes() -> None:
    def order(ramp: float) -> list[str]:
        curriculum = Curriculum(mixed(600), find_schedule("blended", ramp=ramp), 3)
        return [curriculum.stage_of(one) for deal in deals(curriculum, 600) for one in deal.ids]

    hard = order(0.0)
    assert hard == sorted(hard, key=STAGES.index)
    soft = order(0.2)
    # borders after 200, 400 and 500 of 600; half a ramp is 60 items
    for start, end, stage in ((0, 140, "judgement"), (560, 600, "planning")):
        assert set(soft[start:end]) == {stage}
    assert set(soft[180:220]) == {"judgement", "counting"}
    early = Counter(soft[140:200])["judgement"]
    late = Counter(soft[200:260])["judgement"]
    assert 60 > early > 35 > 25 > late > 0  # it falls evenly from one to nothing


def test_blended_without_a_ramp_is_the_plan_of_rewardmap() -> None:
    soft = Curriculum(mixed(60), find_schedule("blended", ramp=0.0), 5)
    hard = Curriculum(mixed(60), "rewardmap", 5)
    joined = [one for deal in deals(hard, 60) for one in deal.ids]
    assert [one for deal in deals(soft, 60) for one in deal.ids] == joined


def test_replay_keeps_a_floor_of_past_stages_and_drops_no_item() -> None:
    curriculum = Curriculum(mixed(600), find_schedule("replay", floor=0.25), 1)
    by_stage: dict[str, list[str]] = {}
    for deal in deals(curriculum, 8):
        by_stage.setdefault(deal.stage, []).extend(deal.ids)

    assert tuple(by_stage) == STAGES
    for at, (stage, ids) in enumerate(by_stage.items()):
        own = [one for one in ids if curriculum.stage_of(one) == stage]
        past = Counter(curriculum.stage_of(one) for one in ids) - Counter({stage: len(own)})
        assert sorted(own) == sorted(curriculum.members(stage))
        assert past.total() / len(ids) == pytest.approx(0.25 if at else 0.0, abs=0.01)
        assert set(past) == set(STAGES[:at])


def test_replay_of_the_last_stage_alone_leaves_older_ones() -> None:
    curriculum = Curriculum(mixed(600), find_schedule("replay", floor=0.25, last_k=1), 1)
    for deal in deals(curriculum, 8):
        at = STAGES.index(deal.stage)
        assert {curriculum.stage_of(one) for one in deal.ids} <= set(
            STAGES[max(0, at - 1) : at + 1]
        )


def test_medium_to_hard_goes_by_difficulty() -> None:
    items: Items = [
        {"id": "a", "type": "planning", "difficulty_question": "hard", "difficulty_city": "hard"},
        {"id": "b", "type": "planning", "difficulty_question": "easy", "difficulty_city": "hard"},
        {"id": "c", "type": "planning", "difficulty_question": "easy"},
        {"id": "d", "type": "TorF1", "difficulty": 0.7},
        {"id": "e", "type": "TorF1", "difficulty": "medium"},
    ]
    curriculum = Curriculum(items, "medium-to-hard")
    assert curriculum.members("medium") == ("b", "c", "e")
    assert curriculum.members("hard") == ("a", "d")
    assert [deal.stage for deal in deals(curriculum, 8)] == ["medium", "hard"]

    harder = Curriculum(items, find_schedule("medium-to-hard", easy=False))
    assert harder.members("medium") == ("b", "e")
    assert sorted(one for deal in deals(harder, 8) for one in deal.ids) == ["a", "b", "d", "e"]
    assert harder.metrics()["coverage"] == 1.0
    with pytest.raises(CurriculumError, match="item 'c' is left out by the schedule"):
        harder.stage_of("c")


@pytest.mark.parametrize("name", ["medium-to-hard", "neuraladder", "target"])
def test_a_schedule_that_goes_by_difficulty_names_an_item_without_one(name: str) -> None:
    items = [*graded([0.5]), {"id": "plain", "type": "planning"}]
    with pytest.raises(CurriculumError, match="item 'plain' has no difficulty") as caught:
        Curriculum(items, name)
    assert caught.value.item == "plain"


def test_neuraladder_sorts_by_wrong_replies_then_length() -> None:
    items = graded([k / 8 for k in (3, 0, 8, 0, 3, 1)])
    curriculum = Curriculum(items, find_schedule("neuraladder", neighbours=0.0))
    found = deals(curriculum, 8)
    assert [deal.stage for deal in found] == ["level-0", "level-1", "level-3", "level-8"]
    # complexity falls with the number of the item
    assert list(chain.from_iterable(deal.ids for deal in found)) == [
        "q3",
        "q1",
        "q5",
        "q4",
        "q0",
        "q2",
    ]


def test_neuraladder_takes_part_of_a_level_from_its_four_neighbours() -> None:
    levels = [level / 8 for level in range(9)] * 200
    curriculum = Curriculum(graded(levels), find_schedule("neuraladder", neighbours=0.4), 2)
    moves: Counter[int] = Counter()
    for deal in deals(curriculum, 50):
        for one in deal.ids:
            own = round(levels[int(one[1:])] * 8)
            moves[int(deal.stage.removeprefix("level-")) - own] += 1

    assert set(moves) == {-2, -1, 0, 1, 2}
    assert moves.total() == len(levels)
    # 40 % move; of the moves a sixth would leave the ladder (3 of 18 per direction) and stay
    assert moves[0] / len(levels) == pytest.approx(0.6 + 0.4 / 6, abs=0.03)


def test_neuraladder_can_drop_what_is_always_solved_in_few_words() -> None:
    items = graded([0.0, 0.0, 0.5])  # of 10,000, 9,999 and 9,998 tokens
    curriculum = Curriculum(items, find_schedule("neuraladder", shortest=10_000.0))
    assert sorted(one for deal in deals(curriculum, 8) for one in deal.ids) == ["q0", "q2"]
    assert curriculum.total == 2


def test_ptst_allows_longer_replies_and_fewer_of_them_at_constant_cost() -> None:
    curriculum = Curriculum(mixed(10), "ptst", epochs=3)
    found = deals(curriculum, 4)
    limits = {deal.stage: deal.limits for deal in found}
    assert list(limits.values()) == [Limits(4096, 16), Limits(8192, 8), Limits(16384, 4)]
    assert Counter(deal.stage for deal in found for _ in deal.ids) == dict.fromkeys(limits, 10)
    ids = [one for deal in found for one in deal.ids]
    assert sorted(ids[:10]) == sorted(ids[10:20]) == sorted(ids[20:])


def test_ptst_can_stop_after_two_stages_of_its_own_lengths() -> None:
    short = find_schedule(
        "ptst",
        tokens=[4096, 8192],
        rollouts=[16, 8],
        shares=[3.0, 1.0],
        stages=SCHEDULES["ptst"].stages,
    )
    stages = Counter(d.stage for d in deals(Curriculum(mixed(40), short), 4) for _ in d.ids)
    assert stages == {"tokens-4096": 30, "tokens-8192": 10}


def test_ptst_refuses_another_length_of_the_run() -> None:
    state = Curriculum(mixed(10), "ptst").state_dict()
    with pytest.raises(CurriculumError, match="made with options of the schedule"):
        Curriculum(mixed(10), "ptst", epochs=2).load_state_dict(state)


def test_uniform_repeats_items_before_all_have_come() -> None:
    curriculum = Curriculum(mixed(3_000), "uniform", 1)
    while not curriculum.done:
        curriculum.next_batch(100)
    found = curriculum.metrics()
    assert found["coverage"] == pytest.approx(0.632, abs=0.02)  # 1 - 1/e
    assert found["repeats"] == 3_000 - round(3_000 * found["coverage"])
    assert found["policy"] == {}


@given(st.integers(1, 30), st.integers(0, 200), st.integers(0, 9))
def test_the_staleness_of_a_plan_is_what_counting_says(size: int, drawn: int, seed: int) -> None:
    curriculum = Curriculum(mixed(size), "rewardmap", seed, epochs=-(-max(1, drawn) // size))
    last: dict[str, int] = {}
    while curriculum.drawn < drawn and not curriculum.done:
        for one in curriculum.next_batch(1):
            last[one] = curriculum.drawn
    ages = [curriculum.drawn - at for at in last.values()]
    expected = sum(ages) / len(ages) if ages else 0.0
    assert curriculum.metrics()["staleness"] == pytest.approx(expected)
