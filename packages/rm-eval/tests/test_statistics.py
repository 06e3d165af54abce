from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import comb
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_eval import mcnemar
from rm_eval.statistics import (
    Pair,
    cluster_code,
    cluster_interval,
    holm,
    least_net_change,
    paired_columns,
    paired_test,
    sign_flip,
    student_cdf,
    student_quantile,
)

WEIGHTS = (1.0, 1.5, 2.0)


@pytest.mark.parametrize(
    ("p", "df", "t"),
    [  # the printed tables, as in Abramowitz and Stegun, table 26.10
        (0.975, 1, 12.706),
        (0.975, 2, 4.303),
        (0.975, 3, 3.182),
        (0.975, 4, 2.776),
        (0.975, 10, 2.228),
        (0.95, 10, 1.812),
        (0.995, 10, 3.169),
        (0.8, 10, 0.879),
        (0.975, 29, 2.045),
        (0.975, 120, 1.980),
    ],
)
def test_the_quantiles_of_students_t_are_those_of_the_tables(p: float, df: int, t: float) -> None:
    assert student_quantile(p, df) == pytest.approx(t, abs=5.1e-4)
    assert student_quantile(1 - p, df) == pytest.approx(-t, abs=5.1e-4)


@given(st.floats(-50, 50), st.integers(1, 200))
def test_students_t_is_symmetric_and_one_degree_is_cauchys(t: float, df: int) -> None:
    assert student_cdf(t, df) + student_cdf(-t, df) == pytest.approx(1, abs=1e-12)
    assert student_cdf(t, 1) == pytest.approx(0.5 + np.arctan(t) / np.pi, abs=1e-12)


@given(st.floats(0.001, 0.999), st.integers(1, 100))
def test_a_quantile_undoes_the_distribution(p: float, df: int) -> None:
    assert student_cdf(student_quantile(p, df), df) == pytest.approx(p, abs=1e-9)


@pytest.mark.parametrize("p", [0.0, 1.0, -1.0])
def test_a_quantile_outside_the_distribution_is_refused(p: float) -> None:
    with pytest.raises(ValueError, match="expected a number between 0 and 1"):
        student_quantile(p, 3)
    with pytest.raises(ValueError, match="expected 1 or more"):
        student_cdf(1.0, 0)


@given(st.integers(0, 200), st.integers(0, 200))
def test_without_clusters_and_weights_flipping_is_mcnemars_test(gained: int, lost: int) -> None:
    changes = [1.0] * gained + [-1.0] * lost
    flip = sign_flip(changes, [str(place) for place in range(len(changes))])
    assert flip.exact
    assert flip.p == pytest.approx(mcnemar(gained, lost), rel=1e-9)


CHANGES = st.lists(
    st.tuples(st.sampled_from([-2.0, -1.5, -1.0, 0.0, 1.0, 1.5, 2.0]), st.sampled_from("abcdefg")),
    min_size=1,
    max_size=30,
)


@given(CHANGES)
def test_counted_flips_are_those_that_one_gets_by_trying_all(
    changes: list[tuple[float, str]],
) -> None:
    values, names = [v for v, _ in changes], [n for _, n in changes]
    sums = {name: sum(Fraction(v) for v, n in changes if n == name) for name in set(names)}
    found = abs(sum(sums.values()))
    patterns = list(product((1, -1), repeat=len(sums)))
    beyond = sum(
        abs(sum(s * d for s, d in zip(signs, sums.values(), strict=True))) >= found
        for signs in patterns
    )
    assert sign_flip(values, names).p == pytest.approx(beyond / len(patterns), abs=1e-12)


@given(CHANGES, st.randoms())
def test_neither_order_nor_the_direction_changes_the_p(
    changes: list[tuple[float, str]], order: Random
) -> None:
    mixed = list(changes)
    order.shuffle(mixed)
    p = sign_flip([v for v, _ in changes], [n for _, n in changes]).p
    assert sign_flip([-v for v, _ in mixed], [n for _, n in mixed]).p == pytest.approx(p)


