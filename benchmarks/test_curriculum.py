import random
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from rm_curriculum import SCHEDULES, Curriculum
from rm_rewards import QUESTION_TYPES

Measure: TypeAlias = Callable[..., Any]
ITEMS = [{"id": f"q{n}", "type": QUESTION_TYPES[n % len(QUESTION_TYPES)]} for n in range(6000)]
BATCH = 16


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_dealing_an_epoch_beside_a_shuffle(measure: Measure, schedule: str) -> None:
    def work() -> list[str]:
        curriculum = Curriculum(ITEMS, schedule=schedule, seed=0)
        dealt: list[str] = []
        while not curriculum.done:
            dealt += curriculum.next_batch(BATCH)
        return dealt

    def shuffle() -> list[str]:
        ids = [item["id"] for item in ITEMS]
        random.Random(0).shuffle(ids)
        return ids

    dealt = measure(
        work, count=len(ITEMS), unit="draws", baseline=shuffle, named="random.shuffle of the ids"
    )
    assert sorted(dealt) == sorted(shuffle())
