import json
from itertools import permutations, product
from math import inf, nan
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_rewards import RecordError
from rm_rewards.methods.spacer import (
    Drawn,
    drawn_map,
    map_score,
    mra,
    published_map_score,
    station_order,
    total,
)

TRUE: Drawn = {"table": [(2, 3)], "chair": [(9, 3), (1, 1)]}
PARTIAL: Drawn = {"table": [(5, 7)], "chair": [(9, 3)]}
CENTRE: Drawn = {"table": [(5, 5)], "chair": [(5, 5), (5, 5)]}
GHOSTS: Drawn = {**TRUE, "sofa": [(0, 0)] * 5}


@pytest.mark.parametrize(
    ("drawn", "published", "repaired"),
    [
        (TRUE, 1.0, 1.0),
        (PARTIAL, 0.548816, 1 / 3),
        (CENTRE, 0.676274, 0.0),
        (GHOSTS, 1.0, 3 / 8),
        ({}, 0.0, 0.0),
        ({"sofa": [(2, 3)]}, 0.0, 0.0),
    ],
)
def test_a_map_is_scored_object_by_object(drawn: Drawn, published: float, repaired: float) -> None:
    assert published_map_score(drawn, TRUE) == pytest.approx(published, abs=1e-6)
    assert map_score(drawn, TRUE) == pytest.approx(repaired, abs=1e-6)


def test_an_honest_partial_map_beats_a_blind_guess_in_the_repaired_form_alone() -> None:
    assert published_map_score(PARTIAL, TRUE) < published_map_score(CENTRE, TRUE)
    assert map_score(PARTIAL, TRUE) > map_score(CENTRE, TRUE)


def test_no_place_that_is_always_guessed_earns_much_of_an_object_anywhere() -> None:
    cells = list(product(range(10), range(10)))

    def mean(guess: tuple[int, int], *, published: bool) -> float:
        scored = published_map_score if published else map_score
        return sum(scored({"a": [guess]}, {"a": [cell]}) for cell in cells) / len(cells)

    assert mean((5, 5), published=True) > 0.7
    assert max(mean(guess, published=False) for guess in cells[::3]) < 0.15
    assert mean((5, 5), published=False) == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ('<map>{"chair": [[9, 3.5], [1, 1]]}</map>', {"chair": ((9.0, 3.5), (1.0, 1.0))}),
        ('<map>\n```json\n{"a": [[1, 2]]}\n```\n</map> A', {"a": ((1.0, 2.0),)}),
        ('<map>{"a": [[1], "x", [1, null]], "b": 3}</map>', {"a": (), "b": ()}),
        ("<map>[[1, 2]]</map>", None),
        ('<map>{"a": [[1, 2]]}', None),
        ("<map>a chair</map>", None),
        ('{"a": [[1, 2]]}', None),
        ("", None),
    ],
)
def test_a_map_is_read_from_its_tags(text: str, drawn: Drawn | None) -> None:
    assert drawn_map(text) == drawn


def test_the_published_reader_cuts_decimals_off() -> None:
    text = '<map>{"a": [[2.9, 3.9]]}</map>'
    assert drawn_map(text, published=True) == {"a": ((2.0, 3.0),)}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-20, 20) | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
)


@given(st.text() | JSON.map(json.dumps))
def test_any_drawing_is_scored(text: str) -> None:
    drawn = drawn_map(f"<map>{text}</map>")
    if drawn is not None:
        assert 0.0 <= map_score(drawn, TRUE) <= 1.0


PLACE = st.tuples(st.integers(0, 9), st.integers(0, 9))
MAPS = st.dictionaries(st.sampled_from("abc"), st.lists(PLACE, max_size=4), max_size=3)


@given(MAPS, MAPS.filter(lambda drawn: any(drawn.values())))
def test_scores_are_shares_and_the_true_map_has_all(drawn: Drawn, true: Drawn) -> None:
    for scored in (map_score, published_map_score):
        assert 0.0 <= scored(drawn, true) <= 1.0 + 1e-12
        assert scored(true, true) == pytest.approx(1.0)
    assert map_score(drawn, true) <= published_map_score(drawn, true) + 1e-12
    assert map_score({**drawn, "ghost": [(0, 0)]}, true) <= map_score(drawn, true)


