from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rm_curriculum import SCHEDULES, Curriculum, CurriculumError, Schedule, Stage
from rm_rewards import QUESTION_TYPES, Question

GOLDEN = Path(__file__).parent / "golden" / "order.json"

Items = list[dict[str, object]]


def mixed(count: int) -> Items:
    return [{"id": f"q{i}", "type": QUESTION_TYPES[i % 6]} for i in range(count)]


def rest(curriculum: Curriculum, n: int) -> list[list[str]]:
    dealt: list[list[str]] = []
    while not curriculum.done:
        dealt.append(curriculum.next_batch(n))
    return dealt


item_lists = st.lists(st.sampled_from(QUESTION_TYPES), min_size=1, max_size=40).map(
    lambda types: [dict[str, object](id=f"q{i}", type=kind) for i, kind in enumerate(types)]
)
PLANS = ["rewardmap", "coarse", "fine", "reverse", "random"]
schedules = st.sampled_from(PLANS)
seeds = st.integers(-(2**70), 2**70)
sizes = st.integers(1, 12)
settings.register_profile("curriculum", deadline=None, max_examples=150)
settings.load_profile("curriculum")


@given(item_lists, schedules, seeds, sizes, st.integers(1, 3))
def test_every_item_comes_exactly_once_an_epoch_and_no_tail_is_dropped(
    items: Items, schedule: str, seed: int, n: int, epochs: int
) -> None:
    curriculum = Curriculum(items, schedule, seed, epochs=epochs)

    by_epoch = [Counter[str]() for _ in range(epochs)]
    for batch in curriculum.batches(n):
        by_epoch[batch.epoch].update(batch.ids)

    assert by_epoch == [Counter(str(item["id"]) for item in items)] * epochs
    assert curriculum.done
    assert curriculum.next_batch(n) == []


@given(item_lists, schedules, seeds, sizes)
def test_a_batch_holds_one_stage_and_only_the_last_of_a_stage_is_short(
    items: Items, schedule: str, seed: int, n: int
) -> None:
    curriculum = Curriculum(items, schedule, seed, epochs=2)
    batches = list(Curriculum(items, schedule, seed, epochs=2).batches(n))

    for batch, following in zip(batches, [*batches[1:], None], strict=True):
        assert {curriculum.stage_of(one) for one in batch.ids} == {batch.stage}
        is_last = following is None or (following.stage, following.epoch) != (
            batch.stage,
            batch.epoch,
        )
        assert len(batch.ids) == n or (is_last and 0 < len(batch.ids) < n)


@given(item_lists, schedules, seeds, sizes)
def test_stages_come_in_the_order_of_the_schedule(
    items: Items, schedule: str, seed: int, n: int
) -> None:
    curriculum = Curriculum(items, schedule, seed)
    named = [stage.name for stage in SCHEDULES[schedule].stages]

    seen = list(dict.fromkeys(batch.stage for batch in curriculum.batches(n)))

    assert tuple(seen) == curriculum.stages
    assert seen == [name for name in named if name in seen]


@given(item_lists, schedules, seeds, sizes, st.integers(0, 30), st.integers(1, 2))
def test_a_run_continued_from_its_state_deals_what_would_have_followed(
    items: Items, schedule: str, seed: int, n: int, dealt: int, epochs: int
) -> None:
    first = Curriculum(items, schedule, seed, epochs=epochs)
    for k in range(dealt):
        for one in first.next_batch(n):
            first.update(one, [1.0, 0.0], accuracy=0.5, draw_id=k)
    state = json.loads(json.dumps(first.state_dict()))

    second = Curriculum(reversed(items), schedule, seed, epochs=epochs)
    second.load_state_dict(state)

    assert second.state_dict() == first.state_dict()
    assert second.metrics() == first.metrics()
    assert rest(second, n) == rest(first, n)


