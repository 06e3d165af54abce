from __future__ import annotations

from collections import Counter
from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_eval.errors import EvalError
from rm_eval.stratified import Limit, Member, chosen

STRATA = st.lists(st.integers(1, 40), min_size=1, max_size=6)


def singles(sizes: list[int]) -> list[Member]:
    """Questions that stand alone, so many of each stratum."""
    return [
        Member(f"{stratum}-{place}", (str(stratum),), f"{stratum}-{place}")
        for stratum, size in enumerate(sizes)
        for place in range(size)
    ]


def fours(counts: list[int]) -> list[Member]:
    """Questions of four orders each, that stand together, so many of each stratum."""
    return [
        Member(f"{stratum}-{place}-{order}", (str(stratum),), f"{stratum}-{place}")
        for stratum, count in enumerate(counts)
        for place in range(count)
        for order in range(4)
    ]


def kept_of(members: list[Member], limit: Limit, seed: int = 0) -> Counter[str]:
    ids = chosen(members, limit, seed)
    return Counter(member.stratum[0] for member in members if member.id in ids)


@given(STRATA, st.integers(1, 200), st.integers(0, 9), st.randoms(use_true_random=False))
def test_the_order_of_the_file_changes_nothing(
    sizes: list[int], limit: int, seed: int, random: Random
) -> None:
    members = singles(sizes)
    shuffled = random.sample(members, len(members))
    assert chosen(members, limit, seed) == chosen(shuffled, limit, seed)


@given(STRATA, st.integers(1, 200))
def test_so_many_are_kept_and_one_of_each_stratum_where_that_is_possible(
    sizes: list[int], limit: int
) -> None:
    kept = kept_of(singles(sizes), limit)
    assert kept.total() == min(limit, sum(sizes))
    assert len(kept) == min(limit, len(sizes))


@given(STRATA, st.integers(1, 200))
def test_no_question_more_would_be_fairer_in_another_stratum(sizes: list[int], limit: int) -> None:
    """Webster's condition, among the strata that have more than the one that each is given."""
    kept = kept_of(singles(sizes), limit)
    shares = [(kept[str(place)], size) for place, size in enumerate(sizes)]
    for (a, size_a), (b, size_b) in [*combinations(shares, 2), *combinations(shares[::-1], 2)]:
        if a > 1 and 0 < b < size_b:
            assert (a - 0.5) / size_a <= (b + 0.5) / size_b + 1e-9


@given(st.lists(st.integers(1, 12), min_size=1, max_size=4), st.integers(1, 200), st.integers(0, 3))
def test_what_stands_together_is_kept_whole_or_not_at_all(
    counts: list[int], limit: int, seed: int
) -> None:
    members = fours(counts)
    ids = chosen(members, limit, seed)
    units = Counter(member.unit for member in members if member.id in ids)
    assert set(units.values()) == {4}
    assert len(ids) == max(4, min(limit // 4 * 4, len(members)))


@given(STRATA, st.integers(1, 100), st.integers(1, 100))
def test_a_larger_limit_keeps_what_a_smaller_one_kept(sizes: list[int], one: int, two: int) -> None:
    members = [*singles(sizes), *fours([3])]
    assert chosen(members, min(one, two), 5) <= chosen(members, max(one, two), 5)


def test_another_seed_keeps_others() -> None:
    members = singles([40])
    assert chosen(members, 10, 1) != chosen(members, 10, 2)


@pytest.mark.parametrize(
    ("limit", "kept"), [(0.1, 19), (0.5, 96), (1.0, 191), (0.0001, 1), (0.29, 55), (1, 1)]
)
def test_a_share_is_of_all_and_an_integer_a_count(limit: Limit, kept: int) -> None:
    assert len(chosen(singles([115, 76]), limit, 0)) == kept


@pytest.mark.parametrize("limit", [0, -1, 0.0, -0.5, 1.5, float("nan")])
def test_what_is_neither_is_refused(limit: Limit) -> None:
    with pytest.raises(EvalError, match=f"limit: found {limit}, expected "):
        chosen(singles([5]), limit, 0)
