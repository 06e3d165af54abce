from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_eval.backends.pool import Shares


@pytest.mark.parametrize(
    ("pictures", "engines", "expected"),
    [
        ("aaabbb", 2, [0, 0, 0, 1, 1, 1]),
        ("abcabc", 3, [0, 1, 2, 0, 1, 2]),
        ("aabc", 2, [0, 0, 1, 1]),
        ("aaaa", 1, [0, 0, 0, 0]),
    ],
)
def test_questions_are_shared_by_their_pictures(
    pictures: str, engines: int, expected: list[int]
) -> None:
    shares = Shares(engines)
    assert [shares.next(picture) for picture in pictures] == expected


@given(st.lists(st.sampled_from("abcdefgh"), max_size=64), st.integers(1, 5))
def test_a_picture_stays_with_its_engine(pictures: list[str], engines: int) -> None:
    shares, homes = Shares(engines), dict[str, set[int]]()
    for picture in pictures:
        homes.setdefault(picture, set()).add(shares.next(picture))
    assert all(len(home) == 1 for home in homes.values())


def test_a_picture_with_most_of_the_questions_keeps_no_engine_idle() -> None:
    shares = Shares(2)
    busy = Counter(shares.next("a") for _ in range(1000))
    assert min(busy.values()) > 400


def test_what_has_ended_makes_an_engine_the_idler_one() -> None:
    shares = Shares(2)
    assert [shares.next(picture) for picture in "aab"] == [0, 0, 1]
    shares.ended(0)
    shares.ended(0)
    assert shares.next("c") == 0
