from __future__ import annotations

import random
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_curriculum import CurriculumError
from rm_curriculum.estimators import Beta, Ema, decay, estimator
from rm_curriculum.items import Table, table_of
from rm_curriculum.outcome import group_outcome

TABLE: Table = table_of(
    [
        {"id": "a", "type": "x"},
        {"id": "b", "type": "x", "difficulty": "hard"},
        {"id": "c", "type": "x", "difficulty": 0.25},
    ]
)


def told(known: Beta | Ema, *groups: list[float], item: int = 0) -> None:
    for rewards in groups:
        known.observe(item, group_outcome("a", rewards))


def test_old_reports_count_half_after_the_half_life() -> None:
    known = Beta(TABLE, half_life=2.0, strength=1e-9)
    told(known, [1.0] * 8, [0.0] * 8, [0.0] * 8)
    # 8 right replies, two reports old: 4; wrong 8 / sqrt 2 + 8
    assert known.accuracy(0) == pytest.approx(4 / (4 + 8 * 0.5**0.5 + 8), abs=1e-3)
    assert decay(2.0) ** 2 == pytest.approx(0.5)


def test_before_any_report_an_item_is_worth_its_difficulty() -> None:
    for known in (Beta(TABLE, half_life=4, strength=2), Ema(TABLE, keep=0.5)):
        assert [known.accuracy(item) for item in range(3)] == [0.5, 0.0, 0.75]
        assert not any(known.seen(item) for item in range(3))
    assert Ema(TABLE, keep=0.5).variance(2) == 0.75 * 0.25


def test_the_prior_weighs_less_with_every_reply() -> None:
    known = Beta(TABLE, half_life=1e9, strength=4.0)
    told(known, [1.0] * 4, item=1)  # thought hopeless: 4 wrong pseudo replies
    assert known.accuracy(1) == pytest.approx(0.5)
    told(known, [1.0] * 8, item=1)
    assert known.accuracy(1) == pytest.approx(12 / 16)
    assert known.seen(1)
    assert not known.seen(0)


def test_the_expected_variance_is_below_that_of_the_mean_while_unsure() -> None:
    known = Beta(TABLE, half_life=1e9, strength=2.0)
    assert known.variance(0) == pytest.approx(1 / 6)  # uniform: E p (1 - p)
    told(known, *[[1.0, 0.0] * 8] * 7)
    assert known.variance(0) == pytest.approx(0.25, abs=0.003)


def test_the_moving_mean_begins_with_the_first_report_and_keeps_its_part() -> None:
    known = Ema(TABLE, keep=0.75)
    told(known, [1.0, 0.0])
    assert (known.accuracy(0), known.variance(0)) == (0.5, 0.25)
    told(known, [1.0, 1.0])
    assert known.accuracy(0) == pytest.approx(0.75 * 0.5 + 0.25, abs=1e-4)
    assert known.variance(0) == pytest.approx(0.75 * 0.25, abs=1e-4)


def test_graded_rewards_keep_their_real_variance() -> None:
    known = Ema(TABLE, keep=0.0, scale=10.0)
    told(known, [2.0, 4.0, 6.0])
    assert known.variance(0) == pytest.approx((8 / 3) / 100, abs=1e-4)


@given(
    st.lists(st.lists(st.floats(0, 1), min_size=1, max_size=6), max_size=30),
    st.sampled_from(["ema", "beta"]),
    st.floats(0.1, 100),
)
def test_estimates_stay_in_range_and_survive_a_state(
    groups: list[list[float]], kind: str, half_life: float
) -> None:
    made = [estimator(kind, TABLE, half_life=half_life, strength=1.0, scale=1.0) for _ in range(2)]
    for rewards in groups:
        made[0].observe(0, group_outcome("a", rewards))
        assert 0 <= made[0].accuracy(0) <= 1
        assert 0 <= made[0].variance(0) <= 0.25 + 1e-9
    made[1].restore(made[0].state())
    for known in made:
        known.observe(0, group_outcome("a", [1.0, 0.0, 0.0]))
    assert made[1].state() == made[0].state()


def test_many_small_steps_reach_the_mean() -> None:
    chance = random.Random(3)
    known = Ema(TABLE, keep=0.99)
    for _ in range(3_000):
        told(known, [float(chance.random() < 0.3) for _ in range(8)])
    assert isclose(known.accuracy(0), 0.3, abs_tol=0.05)


def test_what_cannot_be_estimated_is_refused() -> None:
    with pytest.raises(CurriculumError, match="found 'mean', expected ema or beta"):
        estimator("mean", TABLE, half_life=1, strength=1, scale=1)
    with pytest.raises(CurriculumError, match="'wrong' is missing"):
        Beta(TABLE, half_life=1, strength=1).restore(
            {"right": Ema(TABLE, keep=0).state()["accuracy"]}
        )
    with pytest.raises(CurriculumError, match="accuracy: found 3 numbers, expected 1"):
        Ema(table_of([{"id": "a", "type": "x"}]), keep=0.5).restore(Ema(TABLE, keep=0.5).state())
