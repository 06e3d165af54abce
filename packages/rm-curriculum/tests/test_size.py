from __future__ import annotations

import json
import random

import pytest

from rm_curriculum import SCHEDULES, Curriculum


def size_of_state(name: str, count: int, epochs: int = 1) -> int:
    """After all but the last draw were reported, with rewards that cannot be compressed."""
    chance = random.Random(count)
    items = [
        {"id": f"q{i}", "type": "planning", "difficulty": chance.random()} for i in range(count)
    ]
    curriculum = Curriculum(items, name, 1, epochs=epochs)
    while not curriculum.done:
        left = curriculum.total - curriculum.drawn
        deal = curriculum.deal(min(500, max(1, left - 1)))
        if left == 1:
            break
        for one, draw in zip(deal.ids, deal.draws, strict=True):
            rewards = [chance.random() for _ in range(3)]
            curriculum.update(one, rewards, chance.random(), draw, diversity=chance.random())
    return len(json.dumps(curriculum.state_dict()))


@pytest.mark.parametrize("name", [name for name, one in SCHEDULES.items() if one.adaptive])
def test_a_state_takes_at_most_16_bytes_an_item_and_a_constant(name: str) -> None:
    small, large = size_of_state(name, 1_000, epochs=2), size_of_state(name, 4_000, epochs=2)
    assert (large - small) / 3_000 <= 16
    assert small <= 16 * 1_000 + 2_500


@pytest.mark.parametrize("name", [name for name, one in SCHEDULES.items() if not one.adaptive])
def test_the_state_of_a_plan_does_not_grow_with_the_items(name: str) -> None:
    assert abs(size_of_state(name, 2_000) - size_of_state(name, 500)) < 100
