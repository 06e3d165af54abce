from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_eval.errors import EvalError
from rm_eval.intervals import mcnemar
from rm_eval.statistics import sign_flip
from rm_eval.training_time import Budget
from rm_eval.training_time.spending import Spending

# -- levels ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spending", "looks", "levels"),
    [
        ("open", None, [0.030396, 0.007599, 0.003377, 0.0019]),
        # 2 - 2 Phi(1.96 / sqrt(t)) at t = 0.5 is 0.00557; 0.05 ln(1 + (e - 1) / 2) is 0.03101
        ("obrien-fleming", 2, [0.005575, 0.044425, 0.0]),
        ("pocock", 2, [0.031006, 0.018994, 0.0]),
    ],
)
def test_levels_are_those_of_the_spending_functions(
    spending: Spending, looks: int | None, levels: list[float]
) -> None:
    budget = Budget(spending=spending, looks=looks)
    assert [round(budget.level(k), 6) for k in range(1, len(levels) + 1)] == levels


@given(
    alpha=st.floats(0.001, 0.5),
    looks=st.integers(1, 200),
    spending=st.sampled_from(["open", "obrien-fleming", "pocock"]),
)
def test_no_more_is_spent_than_there_is(alpha: float, looks: int, spending: Spending) -> None:
    budget = Budget(alpha=alpha, spending=spending, looks=None if spending == "open" else looks)
    levels = [budget.level(k) for k in range(1, looks + 1)]
    assert min(levels) >= 0
    spent = sum(levels)
    assert spent <= alpha * (1 + 1e-9)
    assert spending == "open" or spent == pytest.approx(alpha)
    assert budget.adjusted(levels[0] / 2, 1) < alpha or levels[0] < 1e-9


@pytest.mark.parametrize(
    ("budget", "message"),
    [
        (Budget(alpha=1.0), r"alpha: found 1.0, expected a number between 0 and 1"),
        (Budget(looks=3), r"looks: found 3, expected none with spending open"),
        (Budget(spending="pocock"), r"looks: found None, expected the number of looks"),
    ],
)
def test_a_budget_that_cannot_be_spent_is_refused(budget: Budget, message: str) -> None:
    with pytest.raises(EvalError, match=message):
        budget.check()


# -- error rate where nothing changes --------------------------------------------------------------

LOOKS = 20


def trainings(
    runs: int, questions: int, clusters: int, *, alike: float, change: float = 0.0
) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Right or wrong, (run, look, question), of trainings in which nothing is learned.

    Each question has a difficulty of its own and a state that goes on from look to look, as a
    policy's does: an autoregression of order one, which is as likely backwards, so that a question
    is gained as easily as it is lost. Questions of a cluster share the part `alike` of
    their states. With `change` all questions become easier, by that much
    in the whole training.
    """
    draw = np.random.default_rng(7)
    ease = draw.normal(size=(runs, 1, questions))
    place = np.arange(questions) % clusters

    def states() -> np.ndarray[Any, np.dtype[np.float64]]:
        own, shared = draw.normal(size=(runs, questions)), draw.normal(size=(runs, clusters))
        return np.sqrt(1 - alike) * own + np.sqrt(alike) * shared[:, place]

    kept, state = 0.9, states()
    seen: list[np.ndarray[Any, np.dtype[np.float64]]] = []
    for _ in range(LOOKS + 1):
        seen.append(state)
        state = kept * state + np.sqrt(1 - kept**2) * states()
    trend = change * np.arange(LOOKS + 1).reshape(1, -1, 1) / LOOKS
    return (np.stack(seen, axis=1) + ease + trend > 0).astype(np.int64)


@cache
def p_of(gained: int, lost: int) -> float:
    return mcnemar(gained, lost)


def found(right: np.ndarray[Any, np.dtype[np.int64]], budget: Budget | None) -> float:
    """In which share of the trainings some look is found to differ from the first."""
    change = right[:, 1:] - right[:, :1]
    gained, lost = (change > 0).sum(axis=2), (change < 0).sum(axis=2)
    hits = 0
    for ups, downs in zip(gained.tolist(), lost.tolist(), strict=True):
        ps = [p_of(*pair) for pair in zip(ups, downs, strict=True)]
        adjusted = ps if budget is None else [budget.adjusted(p, k) for k, p in enumerate(ps, 1)]
        hits += min(adjusted) < 0.05
    return hits / len(right)


BUDGETS = [Budget(), *(Budget(spending=s, looks=LOOKS) for s in ("pocock", "obrien-fleming"))]


def test_twenty_looks_are_wrong_in_at_most_one_training_of_twenty() -> None:
    right = trainings(1500, 200, 200, alike=0.0)
    assert found(right, None) > 0.15  # what looking often does to an uncorrected test
    for budget in BUDGETS:
        assert found(right, budget) <= 0.05 + 3 * (0.05 * 0.95 / 1500) ** 0.5


def test_the_clustered_test_keeps_its_promise_where_maps_hang_together() -> None:
    right = trainings(150, 120, 24, alike=0.8)
    names = [f"{one % 24}" for one in range(120)]
    assert found(right, Budget()) > 0.1  # McNemar's test takes questions for independent
    wrong = 0
    for run in right:
        ps = [sign_flip((look - run[0]).tolist(), names).p for look in run[1:6]]
        wrong += min(Budget().adjusted(p, k) for k, p in enumerate(ps, 1)) < 0.05
    assert wrong <= 0.05 * 150 + 3 * (0.05 * 0.95 * 150) ** 0.5


def test_a_training_that_learns_is_found_out_under_every_budget() -> None:
    right = trainings(150, 200, 200, alike=0.0, change=0.6)
    single = found(right[:, [0, LOOKS]], None)
    assert single > 0.95
    for budget in BUDGETS:
        assert 0.7 < found(right, budget) <= 1.0
