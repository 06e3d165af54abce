import random
from statistics import correlation, pvariance

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_rewards import Reward
from rm_rewards.diagnostics.groups import Section
from rm_rewards.diagnostics.moments import Moments
from rm_rewards.diagnostics.ordering import Ordering

VALUES = st.lists(st.tuples(st.integers(-3, 3), st.booleans()), max_size=30)


def reward(question: str, total: float, *, correct: bool = False, detail: float = 0.0) -> Reward:
    return Reward(
        question_id=question,
        total=total,
        format=0.0,
        correctness=float(correct),
        detail=detail,
        weight=1.0,
        correct=correct,
        accuracy=float(correct),
        reward_version="v",
    )


@given(VALUES)
def test_counted_pairs_are_those_of_a_look_at_every_pair(values: list[tuple[int, bool]]) -> None:
    made = Ordering()
    for value, correct in values:
        made.add(value, correct=correct)
    right = [v for v, c in values if c]
    wrong = [v for v, c in values if not c]
    pairs = made.pairs()
    assert pairs.right_above == sum(r > w for r in right for w in wrong)
    assert pairs.ties == sum(r == w for r in right for w in wrong)
    assert pairs.wrong_above == sum(r < w for r in right for w in wrong)


def test_auc_and_inversions_of_a_small_case() -> None:
    made = Ordering()
    for value, correct in [(2, True), (1, True), (1, False), (0, False), (3, False)]:
        made.add(value, correct=correct)
    assert made.pairs().auc == pytest.approx(3.5 / 6)
    assert made.pairs().inversions == pytest.approx(2 / 6)
    assert Ordering().pairs().auc is None


@given(st.lists(st.tuples(st.integers(-99, 99), st.integers(-99, 99)), min_size=2, max_size=20))
def test_moments_are_those_of_the_whole_list(pairs: list[tuple[int, int]]) -> None:
    made = Moments()
    for x, y in pairs:
        made.add(x, y)
    assert made.variance == pytest.approx(pvariance([x for x, _ in pairs]), abs=1e-9)
    found = made.correlation
    assert found is None or -1 - 1e-6 <= found <= 1 + 1e-6


def test_a_correlation_is_pearsons() -> None:
    rng = random.Random(3)
    xs = [rng.random() for _ in range(50)]
    ys = [x + rng.random() for x in xs]
    made = Moments()
    for x, y in zip(xs, ys, strict=True):
        made.add(x, y)
    assert made.correlation == pytest.approx(correlation(xs, ys))


FATES = [
    ([(2.0, True), (2.0, True)], "too easy"),
    ([(0.0, False), (0.0, False)], "too hard"),
    ([(1.0, False), (1.0, False)], "too hard"),
    ([(1.0, True), (1.0, False)], "constant"),
    ([(1.0, True), (0.0, False)], "alive"),
    ([(2.0, True), (1.0, True)], "alive"),
    ([(2.0, True)], "single"),
]


@pytest.mark.parametrize(("replies", "fate"), FATES)
def test_a_group_is_alive_or_dead_for_a_reason(
    replies: list[tuple[float, bool]], fate: str
) -> None:
    section = Section()
    for total, correct in replies:
        section.add(reward("q", total, correct=correct), None)
    assert section.groups["q"].fate == fate


def test_figures_split_the_variance_and_count_the_dead() -> None:
    section = Section()
    groups = {"a": [2.0, 0.0], "b": [1.0, 1.0], "c": [0.0, 0.0, 0.0], "d": [2.0]}
    for question, totals in groups.items():
        for total in totals:
            section.add(reward(question, total, correct=total == 2.0), int(10 * total))
    found = section.figures()
    every = [t for totals in groups.values() for t in totals]
    assert found.within + found.between == pytest.approx(pvariance(every))
    assert found.within == pytest.approx(2 / 8)
    assert (found.groups, found.dead) == (4, 2 / 3)
    assert dict(found.dead_at) == {1.0: 1, 0.0: 1}
    assert found.fates == {"alive": 1, "too easy": 0, "too hard": 2, "constant": 0, "single": 1}
    assert found.length_correlation == pytest.approx(1.0)
    assert found.in_groups.count == 1


def test_inversions_are_counted_inside_groups() -> None:
    section = Section()
    section.add(reward("a", 1.0, correct=True, detail=0.2), None)
    section.add(reward("a", 1.5, detail=0.9), None)
    section.add(reward("b", 3.0, correct=True, detail=1.0), None)
    found = section.figures()
    assert found.in_groups.inversions == 1.0
    assert found.parts["total"].inversions == 0.5
    assert found.parts["detail"].auc == 0.5
    assert found.length is None