@pytest.mark.parametrize("schedule", PLANS)
@pytest.mark.parametrize("world_size", [1, 2, 3, 5])
def test_a_run_can_be_killed_at_any_batch_on_any_number_of_ranks(
    schedule: str, world_size: int
) -> None:
    items, n = mixed(23), 2
    whole = rest(Curriculum(items, schedule, 7, epochs=2), n * world_size)

    for k in range(len(whole) + 1):
        before = shards(items, schedule, world_size)
        for _ in range(k):
            for shard in before:
                shard.next_batch(n)
        states = [shard.state_dict() for shard in before]
        assert all(state == states[0] for state in states)

        after = shards(items, schedule, world_size)
        for shard in after:
            shard.load_state_dict(states[0])
        assert [joined(after, n) for _ in whole[k:]] == whole[k:]
        assert all(shard.done for shard in after)


def shards(items: Items, schedule: str, world_size: int) -> list[Curriculum]:
    whole = Curriculum(items, schedule, 7, epochs=2)
    return [whole.shard(rank, world_size) for rank in range(world_size)]


def joined(ranks: list[Curriculum], n: int) -> list[str]:
    return list(chain.from_iterable(shard.next_batch(n) for shard in ranks))


@given(item_lists, schedules, seeds, sizes, st.integers(1, 5), st.integers(0, 5))
def test_the_shards_joined_in_order_are_the_plan(
    items: Items, schedule: str, seed: int, n: int, world_size: int, ahead: int
) -> None:
    whole = Curriculum(items, schedule, seed, epochs=2)
    for _ in range(ahead):
        whole.next_batch(n)
    shards = [whole.shard(rank, world_size) for rank in range(world_size)]

    while not whole.done:
        parts = [shard.next_batch(n) for shard in shards]
        assert list(chain.from_iterable(parts)) == whole.next_batch(n * world_size)
        assert max(map(len, parts)) - min(map(len, parts)) <= 1
    assert all(shard.done for shard in shards)


def test_a_state_saved_on_four_ranks_continues_on_two() -> None:
    saved = Curriculum(mixed(40), seed=3).shard(1, 4)
    saved.next_batch(2)

    pair = [Curriculum(mixed(40), seed=3).shard(rank, 2) for rank in (0, 1)]
    for shard in pair:
        shard.load_state_dict(saved.state_dict())
    alone = Curriculum(mixed(40), seed=3)
    alone.next_batch(8)

    assert joined(pair, 2) == alone.next_batch(4)


@given(item_lists, schedules, seeds, st.data())
def test_the_order_of_the_file_plays_no_part(
    items: Items, schedule: str, seed: int, data: st.DataObject
) -> None:
    other = data.draw(st.permutations(items))
    assert rest(Curriculum(other, schedule, seed), 4) == rest(Curriculum(items, schedule, seed), 4)


def test_each_seed_and_each_epoch_has_an_order_of_its_own() -> None:
    items: Items = [{"id": f"q{i}", "type": "planning"} for i in range(50)]
    orders = [tuple(ids) for seed in range(5) for ids in rest(Curriculum(items, seed=seed), 50)]
    epochs = [tuple(ids) for ids in rest(Curriculum(items, seed=0, epochs=5), 50)]

    assert len(set(orders)) == 5
    assert len(set(epochs)) == 5
    assert epochs[0] == orders[0]


def test_the_shuffle_favours_no_place() -> None:
    items: Items = [{"id": f"q{i}", "type": "planning"} for i in range(5)]
    places = Counter(rest(Curriculum(items, seed=seed), 5)[0].index("q0") for seed in range(2_000))
    # 400 expected a place with a standard deviation of 18: five of them
    assert all(310 < places[place] < 490 for place in range(5))


def test_the_order_is_the_one_on_record() -> None:
    found = {
        f"{name} {seed}": [list(b.ids) for b in Curriculum(mixed(14), name, seed).batches(4)]
        for name in ("rewardmap", "coarse", "reverse", "random")
        for seed in (0, 1)
    }
    assert found == json.loads(GOLDEN.read_text("utf-8"))


