import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_rewards import Leg, RecordError
from rm_rewards.methods.vad_r1 import removal_check, vad_reward


@pytest.mark.parametrize(
    ("abnormal", "said", "trimmed", "length", "published", "repaired"),
    [
        (True, True, False, 300, 2.7, 2.7),
        (False, False, True, 200, 2.0, 2.0),
        (False, True, False, 0, 1.5, 1.0),
        (True, True, True, 0, 2.0, 2.0),
        (True, False, False, 232, 1.0, 1.0),
        (True, False, True, 233, 1.0, 1.0),
        (False, False, False, 261, 2.2, 2.2),
        (False, False, False, 262, 2.0, 2.0),
    ],
)
def test_the_parts_add_up(
    abnormal: bool, said: bool, trimmed: bool, length: int, published: float, repaired: float
) -> None:
    for as_published, total in ((True, published), (False, repaired)):
        found = vad_reward(
            abnormal=abnormal,
            predicted_abnormal=said,
            trimmed_abnormal=trimmed,
            well_formed=True,
            length=length,
            published=as_published,
        )
        assert found.total == pytest.approx(total)


@given(*[st.booleans()] * 5, st.integers(0, 1000))
def test_totals_stay_in_range_and_the_right_label_is_never_below_the_wrong_one(
    abnormal: bool, trimmed: bool, other: bool, well_formed: bool, published: bool, length: int
) -> None:
    def total(said: bool, again: bool) -> float:
        return vad_reward(
            abnormal=abnormal,
            predicted_abnormal=said,
            trimmed_abnormal=again,
            well_formed=well_formed,
            length=length,
            published=published,
        ).total

    right, wrong = total(abnormal, trimmed), total(not abnormal, other)
    assert -0.2 <= wrong <= right <= 2.7


def test_a_false_alarm_is_paid_in_the_published_form_alone() -> None:
    def check(*, published: bool) -> float:
        return vad_reward(
            abnormal=False,
            predicted_abnormal=True,
            trimmed_abnormal=False,
            well_formed=False,
            length=0,
            published=published,
        ).verification

    assert (check(published=True), check(published=False)) == (0.5, 0.0)


def _ride(line: str) -> tuple[Leg, ...]:
    return (Leg(route_name=line, departure_stop="A", arrival_stop="B"),)


@pytest.mark.parametrize(
    ("first", "second", "correct", "value"),
    [
        (_ride("Red Line"), _ride("Blue"), True, 0.5),
        (_ride("Red Line"), _ride("Blue"), False, 0.0),
        (_ride("Red Line"), _ride("RED"), True, -0.2),
        (_ride("Red Line"), (), True, 0.0),
        (_ride("Blue"), _ride("Blue"), True, 0.0),
        ((), (), False, 0.0),
    ],
)
def test_a_route_that_survives_the_removal_of_its_line_was_not_read_from_the_map(
    first: tuple[Leg, ...], second: tuple[Leg, ...], correct: bool, value: float
) -> None:
    assert removal_check(first, second, "red", correct=correct) == value


def test_a_negative_length_is_refused() -> None:
    with pytest.raises(RecordError, match="length: found -1"):
        vad_reward(
            abnormal=True,
            predicted_abnormal=True,
            trimmed_abnormal=True,
            well_formed=True,
            length=-1,
        )
