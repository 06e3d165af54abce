from __future__ import annotations

import random
from collections import Counter
from itertools import count
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_curriculum import CurriculumError
from rm_curriculum.nearest import Nearest
from rm_curriculum.randomness import BLOCK, Words
from rm_curriculum.ranks import Ranks
from rm_curriculum.weights import Weights, checked_layout

WORDS = Words(7, "test")
weights_of = st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=30)


def test_items_are_drawn_in_proportion_to_their_weights() -> None:
    held = [0, 1, 2, 3, 5, 100, 1 << 20, (1 << 20) + 1, 3 << 19, 1 << 18]
    weights = Weights(held)
    found = Counter(weights.draw(draw, 1, WORDS, set())[0] for draw in range(60_000))
    for item, weight in enumerate(held):
        expected = 60_000 * weight / sum(held)
        assert abs(found[item] - expected) <= 5 * sqrt(expected) + 1


@given(weights_of, st.lists(st.tuples(st.integers(0, 29), st.integers(0, 2**32 - 1)), max_size=40))
def test_changed_weights_are_those_that_count(
    start: list[int], changes: list[tuple[int, int]]
) -> None:
    weights, plain = Weights(start), list(start)
    for place, weight in changes:
        weights.put([place % len(start)], [weight])
        plain[place % len(start)] = weight

    assert sorted(weights.layout()) == list(range(len(start)))
    bits = [plain[item].bit_length() for item in weights.layout()]
    assert bits == sorted(bits)
    drawn = weights.draw(0, 50, WORDS, set())
    assert all(plain[item] for item in drawn)
    assert len(drawn) == len(set(drawn)) == sum(map(bool, plain))


@given(weights_of, st.integers(0, 10_000), st.integers(1, 20), st.randoms())
def test_a_layout_brings_the_same_draws_back(
    start: list[int], first: int, n: int, chance: random.Random
) -> None:
    weights, plain = Weights(start), list(start)
    for _ in range(20):
        place = chance.randrange(len(start))
        plain[place] = chance.choice((0, 1, chance.randrange(2**32)))
        weights.put([place], [plain[place]])
    again = Weights(plain, weights.layout())
    assert again.draw(first, n, WORDS, set()) == weights.draw(first, n, WORDS, set())
    weights.put([0], [77])
    again.put([0], [77])
    assert again.layout() == weights.layout()


def test_no_item_comes_twice_in_a_batch_while_others_have_weight() -> None:
    weights = Weights([1 << 20] * 30 + [1] * 30)
    for first in range(0, 3_000, 30):
        assert len(set(weights.draw(first, 40, WORDS, set()))) == 40
    few = Weights([5, 0, 7, 1 << 30])
    assert few.draw(0, 4, WORDS, {3}) in ([0, 2], [2, 0])
    assert Weights([0, 0]).draw(0, 4, WORDS, set()) == []


def test_words_do_not_depend_on_how_they_are_asked_for() -> None:
    words = list(Words(3, "a").span(0, 3 * BLOCK))
    other = Words(3, "a")
    assert [other.of(draw) for draw in reversed(range(3 * BLOCK))] == words[::-1]
    assert list(other.span(BLOCK - 2, 5)) == words[BLOCK - 2 : BLOCK + 3]
    assert len(set(words)) == len(words)
    assert Words(3, "b").of(0) != words[0] != Words(4, "a").of(0)


def test_words_are_the_ones_on_record() -> None:
    words = Words(0, "vas")
    assert [words.of(0), words.of(1), words.of(0, 1), words.of(10**12, 3), words.of(5, 9)] == [
        16261706559283370740,
        10058635202689662147,
        16266871559629738961,
        5957407205225746849,
        11255253109041074859,
    ]


def test_words_are_even() -> None:
    words = Words(1, "even")
    found = Counter(words.below(10, draw, attempt) for draw in range(4_000) for attempt in range(6))
    assert all(abs(found[digit] - 2_400) < 5 * sqrt(2_400) for digit in range(10))
    assert all(0 <= words.share(draw, 5) < 1 for draw in range(100))


points_of = st.integers(-32, 96).map(lambda whole: whole / 64)


@given(st.lists(points_of, max_size=25), st.lists(points_of, max_size=30))
def test_the_nearest_that_is_left_is_found(points: list[float], values: list[float]) -> None:
    points.sort()
    line, left = Nearest(points), dict(enumerate(points))
    for value in values:
        found = line.pop(value)
        if not left:
            assert found is None
            continue
        assert found is not None
        best = min(left.values(), key=lambda point: (abs(point - value), point))
        assert left[found] == best
        assert found == min(place for place, point in left.items() if point == best)
        del left[found]


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 65_535)), max_size=60))
def test_ranks_are_those_of_sorting(changes: list[tuple[int, int]]) -> None:
    ranks, held = Ranks(()), dict[int, int]()
    for item, score in changes:
        if item in held:
            ranks.remove(held[item], item)
        held[item] = score
        ranks.add(score, item)
    order = sorted(held, key=lambda item: (-held[item], item))
    assert [ranks.item(rank) for rank in range(len(ranks))] == order
    assert [ranks.rank(held[item], item) for item in order] == list(range(len(order)))


def test_many_ranks_are_kept_in_rows_that_split_and_vanish() -> None:
    chance = random.Random(1)
    scores = {item: chance.randrange(500) for item in range(5_000)}
    ranks = Ranks((score, item) for item, score in scores.items())
    for item, score in zip(range(5_000), count(700)):
        ranks.remove(scores[item], item)
        scores[item] = score % 60_000
        ranks.add(scores[item], item)
    order = sorted(scores, key=lambda item: (-scores[item], item))
    assert [ranks.item(rank) for rank in range(len(ranks))] == order
    for item in range(4_000):
        ranks.remove(scores.pop(item), item)
    assert len(ranks) == 1_000
    assert ranks.item(0) == max(scores, key=lambda item: (scores[item], -item))


def test_a_layout_that_is_none_is_refused() -> None:
    for layout in ([0, 1], [0, 1, 1], [0, 1, 3]):
        with pytest.raises(CurriculumError, match="expected each of 3 items once"):
            checked_layout(layout, 3)
    assert checked_layout([2, 0, 1], 3) == [2, 0, 1]