@pytest.mark.parametrize("hash_seed", ["0", "1", "4711"])
def test_another_process_deals_the_same_order(hash_seed: str) -> None:
    code = (
        "from rm_curriculum import Curriculum\n"
        "kinds = ['TorF1', 'TorF2', 'Counting1', 'Counting2', 'Counting3', 'planning']\n"
        "items = [{'id': f'q{i}', 'type': kinds[i % 6]} for i in range(60)]\n"
        "curriculum = Curriculum(items, seed=5, epochs=2)\n"
        "print(*[one for batch in curriculum.batches(7) for one in batch.ids])\n"
        "print(curriculum.state_dict())\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    here = Curriculum(mixed(60), seed=5, epochs=2)
    dealt = [one for batch in here.batches(7) for one in batch.ids]

    assert ran.stdout.splitlines() == [" ".join(dealt), str(here.state_dict())]


def test_the_import_takes_nothing_but_the_standard_library() -> None:
    code = (
        "import sys; before = set(sys.modules); import rm_curriculum\n"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(*sorted(new - set(sys.stdlib_module_names)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["rm_curriculum"]


def test_questions_and_mappings_deal_alike() -> None:
    questions = [
        Question(id=f"q{i}", type="Counting2", question="How many lines?", answer=2)
        for i in range(9)
    ]
    rows: Items = [{"id": f"q{i}", "type": "Counting2"} for i in range(9)]
    assert rest(Curriculum(questions), 4) == rest(Curriculum(rows), 4)


def test_a_schedule_of_your_own_can_ask_registered_types() -> None:
    mine = Schedule("mine", (Stage("far", ("Terminals",)), Stage("near", ("planning",))))
    curriculum = Curriculum(
        [{"id": "a", "type": "planning"}, {"id": "b", "type": "Terminals"}], mine
    )
    assert curriculum.stages == ("far", "near")
    assert rest(curriculum, 5) == [["b"], ["a"]]
    assert curriculum.members("far") == ("b",)


def test_a_schedule_without_stages_takes_any_type() -> None:
    curriculum = Curriculum([{"id": "a", "type": "Anything"}], "random")
    assert (curriculum.stages, rest(curriculum, 3)) == (("all",), [["a"]])


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ([], "there are no items, expected at least one"),
        (
            [{"id": "a", "type": "TorF1"}, {"id": "a", "type": "TorF2"}],
            "item 1: id 'a' stands there twice, expected each id once",
        ),
        ([{"id": "a"}], "item 0: type: found None, expected a text"),
        ([{"id": 5, "type": "TorF1"}], "item 0: id: found 5, expected a text"),
        ([{"id": "", "type": "TorF1"}], "item 0: id: found '', expected a text"),
        (
            [{"id": "x7", "type": "Maze"}],
            "item 'x7': type 'Maze' has no stage in schedule 'rewardmap', expected one of TorF1, "
            "TorF2, Counting2, Counting3, Counting1, planning; or take the schedule 'random'",
        ),
    ],
)
def test_items_that_cannot_be_scheduled_are_named(items: Items, said: str) -> None:
    with pytest.raises(CurriculumError) as caught:
        Curriculum(items)
    assert str(caught.value) == said


def test_settings_out_of_range_are_named() -> None:
    curriculum = Curriculum(mixed(6))
    with pytest.raises(CurriculumError, match="'easy', expected one of rewardmap, coarse, fine"):
        Curriculum(mixed(6), "easy")
    with pytest.raises(CurriculumError, match="epochs: found 0"):
        Curriculum(mixed(6), epochs=0)
    with pytest.raises(CurriculumError, match="n: found 0"):
        curriculum.next_batch(0)
    with pytest.raises(CurriculumError, match="rank: found 2, expected 0 to 1"):
        curriculum.shard(2, 2)
    with pytest.raises(CurriculumError, match="world_size: found 0"):
        curriculum.shard(0, 0)
    with pytest.raises(CurriculumError, match="a shard already"):
        curriculum.shard(0, 2).shard(0, 2)
    with pytest.raises(CurriculumError, match="item 'nobody' is not among the 6 items"):
        curriculum.stage_of("nobody")
    with pytest.raises(CurriculumError, match="stage 'nowhere': expected one of judgement"):
        curriculum.members("nowhere")