def test_scores_that_are_no_multiples_are_drawn_and_agree_with_the_count() -> None:
    values = [1.0, 1.0, 1.0, -1.0, 1.0, 1.0, 1.0, 1.0]
    names = [str(place) for place in range(8)]
    drawn = sign_flip([v * 2**0.5 for v in values], names)
    assert not drawn.exact
    assert drawn.p == pytest.approx(sign_flip(values, names).p, abs=0.02)  # counted: 18 / 256
    assert drawn == sign_flip([v * 2**0.5 for v in values], names)


@pytest.mark.parametrize(
    ("ps", "adjusted"),
    [
        ([], []),
        ([0.2], [0.2]),
        # Holm 1979 by hand: 4 x 0.005, 3 x 0.01, 2 x 0.03, and never less than the one before
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),
        ([0.6, 0.7], [1.0, 1.0]),
    ],
)
def test_holm_steps_down(ps: list[float], adjusted: list[float]) -> None:
    assert holm(ps) == pytest.approx(adjusted)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holm_lies_between_nothing_and_bonferroni_and_keeps_the_order(ps: list[float]) -> None:
    adjusted = holm(ps)
    for p, q in zip(ps, adjusted, strict=True):
        assert p <= q <= min(1.0, len(ps) * p) + 1e-12
    ranks = sorted(range(len(ps)), key=lambda at: (ps[at], adjusted[at]))
    assert [adjusted[at] for at in ranks] == sorted(adjusted)


@given(st.integers(0, 300))
def test_the_least_net_change_is_significant_and_the_next_smaller_is_not(changed: int) -> None:
    least = least_net_change(changed)
    if least is None:
        assert changed < 6
        return
    lost = (changed - least) // 2
    assert mcnemar(changed - lost, lost) < 0.05 <= mcnemar(changed - lost - 1, lost + 1)


def test_four_of_191_can_never_be_significant() -> None:
    assert [least_net_change(changed) for changed in (4, 5, 6, 8)] == [None, None, 6, 8]
    pairs = [Pair(0, 1, 1, str(i)) for i in range(4)]
    pairs += [Pair(1, 1, 1, str(i)) for i in range(4, 191)]
    test = paired_test(pairs)
    assert (test.gained, test.lost, test.mcnemar, test.p) == (4, 0, 0.125, 0.125)
    assert test.verdict() == "tie"


def test_the_cluster_robust_error_is_the_textbook_one_where_clusters_are_single() -> None:
    # A paired t test by hand: differences 1, 1, 0, -1, 1, 0, 1, 1; mean 0.5, s^2 = 4 / 7.
    changes = [1, 1, 0, -1, 1, 0, 1, 1]
    test = paired_test([Pair(0.0, float(d), 1, str(i)) for i, d in enumerate(changes)])
    half = 2.364624 * (4 / 7 / 8) ** 0.5
    assert test.difference == pytest.approx(0.5)
    assert test.high == pytest.approx(min(1, 0.5 + half), abs=1e-5)
    assert test.low == pytest.approx(0.5 - half, abs=1e-5)
    assert test.detectable == pytest.approx((2.364624 + 0.896030) * (4 / 7 / 8) ** 0.5, abs=1e-5)


def test_the_weighted_difference_and_its_error_by_hand() -> None:
    # Clusters: a: +1.5, b: 0, c: +2 - 1, of weights 2.5, 2, 3; difference 2.5 / 7.5 = 1/3.
    pairs = [
        *(Pair(0, 1, 1.5, "a"), Pair(1, 1, 1.0, "a")),
        *(Pair(0, 0, 2.0, "b"), Pair(0, 1, 2.0, "c"), Pair(1, 0, 1.0, "c")),
    ]
    test = paired_test(pairs)
    residuals = np.array([1.5 - 2.5 / 3, -2 / 3, 1 - 1])
    error = float(np.sqrt(1.5 * (residuals**2).sum()) / 7.5)
    assert test.difference == pytest.approx(1 / 3)
    assert test.high == pytest.approx(1 / 3 + 4.302653 * error, abs=1e-6)
    assert (test.gained, test.lost, test.clusters, test.n) == (2, 1, 3, 5)
    assert test.p == 0.5  # of 1.5 and 1: two of four sign patterns reach 2.5