@given(MAPS, MAPS.filter(lambda drawn: any(drawn.values())), st.randoms(use_true_random=False))
def test_the_order_in_which_objects_are_listed_does_not_matter(
    drawn: Drawn, true: Drawn, random: Random
) -> None:
    mixed: Drawn = {
        name: random.sample(list(drawn[name]), len(drawn[name])) for name in reversed(list(drawn))
    }
    for scored in (map_score, published_map_score):
        assert scored(mixed, true) == pytest.approx(scored(drawn, true))


@pytest.mark.parametrize(
    ("predicted", "true", "published", "repaired"),
    [
        (9, 10, 0.9, 0.9),
        (10, 10, 1.0, 1.0),
        (8, 10, 0.6, 0.7),
        (5, 10, 0.1, 0.1),
        (4, 10, 0.0, 0.0),
        (11, 10, 0.9, 0.9),
        (-10, -10, 1.0, 1.0),
        (0, 0, 1.0, 1.0),
        (1, 0, 0.0, 0.0),
        (inf, 10, 0.0, 0.0),
        (nan, 10, 0.0, 0.0),
    ],
)
def test_numbers_are_scored_by_their_relative_error(
    predicted: float, true: float, published: float, repaired: float
) -> None:
    assert mra(predicted, true, published=True) == pytest.approx(published)
    assert mra(predicted, true) == pytest.approx(repaired)


@given(st.floats(), st.floats(-1e6, 1e6))
def test_the_right_number_has_all_and_no_other_has_more(predicted: float, true: float) -> None:
    assert 0.0 <= mra(predicted, true, published=True) <= mra(predicted, true) <= mra(true, true)
    assert mra(true, true) == 1.0


@pytest.mark.parametrize(
    ("answer", "drawn", "numeric", "published", "repaired"),
    [
        (1.0, 0.4, False, 1.4, 1.4),
        (1.0, None, False, 1.0, 1.0),
        (1.0, 0.0, False, 0.0, 1.0),
        (0.0, 0.9, False, 0.0, 0.0),
        (0.6, 0.5, True, 1.1, 1.1),
        (0.6, 0.0, True, 0.0, 0.6),
        (0.5, 0.5, True, 0.5, 0.5),
        (0.6, 0.5, False, 0.6, 0.6),
    ],
)
def test_a_bad_map_costs_a_right_answer_in_the_published_form_alone(
    answer: float, drawn: float | None, numeric: bool, published: float, repaired: float
) -> None:
    assert total(answer, drawn, numeric=numeric, published=True) == pytest.approx(published)
    assert total(answer, drawn, numeric=numeric) == pytest.approx(repaired)


@pytest.mark.parametrize(
    ("predicted", "value"),
    [
        ("abcd", 1.0),
        ("dcba", 1.0),
        ("abdc", 4 / 6),
        ("ab", 1 / 6),
        ("abcdxxxx", 0.5),
        ("aaaa", 0.0),
        ("xyz", 0.0),
        ("", 0.0),
    ],
)
def test_the_order_of_stations_along_a_line(predicted: str, value: float) -> None:
    assert station_order(predicted, "abcd") == pytest.approx(value)


def test_a_random_order_earns_less_the_longer_the_line_is() -> None:
    means: list[float] = []
    for line in ("abc", "abcde", "abcdefg"):
        orders = [station_order(order, line) for order in permutations(line)]
        means.append(sum(orders) / len(orders))
    assert means == sorted(means, reverse=True)
    assert means[-1] < 0.3


def test_what_cannot_be_used_is_refused() -> None:
    with pytest.raises(RecordError, match="at least one object"):
        map_score({}, {"table": []})
    with pytest.raises(RecordError, match="predicted: found nan"):
        map_score({"table": [(nan, 1)]}, TRUE)
    with pytest.raises(RecordError, match="drawn: found 2"):
        total(1.0, 2)
    with pytest.raises(RecordError, match="each of them once"):
        station_order("ab", "aa")
    with pytest.raises(RecordError, match="true: found inf"):
        mra(1, inf)
