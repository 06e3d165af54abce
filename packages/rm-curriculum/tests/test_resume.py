from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rm_curriculum import SCHEDULES, Curriculum, Deal, Schedule, find_schedule
from rm_rewards import QUESTION_TYPES

DRAWS = 300
SIZE = 60
SEED = 11
OPTIONS: Mapping[str, Mapping[str, object]] = {
    "gated": {"threshold": 0.4, "window": 8, "min_steps": 2, "max_steps": 6, "hysteresis": 0.1},
    "dapo": {"revisit": 0.5},
    "vas": {"unseen_first": True},
    "plr": {"temperature": 0.5, "staleness": 0.3},
}
RUNS = sorted(SCHEDULES)
GOLDEN = Path(__file__).parent / "golden" / "draws.json"


def items() -> list[dict[str, object]]:
    return [
        {
            "id": f"q{i}",
            "type": QUESTION_TYPES[i % 6],
            "city": "ABC"[i % 3],
            "difficulty": i % 9 / 8,
            "complexity": i % 7,
        }
        for i in range(SIZE)
    ]


def schedule(name: str) -> Schedule:
    return find_schedule(name, **OPTIONS.get(name, {}))


def made(name: str) -> Curriculum:
    shuffled = items()
    random.Random(name).shuffle(shuffled)
    return Curriculum(shuffled, schedule(name), SEED, epochs=-(-DRAWS // SIZE), feedback=True)


@dataclass
class Trainer:
    """Deals and reports by a script: what a draw earns and when it is reported follows from it.

    A step first hands over the reports that are due, in an order of the seed's, some twice; then it
    deals. A killed trainer loses what it had not handed over; the draws in flight come again.
    """

    seed: int
    n: int
    lag: int
    step: int = 0
    due: dict[str, tuple[int, str]] = field(default_factory=dict[str, tuple[int, str]])

    def deal(self, ranks: list[Curriculum]) -> tuple[list[str], list[str]]:
        dealt = [rank.deal(self.n) for rank in ranks]
        ids = list(chain.from_iterable(one.ids for one in dealt))
        draws = list(chain.from_iterable(one.draws for one in dealt))
        return ids, draws

    def run(self, ranks: list[Curriculum]) -> tuple[list[str], list[str]]:
        self.report(ranks)
        ids, draws = self.deal(ranks)
        self.await_reports(ids, draws, self.step)
        self.step += 1
        return ids, draws

    def await_reports(self, ids: list[str], draws: list[str], step: int) -> None:
        for one, draw in zip(ids, draws, strict=True):
            later = random.Random(f"{self.seed} {draw}").randint(0, self.lag)
            self.due[draw] = (step + 1 + later, one)

    def report(self, ranks: list[Curriculum]) -> None:
        ready = [(draw, one) for draw, (step, one) in self.due.items() if step <= self.step]
        chance = random.Random(f"{self.seed} {self.step}")
        chance.shuffle(ready)
        again = [pair for pair in ready if chance.random() < 0.3]
        for draw, one in ready + again:
            first = self.due.pop(draw, None) is not None
            for rank in ranks:
                assert rank.update(one, *self.earned(draw, one), draw, diversity=0.3) == first

    def earned(self, draw: str, one: str) -> tuple[list[float], float | None]:
        chance = random.Random(f"{self.seed} {draw} {one}")
        skill = min(1.0, 0.2 + int(draw.removeprefix("draw:")) / DRAWS)
        graded = [float(chance.random() < skill) * chance.choice((1.0, 0.5)) for _ in range(4)]
        return graded, chance.choice((None, sum(map(bool, graded)) / 4))

    def resumed(self, ranks: list[Curriculum], flying: Mapping[str, str]) -> Trainer:
        """A trainer that has dealt again what was in flight: each draw once, in order."""
        after = Trainer(self.seed, self.n, self.lag, self.step)
        wanted = sorted(flying, key=lambda draw: int(draw.removeprefix("draw:")))
        found: list[str] = []
        while len(found) < len(wanted):
            ids, draws = after.deal(ranks)
            assert [flying[draw] for draw in draws] == ids
            found += draws
        assert found == wanted
        after.due = {draw: self.due[draw] for draw in found}
        return after


def json_state(curriculum: Curriculum) -> dict[str, Any]:
    return json.loads(json.dumps(curriculum.state_dict()))


def loaded(name: str, state: Mapping[str, object], world_size: int = 1) -> list[Curriculum]:
    ranks = shards(made(name), world_size)
    for rank in ranks:
        rank.load_state_dict(state)
    return ranks


def shards(whole: Curriculum, world_size: int) -> list[Curriculum]:
    return [whole] if world_size == 1 else [whole.shard(r, world_size) for r in range(world_size)]


def flying(trainer: Trainer) -> dict[str, str]:
    return {draw: one for draw, (_, one) in trainer.due.items()}


def steps(name: str, trainer: Trainer, world_size: int) -> Iterator[tuple[Any, ...]]:
    """The run: what each step dealt, the trainer and the state after it."""
    ranks = shards(made(name), world_size)
    while not ranks[0].done and ranks[0].drawn < DRAWS:
        dealt = trainer.run(ranks)
        states = [json_state(rank) for rank in ranks]
        assert all(state == states[0] for state in states)
        yield dealt, dict(trainer.due), states[0]


@pytest.mark.parametrize("name", RUNS)
def test_a_run_killed_at_any_of_300_draws_goes_on_with_the_same_draws(name: str) -> None:
    whole = list(steps(name, Trainer(1, 1, 3), 1))
    assert len(whole) == DRAWS

    for k, (_, due, state) in enumerate(whole[:-1], 1):
        ranks = loaded(name, state)
        old = Trainer(1, 1, 3, k, dict(due))
        trainer = old.resumed(ranks, flying(old))
        assert trainer.run(ranks) == whole[k][0]
        # the same state after the next draw: so the draw after that is the same, and so on
        assert json_state(ranks[0]) == whole[k][2]


@pytest.mark.parametrize("name", RUNS)
def test_the_whole_rest_of_a_killed_run_is_the_same(name: str) -> None:
    whole = list(steps(name, Trainer(2, 1, 2), 1))
    for k in range(1, DRAWS, 37):
        _, due, state = whole[k - 1]
        ranks = loaded(name, state)
        old = Trainer(2, 1, 2, k, dict(due))
        trainer = old.resumed(ranks, flying(old))
        assert [trainer.run(ranks) for _ in whole[k:]] == [dealt for dealt, _, _ in whole[k:]]


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(RUNS),
    st.integers(1, 8),
    st.integers(1, 5),
    st.integers(0, 4),
    st.integers(0, 1000),
    st.data(),
)
def test_ranks_and_kills_and_disorder_change_nothing(
    name: str, world_size: int, n: int, lag: int, seed: int, data: st.DataObject
) -> None:
    whole = list(steps(name, Trainer(seed, n, lag), world_size))
    alone = list(steps(name, Trainer(seed, n * world_size, lag), 1))
    assert [step[0] for step in whole] == [step[0] for step in alone]

    k = data.draw(st.integers(1, len(whole)))
    divisors = [other for other in range(1, 9) if n * world_size % other == 0]
    others = data.draw(st.sampled_from(divisors))
    _, due, state = whole[k - 1]
    ranks = loaded(name, state, others)
    old = Trainer(seed, n * world_size // others, lag, k, dict(due))
    trainer = old.resumed(ranks, flying(old))

    for dealt, _, _ in whole[k:]:
        assert trainer.run(ranks) == dealt


@pytest.mark.parametrize("name", RUNS)
def test_reports_between_two_deals_may_come_in_any_order(name: str) -> None:
    def ran(order: int) -> list[Deal]:
        curriculum = made(name)
        dealt: list[Deal] = []
        while not curriculum.done:
            one = curriculum.deal(7)
            dealt.append(one)
            pairs = list(zip(one.ids, one.draws, strict=True))
            random.Random(f"{order} {one.draws[0]}").shuffle(pairs)
            for item, draw in pairs:
                curriculum.update(item, *Trainer(3, 7, 0).earned(draw, item), draw)
        return dealt

    assert ran(0) == ran(1) == ran(2)


@pytest.mark.parametrize("name", RUNS)
def test_a_state_is_saved_and_loaded_without_a_trace(name: str) -> None:
    curious, calm = made(name), made(name)
    trainers = Trainer(4, 3, 2), Trainer(4, 3, 2)
    for _ in range(DRAWS // 6):
        curious.load_state_dict(json_state(curious))
        curious.metrics()
        # in flight came back to the pool: the same draws again, first
        trainers[0].resumed([curious], flying(trainers[0]))
        assert trainers[0].run([curious]) == trainers[1].run([calm])


@pytest.mark.parametrize("name", RUNS)
def test_the_draws_of_a_seed_are_the_ones_on_record(name: str) -> None:
    curriculum, trainer = made(name), Trainer(6, 8, 1)
    dealt = [trainer.run([curriculum])[0] for _ in range(12)]
    assert dealt == json.loads(GOLDEN.read_text("utf-8"))[name]


@pytest.mark.parametrize("name", RUNS)
def test_reports_that_wait_for_the_next_draw_survive_a_kill(name: str) -> None:
    calm, trainer = made(name), Trainer(5, 4, 0)
    for _ in range(30):
        trainer.report([calm])
        after = loaded(name, json_state(calm))
        assert after[0].metrics() == {**calm.metrics(), "ignored": 0}
        ids, draws = trainer.deal([calm])
        assert trainer.deal(after) == (ids, draws)
        assert json_state(after[0]) == json_state(calm)
        trainer.await_reports(ids, draws, trainer.step)
        trainer.step += 1
