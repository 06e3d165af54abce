import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_rewards import RecordError
from rm_rewards.methods.vlm_r1_length import (
    cosine_length,
    published_cosine_length,
    repeated,
    repetition,
)


@pytest.mark.parametrize(
    ("length", "right", "wrong"),
    [(0, 1.0, -0.5), (512, 0.75, -0.25), (1024, 0.5, 0.0), (5000, 0.5, 0.0)],
)
def test_short_is_good_for_right_replies_and_bad_for_wrong_ones(
    length: int, right: float, wrong: float
) -> None:
    assert cosine_length(length, correct=True) == pytest.approx(right)
    assert cosine_length(length, correct=False) == pytest.approx(wrong)
    assert published_cosine_length(length) == pytest.approx(right)


@given(st.integers(0, 4000), st.integers(0, 4000))
def test_a_right_reply_of_any_length_is_above_a_wrong_one(a: int, b: int) -> None:
    assert -0.5 <= cosine_length(a, correct=False) <= 1e-12
    assert 0.5 - 1e-12 <= cosine_length(b, correct=True) <= 1.0


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a b c d e f a b c d e f", -1 / 7),
        ("A B C D E F a b c d e f", -1 / 7),
        ("a b c d e f g", 0.0),
        ("a a a", 0.0),
        ("", 0.0),
        ("a " * 105, -0.99),
    ],
)
def test_repeated_runs_of_six_words_cost(text: str, value: float) -> None:
    assert repetition(text) == pytest.approx(value)


@given(st.text())
def test_any_text_costs_at_most_one(text: str) -> None:
    assert -1.0 < repetition(text, n=1) <= 0.0
    assert repetition(f"{text} {text}", n=1) <= repetition(text, n=1)


def test_repeated_boxes_cost() -> None:
    assert repeated([(0, 0, 1, 1), (0, 0, 1, 1), (2, 2, 3, 3)]) == pytest.approx(-1 / 3)
    assert repeated([]) == 0.0


def test_lengths_that_cannot_be_used_are_refused() -> None:
    with pytest.raises(RecordError, match="length: found -1"):
        cosine_length(-1, correct=True)
    with pytest.raises(RecordError, match="longest: found 0"):
        cosine_length(1, correct=True, longest=0)
    with pytest.raises(RecordError, match="n: found 0"):
        repetition("a", n=0)
