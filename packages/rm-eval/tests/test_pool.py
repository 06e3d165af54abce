from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_eval.backends.pool import shared


@pytest.mark.parametrize(
    ("keys", "parts", "expected"),
    [
        ("abaca", 2, [[0, 2, 4], [1, 3]]),
        ("aabbcc", 3, [[0, 1], [2, 3], [4, 5]]),
        ("aaaa", 2, [[0, 1, 2, 3], []]),
        ("a", 1, [[0]]),
    ],
)
def test_questions_are_shared_by_their_pictures(
    keys: str, parts: int, expected: list[list[int]]
) -> None:
    assert shared(list(keys), parts) == expected


@given(st.lists(st.sampled_from("abcdefgh")), st.integers(1, 5))
def test_each_question_goes_to_one_engine_and_each_picture_too(keys: list[str], parts: int) -> None:
    made = shared(keys, parts)
    assert len(made) == parts
    assert sorted(place for places in made for place in places) == list(range(len(keys)))
    homes = {
        key: {n for n, places in enumerate(made) for p in places if keys[p] == key} for key in keys
    }
    assert all(len(home) == 1 for home in homes.values())
