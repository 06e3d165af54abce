from math import exp, inf, log
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_rewards import RecordError
from rm_rewards.methods.care import CareConstants, Mean, care_group, likelihood

ACCURACIES = [1, 1, 1, 1, 0, 0, 0, 0]
FORMATS = [1, 1, 1, 1, 1, 1, 1, 0]
LIKELIHOODS = [0.99, 0.86, 0.85, 0.75, 0.99, 0.5, 0.4, 1.0]


@pytest.mark.parametrize(
    ("margin", "threshold", "given_to", "advantages"),
    [
        (0.0, 0.8525, 2, [1.1280, 1.1280, 0.5640, 0.5640, -0.5640, -0.5640, -0.5640, -1.6920]),
        (0.01, 0.8425, 3, [0.9945, 0.9945, 0.9945, 0.4641, -0.5967, -0.5967, -0.5967, -1.6576]),
    ],
)
def test_the_bonus_goes_to_the_right_answers_that_are_likely(
    margin: float, threshold: float, given_to: int, advantages: list[float]
) -> None:
    found = care_group(ACCURACIES, FORMATS, LIKELIHOODS, CareConstants(margin=margin))
    assert found.threshold == pytest.approx(threshold)
    assert found.consistent == tuple(i < given_to for i in range(8))
    assert found.bonuses == tuple(0.5 * (i < given_to) for i in range(8))
    assert found.advantages == pytest.approx(advantages, abs=1.5e-4)


@pytest.mark.parametrize(("mean", "value"), [("geometric", 0.6708), ("arithmetic", 0.7)])
def test_the_paper_and_the_code_take_different_means(mean: Mean, value: float) -> None:
    assert likelihood([log(0.5), log(0.9)], mean=mean) == pytest.approx(value, abs=1e-4)


def test_an_answer_without_tokens_is_certain_in_the_published_form_alone() -> None:
    assert likelihood([], published=True) == 1.0
    assert likelihood([]) is None
    group = care_group([1, 1], [1, 1], [None, 0.2])
    assert group.consistent == (False, True)


def test_a_group_without_a_right_answer_has_no_bonus() -> None:
    found = care_group([0, 0], [1, 0], [0.9, 0.8])
    assert found.threshold == inf
    assert found.totals == (1, 0)


def test_equal_likelihoods_all_get_the_bonus() -> None:
    found = care_group([1.0] * 3, [0.0] * 3, [0.1] * 3)
    assert found.consistent == (True, True, True)


SHARES = st.floats(0, 1)
GROUPS = st.lists(
    st.tuples(st.sampled_from([0.0, 1.0]), st.sampled_from([0.0, 1.0]), st.none() | SHARES),
    min_size=1,
    max_size=12,
)


@given(GROUPS)
def test_rewards_stay_in_range_and_a_bonus_is_never_for_a_wrong_answer(
    group: list[tuple[float, float, float | None]],
) -> None:
    accuracies, formats, likelihoods = ([row[i] for row in group] for i in range(3))
    found = care_group(
        [float(a or 0) for a in accuracies], [float(f or 0) for f in formats], likelihoods
    )
    for a, f, bonus, total in zip(accuracies, formats, found.bonuses, found.totals, strict=True):
        assert 0.0 <= total <= 2.5
        assert bonus == 0.0 or a == 1.0
        assert total == (a or 0) + (f or 0) + bonus


@given(GROUPS, st.randoms(use_true_random=False))
def test_the_order_of_the_replies_does_not_matter(
    group: list[tuple[float, float, float | None]], random: Random
) -> None:
    order = random.sample(range(len(group)), len(group))

    def totals(rows: list[tuple[float, float, float | None]]) -> tuple[float, ...]:
        return care_group(
            [a for a, _, _ in rows], [f for _, f, _ in rows], [p for *_, p in rows]
        ).totals

    before = totals(group)
    assert totals([group[i] for i in order]) == tuple(before[i] for i in order)


@given(st.lists(st.floats(-50, 0), min_size=1, max_size=30))
def test_the_geometric_mean_is_never_above_the_arithmetic_one(logprobs: list[float]) -> None:
    low, high = likelihood(logprobs), likelihood(logprobs, mean="arithmetic")
    assert low is not None
    assert high is not None
    assert exp(min(logprobs)) - 1e-12 <= low <= high + 1e-12 <= 1 + 1e-9


@pytest.mark.parametrize(
    ("accuracies", "formats", "likelihoods", "says"),
    [
        ([], [], [], "accuracies"),
        ([1], [1, 1], [0.5], "formats: found 2, expected 1"),
        ([1], [1], [1.5], "likelihoods: found 1.5, expected a number from 0 to 1"),
        ([2], [1], [0.5], "accuracies: found 2"),
        ([1], [inf], [0.5], "formats: found inf"),
    ],
)
def test_groups_that_cannot_be_used_are_refused(
    accuracies: list[float], formats: list[float], likelihoods: list[float], says: str
) -> None:
    with pytest.raises(RecordError, match=says):
        care_group(accuracies, formats, likelihoods)
    with pytest.raises(RecordError, match=r"token_logprobs: found 0\.5"):
        likelihood([0.5])
