from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_eval import mcnemar, wilson


@pytest.mark.parametrize(
    ("correct", "n", "low", "high"),
    [  # Newcombe 1998, Statistics in Medicine 17, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        # the closed form by hand: (8 + z^2/2 -+ z sqrt(1.6 + z^2/4)) / (10 + z^2), z = 1.95996
        (8, 10, 0.4902, 0.9433),
        (10, 10, 0.7225, 1.0),
    ],
)
def test_wilson_gives_the_published_intervals(
    correct: int, n: int, low: float, high: float
) -> None:
    assert wilson(correct, n) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@given(st.integers(1, 5000), st.data())
def test_wilson_holds_the_share_and_mirrors(n: int, data: st.DataObject) -> None:
    correct = data.draw(st.integers(0, n))
    low, high = wilson(correct, n)
    assert 0.0 <= low <= correct / n <= high <= 1.0
    assert low < high
    assert wilson(n - correct, n) == (pytest.approx(1 - high), pytest.approx(1 - low))


def test_without_questions_nothing_is_known() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("gained", "lost", "p"),
    [
        (0, 0, 1.0),
        (4, 0, 0.125),  # 2 / 2^4: V* of the RewardMap paper, +4 of 191, can never be significant
        (5, 0, 0.0625),
        (6, 0, 0.03125),
        (10, 2, 158 / 4096),  # 2 (1 + 12 + 66) / 2^12
        (2, 10, 158 / 4096),
        (5, 5, 1.0),
        (9, 1, 22 / 1024),
    ],
)
def test_mcnemar_gives_the_binomial_p(gained: int, lost: int, p: float) -> None:
    assert mcnemar(gained, lost) == pytest.approx(p, abs=1e-15)


@given(st.integers(0, 300), st.integers(0, 300))
def test_mcnemar_is_twice_the_smaller_binomial_tail(gained: int, lost: int) -> None:
    n = gained + lost
    tail = sum(Fraction(comb(n, k), 2**n) for k in range(min(gained, lost) + 1))
    assert mcnemar(gained, lost) == pytest.approx(float(min(Fraction(1), 2 * tail)), rel=1e-12)
    assert mcnemar(gained, lost) == mcnemar(lost, gained)


def test_mcnemar_copes_with_many_questions() -> None:
    assert mcnemar(3_000, 2_000) < 1e-40
    assert 0.9 < mcnemar(5_001, 5_000) <= 1.0


@pytest.mark.parametrize(("gained", "lost"), [(501, 500), (560, 480), (1001, 0), (900, 700)])
def test_many_changes_are_summed_as_few_are_counted(gained: int, lost: int) -> None:
    n, fewer = gained + lost, min(gained, lost)
    counted = Fraction(2 * sum(comb(n, k) for k in range(fewer + 1)), 2**n)
    assert mcnemar(gained, lost) == pytest.approx(float(min(counted, Fraction(1))), rel=1e-8)


def test_a_million_changes_have_a_p() -> None:
    assert mcnemar(500_000, 500_000) == 1.0
    # z = 2,000 / sqrt(1,000,000), with the correction for continuity
    assert mcnemar(501_000, 499_000) == pytest.approx(0.0456, abs=1e-4)
    assert mcnemar(600_000, 400_000) == 0.0
