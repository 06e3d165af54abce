import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_rewards import RecordError
from rm_rewards.methods.star_r1 import StarPoints, Triple, published, share

CYAN, LARGE = Triple(2, "color", "cyan"), Triple(5, "size", "large")
TRUTH = [CYAN, LARGE]
SMALL, SHAPE, RED = Triple(5, "size", "small"), Triple(2, "shape", "cube"), Triple(7, "color", "r")
EIGHT_WRONG = [Triple(9, "color", i) for i in range(8)]


@pytest.mark.parametrize(
    ("predicted", "answer", "repaired"),
    [
        (TRUTH, 10.0, 1.0),
        ([CYAN, SMALL], 5.5, 0.65),
        ([CYAN], 4.0, 0.5),
        ([SHAPE, RED], -1.5, 0.05),
        ([], -2.0, 0.0),
        ([*TRUTH, *EIGHT_WRONG], 2.0, 0.2),
        ([CYAN, CYAN], 10.0, 0.5),
    ],
)
def test_each_prediction_earns_by_what_it_gets_right(
    predicted: list[Triple], answer: float, repaired: float
) -> None:
    assert published(predicted, TRUTH).answer == pytest.approx(answer)
    assert share(predicted, TRUTH) == pytest.approx(repaired)


def test_guessing_pays_in_the_published_form_alone() -> None:
    guesses = [Triple(2, "color", i) for i in range(3)]
    assert published([*guesses, *TRUTH], TRUTH).answer > published(TRUTH, TRUTH).answer
    assert share([*guesses, *TRUTH], TRUTH) < share(TRUTH, TRUTH)


TRIPLES = st.builds(Triple, st.integers(0, 3), st.sampled_from("ab"), st.integers(0, 2))
SETS = st.lists(TRIPLES, max_size=6)


@given(SETS, SETS)
def test_the_share_is_bounded_and_full_for_the_true_set_alone(
    predicted: list[Triple], true: list[Triple]
) -> None:
    found = share(predicted, true)
    assert 0.0 <= found <= 1.0
    exact = len(predicted) == len(set(predicted)) and set(predicted) == set(true)
    assert (found == 1.0) == exact
    assert found == pytest.approx(share(list(reversed(predicted)), list(reversed(true))))


@given(SETS, SETS)
def test_a_prediction_about_nothing_never_pays(predicted: list[Triple], true: list[Triple]) -> None:
    longer = [*predicted, Triple(99, "nothing", 0)]
    assert share(longer, true) <= share(predicted, true)
    assert published(longer, true).points == published(predicted, true).points


def test_points_and_shares_that_cannot_be_used_are_refused() -> None:
    with pytest.raises(RecordError, match="miss: found -1"):
        StarPoints(miss=-1)
    with pytest.raises(RecordError, match=r"attribute: found 1\.5"):
        share([], TRUTH, attribute=1.5)
    with pytest.raises(RecordError, match=r"index: found 0\.5, expected a number from 0 to 0\.3"):
        share([], TRUTH, index=0.5)