def test_clusters_cost_certainty() -> None:
    pairs = [Pair(0, 1, 1, str(i)) for i in range(12)]
    together = [Pair(0, 1, 1, str(i // 4)) for i in range(12)]
    assert paired_test(pairs).p == 2 / 2**12
    assert paired_test(together).p == 2 / 2**3
    assert paired_test(together).mcnemar == 2 / 2**12


def test_what_was_never_seen_to_change_is_not_certain_not_to() -> None:
    same = paired_test([Pair(1, 1, 1, str(i)) for i in range(100)])
    assert same.low == pytest.approx(-0.0362, abs=1e-4)  # 1 - 0.025^(1 / 100)
    assert same.high == -same.low
    assert same.detectable is None
    assert not same.not_worse_than(0.03)
    assert same.not_worse_than(0.04)
    one = paired_test([Pair(1, 0, 1, "a")] * 50)
    assert (one.low, one.high, one.p, one.verdict()) == (-1.0, 1.0, 1.0, "tie")


def test_a_comparison_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="expected one a question"):
        paired_test([])
    with pytest.raises(ValueError, match="found 1, expected 2, one a value"):
        sign_flip([1, 1], ["a"])


PAIRS = st.lists(
    st.builds(
        Pair,
        st.sampled_from([0.0, 1.0]),
        st.sampled_from([0.0, 1.0]),
        st.sampled_from(WEIGHTS),
        st.sampled_from("abcdefgh"),
    ),
    min_size=1,
    max_size=60,
)


@given(PAIRS)
def test_a_comparison_turned_round_says_the_opposite(pairs: list[Pair]) -> None:
    there = paired_test(pairs)
    back = paired_test([Pair(p.after, p.before, p.weight, p.cluster) for p in pairs])
    assert back.difference == pytest.approx(-there.difference)
    assert (back.low, back.high) == (pytest.approx(-there.high), pytest.approx(-there.low))
    assert (back.gained, back.lost) == (there.lost, there.gained)
    assert back.p == pytest.approx(there.p)
    assert there.low <= there.difference <= there.high
    assert 0 < there.p <= 1
    assert {there.verdict(), back.verdict()} in ({"tie"}, {"better", "worse"})


@given(PAIRS)
def test_a_cluster_interval_holds_the_mean_and_mirrors(pairs: list[Pair]) -> None:
    weights, names = [p.weight for p in pairs], [p.cluster for p in pairs]
    values = [p.before for p in pairs]
    mean = sum(v * w for v, w in zip(values, weights, strict=True)) / sum(weights)
    low, high = cluster_interval(values, weights, names)
    assert -1e-12 <= low <= mean + 1e-12
    assert mean - 1e-12 <= high <= 1 + 1e-12
    assert low < high
    mirrored = cluster_interval([1 - v for v in values], weights, names)
    assert mirrored == (pytest.approx(1 - high), pytest.approx(1 - low))
    backwards = cluster_interval(values[::-1], weights[::-1], names[::-1])
    assert backwards == (pytest.approx(low), pytest.approx(high))


def test_from_one_cluster_nothing_is_known() -> None:
    assert cluster_interval([1.0] * 9, [1.0] * 9, ["a"] * 9) == (0.0, 1.0)


def test_the_bootstrap_of_single_questions_is_the_binomial_distribution() -> None:
    # Means of resampled 0/1 values are Binomial(60, 0.3) / 60, whose quantiles can be summed.
    n, right = 60, 18
    cumulated = np.cumsum([comb(n, k) * 0.3**k * 0.7 ** (n - k) for k in range(n + 1)])
    below, above = (int(np.searchsorted(cumulated, q)) / n for q in (0.025, 0.975))
    wider = 2.000995 / 1.959964 * (60 / 59) ** 0.5
    low, high = cluster_interval([1.0] * right + [0.0] * (n - right), [1.0] * n, _names(n))
    assert low == pytest.approx(0.3 - wider * (0.3 - below), abs=1.05 / n)
    assert high == pytest.approx(0.3 + wider * (above - 0.3), abs=1.05 / n)


def test_many_clusters_are_not_drawn_and_agree_with_the_bootstrap() -> None:
    values = [float(i % 3 == 0) for i in range(3000)]
    many = cluster_interval(values, [1.0] * 3000, _names(3000))
    half = 1.9600 * (1 / 3 * 2 / 3 / 3000) ** 0.5
    assert many == (pytest.approx(1 / 3 - half, abs=5e-4), pytest.approx(1 / 3 + half, abs=5e-4))


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    generator = np.random.default_rng(7)
    held = 0
    for _ in range(200):  # 30 maps of 8 questions, each map with an ease of its own around 0.5
        ease = generator.beta(2, 2, size=30)
        values = (generator.random((30, 8)) < ease[:, None]).astype(float).ravel().tolist()
        low, high = cluster_interval(values, [1.0] * 240, [str(i // 8) for i in range(240)])
        held += low <= 0.5 <= high
    assert 0.90 <= held / 200 <= 0.99


def _names(count: int) -> list[str]:
    return [str(place) for place in range(count)]


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 4)), min_size=1))
def test_columns_of_codes_say_what_pairs_of_names_say(rows: list[tuple[bool, bool, int]]) -> None:
    names = [f"map {cluster}" for _, _, cluster in rows]
    weights = [WEIGHTS[cluster % 3] for _, _, cluster in rows]
    pairs = [
        Pair(float(a), float(b), weight, name)
        for (a, b, _), weight, name in zip(rows, weights, names, strict=True)
    ]
    before, after = (np.array([row[place] for row in rows], dtype=float) for place in (0, 1))
    codes = np.array([cluster_code(name) for name in names], dtype=np.int64)
    found, expected = (
        paired_columns(before, after, np.array(weights), codes),
        paired_test(pairs),
    )
    assert (found.n, found.clusters, found.gained, found.lost, found.exact) == (
        *(expected.n, expected.clusters, expected.gained, expected.lost, expected.exact),
    )
    for name in ("difference", "low", "high", "p", "mcnemar"):
        assert getattr(found, name) == pytest.approx(getattr(expected, name), abs=1e-12)


def test_a_mean_over_parts_of_equal_clusters_has_the_interval_of_the_whole() -> None:
    """Questions asked in four orders: each cluster has one item in each part."""
    drawn = Random(3)
    right = [float(drawn.random() < 0.7) for _ in range(40 * 4)]
    clusters = [f"question {place // 4}" for place in range(len(right))]
    parts = np.array([place % 4 for place in range(len(right))])
    whole = cluster_interval(right, [1.0] * len(right), clusters)
    assert cluster_interval(right, [1.0] * len(right), clusters, parts=parts) == pytest.approx(
        whole
    )


def test_a_mean_over_unequal_parts_weighs_the_parts_alike() -> None:
    """90 items that are all right and 10 that are all wrong: the mean of the parts is a half."""
    right, parts = [1.0] * 90 + [0.0] * 10, np.array([0] * 90 + [1] * 10)
    names = [f"c{place % 50}" for place in range(100)]
    low, high = cluster_interval(right, [1.0] * 100, names, parts=parts)
    assert low < 0.5 < high
    assert cluster_interval(right, [1.0] * 100, names)[0] > 0.5
    many = [f"c{place}" for place in range(4000)]
    low, high = cluster_interval(right * 40, [1.0] * 4000, many, parts=np.tile(parts, 40))
    assert low < 0.5 < high
