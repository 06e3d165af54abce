from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from rm_data import ask, generate, load_network
from rm_data.networks import find_networks
from rm_data.text_only import accuracy, sample_of
from rm_data.windows import choose, windows


@dataclass
class Pairs:
    left: int


@given(st.sets(st.integers(0, 40)))
def test_windows_are_four_rising_numbers_near_each_other_that_occur(counts: set[int]) -> None:
    found = windows(counts)
    assert (0, 1, 2, 3) in found
    assert len(set(found)) == len(found)
    for window in found:
        assert sorted(set(window)) == list(window)
        assert window[3] - window[0] <= 4
        assert set(window) <= counts | {0, 1, 2, 3}


def test_where_all_counts_occur_each_number_of_a_window_is_right_equally_often() -> None:
    found = windows(range(12))
    rng = Random(1)
    piles = {count: Pairs(1) for count in range(12)}
    seen = Counter[tuple[tuple[int, ...], int]]()
    for turn in range(40_000):
        window = choose(found, turn % 4, piles, rng)
        assert window is not None
        seen[window, turn % 4] += 1
    expected = 40_000 / 4 / len(found)
    assert all(0.75 < times / expected < 1.25 for times in seen.values())
    assert len(seen) == 4 * len(found)


def test_a_window_without_pairs_is_not_chosen() -> None:
    piles = {0: Pairs(0), 1: Pairs(0), 2: Pairs(1)}
    assert choose(windows(range(9)), 0, piles, Random(0)) in {
        (2, 3, 4, 5),
        (2, 3, 4, 6),
        (2, 3, 5, 6),
        (2, 4, 5, 6),
    }
    assert choose(windows([]), 3, piles, Random(0)) is None


def test_the_numbers_of_real_maps_do_not_tell_the_answer(station_lists: object) -> None:
    asked = [
        sample
        for path in find_networks([str(station_lists)])
        for question in ask(load_network(path), "Counting1", per_map=35)
        if (sample := sample_of(question)) is not None
    ]
    assert len(asked) > 500
    assert accuracy(asked) < 0.32


def test_counts_are_still_asked_for_over_their_whole_range() -> None:
    asked = [q for seed in range(40) for q in ask(generate(seed, style="named"), "Counting1")]
    right = Counter(int((q.options or ())[q.answer or 0]) for q in asked)
    assert set(range(7)) <= set(right)
    assert max(right.values()) < 0.3 * len(asked)
