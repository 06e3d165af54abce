import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_rewards import Question, RecordError
from rm_rewards.methods.vision_r1 import gated, hfrrf, reply_hfrrf

COUNT = Question(id="q", type="Counting2", question="How many?", answer=8)


@pytest.mark.parametrize(
    ("well_formed", "correct", "value"),
    [(True, True, 1.0), (True, False, 0.0), (False, True, 0.0), (False, False, 0.0)],
)
def test_only_a_right_answer_in_the_right_form_counts(
    well_formed: bool, correct: bool, value: float
) -> None:
    assert hfrrf(well_formed=well_formed, correct=correct) == value
    assert gated(well_formed=well_formed, correct=correct, partial=0.0) == value


@given(st.booleans(), st.booleans(), st.floats(0, 1), st.floats(0, 0.99))
def test_partial_credit_stays_below_the_full_mark(
    well_formed: bool, correct: bool, partial: float, cap: float
) -> None:
    found = gated(well_formed=well_formed, correct=correct, partial=partial, cap=cap)
    assert 0.0 <= found <= 1.0
    assert (found == 1.0) == (well_formed and correct)


@pytest.mark.parametrize(
    ("reply", "value"),
    [(r"\boxed{8}", 1.0), ("8", 0.0), (r"\boxed{7}", 0.0), ("", 0.0), (r"<think>\boxed{8}", 0.0)],
)
def test_a_reply_gets_all_or_nothing(reply: str, value: float) -> None:
    assert reply_hfrrf(COUNT, reply) == value


@given(st.text())
def test_any_text_is_scored(text: str) -> None:
    assert reply_hfrrf(COUNT, text) in (0.0, 1.0)


def test_credit_out_of_range_is_refused() -> None:
    with pytest.raises(RecordError, match="partial: found 2"):
        gated(well_formed=True, correct=True, partial=2)
    with pytest.raises(RecordError, match="cap: found 1"):
        gated(well_formed=True, correct=True, partial=0, cap=1)
