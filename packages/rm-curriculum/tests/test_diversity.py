from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_curriculum import text_diversity
from rm_curriculum.diversity import distinct, edit_distance, self_bleu

texts = st.lists(st.lists(st.sampled_from("abcd"), max_size=6).map(" ".join), max_size=5)


def test_the_golden_numbers_of_the_published_estimator() -> None:
    replies = ["a b c d", "a b c e", "x y"]
    pairs = [(0, 1), (0, 2), (1, 2)]
    words = [reply.split() for reply in replies]
    assert [edit_distance(words[i], words[j]) for i, j in pairs] == [0.25, 1.0, 1.0]
    assert text_diversity(replies) == 0.6875
    assert distinct(replies) == 0.75


@given(texts)
def test_diversity_is_a_share_and_order_plays_no_part(replies: list[str]) -> None:
    found = text_diversity(replies)
    assert 0.0 <= found <= 1.0
    assert text_diversity(replies[::-1]) == pytest.approx(found)
    assert 0.0 <= self_bleu(replies) <= 1.0 + 1e-9
    assert 0.0 <= distinct(replies) <= 1.0


@pytest.mark.parametrize(
    ("replies", "diversity", "likeness"),
    [
        ([], 0.0, 1.0),
        (["one alone"], 0.0, 1.0),
        (["a b c d"] * 3, 0.0, 1.0),
        (["a b c", "d e f"], 1.0, 0.0),
        (["", ""], 0.0, 0.0),
        (["", "a b"], 1.0, 0.0),
    ],
)
def test_alike_and_unlike_replies_are_the_ends(
    replies: list[str], diversity: float, likeness: float
) -> None:
    assert text_diversity(replies) == diversity
    assert self_bleu(replies) == pytest.approx(likeness)


def test_self_bleu_is_a_likeness_so_it_rises_where_diversity_falls() -> None:
    alike, unlike = ["a b c d e", "a b c d f"], ["a b c d e", "a b c g h"]
    assert self_bleu(alike) > self_bleu(unlike) > 0
    assert text_diversity(alike) < text_diversity(unlike)


def test_of_long_replies_the_beginning_counts() -> None:
    long = "w " * 600
    assert text_diversity([long + "x", long + "y"]) == 0.0
