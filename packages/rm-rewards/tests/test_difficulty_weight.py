"""Where a difficulty weight acts, and where it does not: two groups, one step of each estimator."""

from collections.abc import Callable
from dataclasses import replace
from statistics import fmean, pstdev

import pytest

from rm_rewards import Leg, Question, Reward, reward_spec, route_text, score_group

ROUTE = (
    Leg(route_name="Red Line", departure_stop="Alpha", arrival_stop="Charlie"),
    Leg(route_name="Blue Line", departure_stop="Charlie", arrival_stop="Hotel"),
)
EASY = Question(
    id="easy", type="planning", question="?", routes=(ROUTE,), question_transfer_count=1
)
HARD = replace(EASY, id="hard", difficulty_city="hard")
REPLIES = [route_text(ROUTE), route_text(ROUTE[:1]), "Take the Red Line.", ""]


def standardised(rewards: list[float]) -> list[float]:
    """GRPO as published, and the default of most trainers."""
    mean, spread = fmean(rewards), pstdev(rewards)
    return [(reward - mean) / (spread + 1e-6) for reward in rewards]


def centred(rewards: list[float]) -> list[float]:
    """The advantage of the RewardMap paper: without the division."""
    mean = fmean(rewards)
    return [reward - mean for reward in rewards]


def _groups() -> tuple[list[Reward], list[Reward]]:
    return score_group(EASY, REPLIES), score_group(HARD, REPLIES)


def _weighted(rewards: list[Reward]) -> list[float]:
    return [reward.total * reward.weight for reward in rewards]


def test_a_weight_in_the_reward_is_cancelled_by_the_division() -> None:
    easy, hard = _groups()
    assert (easy[0].weight, hard[0].weight) == (1.5, 2.0)
    plain = standardised([reward.total for reward in easy])
    assert standardised(_weighted(easy)) == pytest.approx(plain, abs=1e-5)
    assert standardised(_weighted(hard)) == pytest.approx(plain, abs=1e-5)


def test_a_weight_in_the_reward_acts_where_nothing_is_divided() -> None:
    easy, hard = _groups()
    plain = centred([reward.total for reward in easy])
    assert centred(_weighted(easy)) == pytest.approx([1.5 * a for a in plain])
    assert centred(_weighted(hard)) == pytest.approx([2.0 * a for a in plain])


@pytest.mark.parametrize("estimate", [standardised, centred], ids=["standardised", "centred"])
def test_a_weight_on_the_advantage_acts_under_each_estimator(
    estimate: Callable[[list[float]], list[float]],
) -> None:
    easy, hard = _groups()
    steps = [
        [
            reward.weight * a
            for reward, a in zip(group, estimate([r.total for r in group]), strict=True)
        ]
        for group in (easy, hard)
    ]
    assert [b / a for a, b in zip(*steps, strict=True)] == pytest.approx([2.0 / 1.5] * len(REPLIES))


def test_the_default_reward_keeps_the_weight_apart_and_the_published_one_does_not() -> None:
    easy, hard = _groups()
    assert [reward.total for reward in easy] == [reward.total for reward in hard]
    assert not reward_spec("rewardmap").weighted
    assert reward_spec("reference").weighted


def test_with_one_group_a_step_the_learning_rate_would_do_the_same() -> None:
    """A weight says how groups share a step; alone in its step a group gets the learning rate."""
    easy, hard = _groups()
    sizes = [sum(abs(a) for a in centred(_weighted(group))) for group in (easy, hard)]
    assert sizes[1] / sum(sizes) == pytest.approx(2.0 / 3.5)
