from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from rm_data.picture.choosing import choose


@st.composite
def boards(draw: st.DrawFn) -> tuple[list[list[int]], list[float], list[list[int]]]:
    sizes = draw(st.lists(st.integers(0, 4), max_size=6))
    owner = [item for item, size in enumerate(sizes) for _ in range(size)]
    places = [[p for p, who in enumerate(owner) if who == item] for item in range(len(sizes))]
    cost = [float(draw(st.integers(0, 5))) for _ in owner]
    excludes: list[list[int]] = [[] for _ in owner]
    for one in range(len(owner)):
        for two in range(one + 1, len(owner)):
            if owner[one] != owner[two] and draw(st.booleans()):
                excludes[one].append(two)
                excludes[two].append(one)
    return places, cost, excludes


@given(boards())
def test_no_two_chosen_places_exclude_each_other(
    board: tuple[list[list[int]], list[float], list[list[int]]],
) -> None:
    places, cost, excludes = board
    chosen = choose(places, cost, excludes)
    taken = {place for place in chosen if place is not None}
    assert all(not taken & set(excludes[place]) for place in taken)
    assert all(place is None or place in mine for place, mine in zip(chosen, places, strict=True))


@given(boards())
def test_every_item_is_placed_wherever_a_search_of_all_choices_finds_a_way(
    board: tuple[list[list[int]], list[float], list[list[int]]],
) -> None:
    places, cost, excludes = board
    possible = any(
        all(two not in excludes[one] for one in picked for two in picked)
        for picked in product(*places)
    )
    chosen = choose(places, cost, excludes)
    assert (None not in chosen) == possible


def test_the_cheapest_places_are_taken_where_nothing_forbids_it() -> None:
    assert choose([[0, 1], [2, 3]], [2.0, 1.0, 0.5, 3.0], [[], [], [], []]) == [1, 2]


def test_an_item_moves_aside_for_one_that_has_no_other_place() -> None:
    assert choose([[0, 1], [2]], [0.0, 5.0, 0.0], [[2], [], [0]]) == [1, 2]


def test_items_without_places_are_told() -> None:
    assert choose([[], [0]], [1.0], [[]]) == [None, 0]
    assert choose([], [], []) == []


def test_neighbours_prefer_the_same_side_if_it_costs_little() -> None:
    right, left = (1, 0), (-1, 0)
    places, none = [[0], [1, 2]], [list[int](), list[int](), list[int]()]
    side, beside = [left, right, left], {0: [1], 1: [0]}
    assert choose(places, [0.0, 0.0, 0.2], none, side=side, beside=beside) == [0, 2]
    assert choose(places, [0.0, 0.0, 2.0], none, side=side, beside=beside) == [0, 1]
    assert choose(places, [0.0, 0.0, 0.2], none) == [0, 1]
