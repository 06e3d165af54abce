from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_data.deck import Deck, below, sample, shuffle, turned_up

SEEDS = st.integers(0, 10_000)


@given(SEEDS, st.integers(1, 500))
def test_a_number_below_a_limit_is_that_of_randrange(seed: int, limit: int) -> None:
    assert below(Random(seed), limit) == Random(seed).randrange(limit)


@given(SEEDS, st.lists(st.integers(), max_size=21), st.data())
def test_shuffling_and_sampling_give_what_the_library_gives(
    seed: int, items: list[int], data: st.DataObject
) -> None:
    count = data.draw(st.integers(0, len(items)))
    library, own = Random(seed), Random(seed)
    assert sample(items, count, own) == library.sample(items, count)
    theirs, ours = list(items), list(items)
    library.shuffle(theirs)
    shuffle(ours, own)
    assert ours == theirs
    assert own.random() == library.random()


@given(SEEDS, st.integers(0, 60), st.booleans(), st.booleans())
def test_a_deck_gives_each_card_once(seed: int, size: int, lazy: bool, from_front: bool) -> None:
    deck = Deck(range(size), Random(seed), lazy=lazy, from_front=from_front)
    drawn = [deck.draw() for _ in range(size)]
    assert sorted(drawn) == list(range(size))
    assert deck.left == 0
    with pytest.raises(IndexError, match="no card is left"):
        deck.draw()


@given(SEEDS, st.integers(0, 60), st.booleans())
def test_cards_are_turned_up_once_each_in_an_order_that_laziness_does_not_change(
    seed: int, size: int, lazy: bool
) -> None:
    shown = list(turned_up(range(size), Random(seed), lazy=lazy))
    assert sorted(shown) == list(range(size))
    assert shown == list(turned_up(range(size), Random(seed), lazy=not lazy))


def test_a_lazy_deck_decides_on_no_more_cards_than_are_drawn() -> None:
    drawn_from, untouched = Random(1), Random(1)
    deck = Deck(range(1_000_000), drawn_from, lazy=True)
    assert drawn_from.random() == untouched.random()
    assert len({deck.draw() for _ in range(100)}) == 100


@pytest.mark.parametrize("lazy", [True, False])
def test_each_card_comes_first_equally_often(lazy: bool) -> None:
    rng = Random(5)
    first = [Deck("abcd", rng, lazy=lazy).draw() for _ in range(4_000)]
    assert all(900 < first.count(card) < 1_100 for card in "abcd")
