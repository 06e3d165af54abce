import random
import subprocess
import sys
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from rm_curriculum import Curriculum
from rm_curriculum.randomness import Words
from rm_curriculum.weights import TOP, Weights
from rm_rewards import QUESTION_TYPES

Measure: TypeAlias = Callable[..., Any]
ITEMS = [{"id": f"q{n}", "type": QUESTION_TYPES[n % len(QUESTION_TYPES)]} for n in range(6000)]
BATCH = 16
LARGE = 256
REWARDS = [[1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0], [1.0] * 8, [0.0] * 8, [1.0] + [0.0] * 7]


@pytest.mark.parametrize("schedule", ["rewardmap", "coarse", "fine", "reverse", "random"])
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


class FenwickTree:
    """The textbook's way to draw by weights that change: the logarithm of the size for each."""

    def __init__(self, weights: list[int]) -> None:
        self.size, self.total, self.weights = len(weights), sum(weights), weights.copy()
        self.sums = [0, *weights]
        self.top = 1 << self.size.bit_length() - 1
        for place in range(1, self.size + 1):
            parent = place + (place & -place)
            if parent <= self.size:
                self.sums[parent] += self.sums[place]

    def draw(self, target: int) -> int:
        place, step = 0, self.top
        while step:
            after = place + step
            if after <= self.size and self.sums[after] <= target:
                place, target = after, target - self.sums[after]
            step >>= 1
        return place

    def put(self, item: int, weight: int) -> None:
        change, self.weights[item] = weight - self.weights[item], weight
        self.total += change
        place = item + 1
        while place <= self.size:
            self.sums[place] += change
            place += place & -place


@pytest.mark.parametrize("size", [100_000, 1_000_000])
def test_draws_by_weight_with_updates_beside_a_fenwick_tree(measure: Measure, size: int) -> None:
    chance = random.Random(1)
    start = [1 + int(chance.random() ** 2 * TOP) for _ in range(size)]
    fresh = [1 + int(chance.random() ** 2 * TOP) for _ in range(40 * LARGE)]
    weights, words, tree = Weights(start), Words(0, "benchmark"), FenwickTree(start)

    def work() -> int:
        drawn = 0
        while drawn < len(fresh):
            items = weights.draw(drawn, LARGE, words, set())
            weights.put(items, fresh[drawn : drawn + len(items)])
            drawn += len(items)
        return drawn

    def climb() -> None:
        for weight in fresh:
            tree.put(tree.draw(int(chance.random() * tree.total)), weight)

    named = "a Fenwick tree in plain Python"
    assert measure(work, count=len(fresh), unit="draws", baseline=climb, named=named) == len(fresh)


@pytest.mark.parametrize(
    ("schedule", "size"),
    [("uniform", 100_000), ("variance", 100_000), ("vas", 100_000), ("vas", 1_000_000)],
)
def test_dealing_and_reporting_beside_the_barest_loop(
    measure: Measure, schedule: str, size: int
) -> None:
    items = [{"id": f"q{n}", "type": "planning", "difficulty": n % 9 / 8} for n in range(size)]
    curriculum = Curriculum(items, schedule, seed=0, epochs=1_000)
    ids = [str(item["id"]) for item in items]
    means: dict[str, float] = {}
    steps = 100

    def work() -> int:
        for _ in range(steps):
            for place, one in enumerate(curriculum.next_batch(LARGE)):
                curriculum.update(one, REWARDS[place % 4])
        return steps * LARGE

    def loop() -> None:
        for _ in range(steps):
            for place, one in enumerate(random.choices(ids, k=LARGE)):
                means[one] = sum(REWARDS[place % 4]) / 8

    named = "random.choices and a dict of means"
    work()
    measure(work, count=steps * LARGE, unit="draws with reports", baseline=loop, named=named)
    assert curriculum.metrics()["updates"] >= steps * LARGE


def test_going_on_from_a_state_beside_setting_up(measure: Measure) -> None:
    items = [{"id": f"q{n}", "type": "planning"} for n in range(100_000)]
    curriculum = Curriculum(items, "vas", epochs=2)
    for one in curriculum.next_batch(LARGE):
        curriculum.update(one, REWARDS[0])
    state = curriculum.state_dict()
    after = Curriculum(items, "vas", epochs=2)

    def set_up() -> None:
        Curriculum(items, "vas", epochs=2)

    named = "setting up 100,000 items"
    measure(
        lambda: after.load_state_dict(state), count=1, unit="resumes", baseline=set_up, named=named
    )
    assert after.deal(8) == curriculum.deal(8)


@pytest.mark.parametrize(
    "code",
    ["import rm_curriculum", "from rm_curriculum import Curriculum"],
    ids=["the front door", "what deals"],
)
def test_importing_beside_bare_python(measure: Measure, code: str) -> None:
    def start(code: str) -> None:
        subprocess.run([sys.executable, "-c", code], check=True)

    measure(
        lambda: start(code),
        count=1,
        unit="starts",
        baseline=lambda: start("pass"),
        named="starting Python",
    )
