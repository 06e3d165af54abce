from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from math import sqrt, tanh
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_curriculum import Curriculum, Deal, Stage, find_schedule

Items = list[dict[str, object]]
STAGES = [{"name": name, "types": [name]} for name in ("one", "two", "three")]
RIGHT, WRONG, HALF = [1.0] * 4, [0.0] * 4, [1.0, 0.0, 1.0, 0.0]


def staged(count: int) -> Items:
    return [{"id": f"q{i}", "type": ("one", "two", "three")[i % 3]} for i in range(count)]


def plain(count: int) -> Items:
    return [{"id": f"q{i:03}", "type": "planning"} for i in range(count)]


def step(curriculum: Curriculum, n: int, earn: Callable[[str], list[float]]) -> Deal:
    deal = curriculum.deal(n)
    for one, draw in zip(deal.ids, deal.draws, strict=True):
        curriculum.update(one, earn(one), draw_id=draw)
    return deal


def policy(curriculum: Curriculum) -> dict[str, Any]:
    return cast("dict[str, Any]", curriculum.metrics()["policy"])


# ---- gated


def gated(**options: object) -> Curriculum:
    schedule = find_schedule(
        "gated",
        **{
            "stages": STAGES,
            "threshold": 0.8,
            "window": 8,
            "min_steps": 3,
            "max_steps": 0,
            "hysteresis": 0.2,
            "floor": 0.25,
            **options,
        },
    )
    return Curriculum(staged(60), schedule, epochs=50)


def test_a_gate_opens_when_the_window_is_full_the_mean_is_reached_and_the_time_has_come() -> None:
    curriculum = gated()
    seen = [step(curriculum, 4, lambda _: RIGHT).stage for _ in range(8)]
    # two batches fill the window of 8, the third is demanded by min_steps
    assert seen == ["one"] * 3 + ["two"] * 3 + ["three"] * 2


def test_a_gate_stays_shut_below_its_threshold() -> None:
    curriculum = gated()
    assert {step(curriculum, 4, lambda _: HALF).stage for _ in range(40)} == {"one"}
    assert policy(curriculum)["means"] == {"one": 0.5}


def test_a_gate_opens_in_any_case_after_the_longest_time() -> None:
    curriculum = gated(max_steps=5, demote=False)
    stages = [step(curriculum, 4, lambda _: WRONG).stage for _ in range(12)]
    assert stages == ["one"] * 5 + ["two"] * 5 + ["three"] * 2


def test_a_share_of_the_draws_replays_past_stages() -> None:
    curriculum = gated(demote=False, max_steps=3)
    for _ in range(6):
        step(curriculum, 8, lambda _: WRONG)
    found = Counter(
        curriculum.stage_of(one)
        for _ in range(50)
        for one in step(curriculum, 8, lambda _: WRONG).ids
    )
    assert found["three"] == 300  # of 400
    assert found["one"] > 30 < found["two"]


def forgetting(curriculum: Curriculum, kept: float) -> list[str]:
    """Pass stage one, then earn `kept` on it while stage two is all wrong."""
    while step(curriculum, 4, lambda _: RIGHT).stage == "one":
        pass

    def earn(one: str) -> list[float]:
        return [kept] if curriculum.stage_of(one) == "one" else WRONG

    return [step(curriculum, 4, earn).stage for _ in range(40)]


def test_a_stage_that_is_forgotten_is_gone_back_to() -> None:
    curriculum = gated()
    stages = forgetting(curriculum, 0.5)
    assert stages[0] == "two"
    assert stages[-1] == "one"
    assert policy(curriculum)["demotions"] == 1


@given(st.floats(0.6, 1.0))
def test_between_the_bounds_of_the_hysteresis_nothing_moves(kept: float) -> None:
    # threshold 0.8, hysteresis 0.2
    curriculum = gated()
    assert set(forgetting(curriculum, kept + 1e-9 if kept < 1 else kept)) == {"two"}


def test_without_demotion_a_forgotten_stage_stays_behind() -> None:
    assert set(forgetting(gated(demote=False), 0.0)) == {"two"}


# ---- bandit


def bandit(**options: object) -> Curriculum:
    return Curriculum(staged(60), find_schedule("bandit", stages=STAGES, **options), 3, epochs=50)


def test_the_value_of_a_stage_follows_its_mean_absolute_advantage() -> None:
    curriculum = bandit(rate=0.25, optimism=0.5)
    ids = [one for one in ("q0", "q3") if curriculum.stage_of(one) == "one"]
    curriculum.update(ids[0], [1.0, 0.0, 0.0, 0.0])
    curriculum.update(ids[1], RIGHT)
    curriculum.next_batch(1)
    # 2 sqrt(p (1 - p)) for a quarter, 0 for all right
    expected = 0.5 + 0.25 * (2 * sqrt(0.25 * 0.75) / 2 - 0.5)
    assert policy(curriculum)["values"]["one"] == pytest.approx(expected)
    assert policy(curriculum)["values"]["two"] == 0.5


def test_the_bandit_turns_to_the_stage_that_teaches_and_keeps_trying_the_others() -> None:
    curriculum = bandit(temperature=0.3)

    def earn(one: str) -> list[float]:
        return {"one": RIGHT, "two": HALF, "three": WRONG}[curriculum.stage_of(one)]

    for _ in range(50):
        step(curriculum, 8, earn)
    found = Counter(
        curriculum.stage_of(o) for _ in range(50) for o in step(curriculum, 8, earn).ids
    )
    assert found["two"] > 350
    assert found["one"] > 3 < found["three"]


def test_a_cold_bandit_takes_the_best_alone_and_a_hot_one_all_alike() -> None:
    chances: list[dict[str, float]] = []
    for temperature in (0.01, 100.0):
        curriculum = bandit(temperature=temperature)
        curriculum.update("q1", HALF)
        curriculum.next_batch(1)
        chances.append(policy(curriculum)["chances"])
    assert chances[0]["two"] > 0.999
    assert chances[1]["two"] == pytest.approx(1 / 3, abs=0.01)


# ---- target


def ladder(count: int) -> Items:
    return [{"id": f"q{i:03}", "type": "x", "difficulty": i / (count - 1)} for i in range(count)]


def test_the_target_moves_by_the_published_rule() -> None:
    curriculum = Curriculum(ladder(101), find_schedule("target", start_at=0.3))
    curriculum.update("q000", [1.0, 1.0, 1.0, 0.0], accuracy=0.75)
    curriculum.next_batch(1)
    assert policy(curriculum)["target"] == pytest.approx(0.3 + 0.5 * tanh(2 * (0.75 - 0.5)))


def test_the_nearest_items_come_first_and_none_twice_in_an_epoch() -> None:
    curriculum = Curriculum(ladder(101), find_schedule("target", start_at=0.5, eta=1e-9), epochs=2)
    first = [one for _ in range(3) for one in step(curriculum, 7, lambda _: HALF).ids]
    assert sorted(first) == [f"q{i:03}" for i in range(40, 61)]
    while curriculum.drawn < 101:
        first += step(curriculum, 7, lambda _: HALF).ids
    assert sorted(first) == [f"q{i:03}" for i in range(101)]
    assert sorted(step(curriculum, 3, lambda _: HALF).ids) == ["q049", "q050", "q051"]


def test_an_able_learner_is_led_up_and_an_unable_one_down() -> None:
    for earned, end in ((RIGHT, 1.0), (WRONG, 0.0)):
        curriculum = Curriculum(ladder(200), find_schedule("target", start_at=0.5, eta=0.1))
        for _ in range(12):
            step(curriculum, 4, lambda _, earned=earned: earned)
        curriculum.next_batch(1)
        assert policy(curriculum)["target"] == end


# ---- dapo


def test_the_gate_says_why_a_group_is_rejected_and_counts_it() -> None:
    curriculum = Curriculum(plain(40), find_schedule("dapo", low=0.1, high=0.8))
    groups = [RIGHT, WRONG, WRONG, [0.5, 0.5], [1.0] * 9 + [0.0], [0.0] * 19 + [1.0], HALF]
    reasons = ["dead-high", "dead-low", "dead-low", "constant", "too-easy", "too-hard", None]
    for one, rewards, reason in zip(curriculum.next_batch(7), groups, reasons, strict=True):
        assert curriculum.admits(rewards) == reason
        curriculum.update(one, rewards)
    curriculum.next_batch(1)
    assert policy(curriculum) == {
        "admitted": 1,
        "rejected": {"constant": 1, "dead-high": 1, "dead-low": 2, "too-easy": 1, "too-hard": 1},
        "skipped": 0,
    }
    found = curriculum.metrics()
    assert found["collapsed"] == {"1": 1, "0": 2, "0.5": 1}
    assert found["dead"] == {"all": 4 / 7}


def test_a_batch_is_filled_up_with_admitted_groups() -> None:
    curriculum = Curriculum(plain(64), "dapo", 1)
    kept: list[str] = []
    asked = 0
    while len(kept) < 16:
        for one in curriculum.next_batch(16 - len(kept)):
            rewards = HALF if int(one[1:]) % 4 == 0 else RIGHT
            asked += 1
            if curriculum.admits(rewards) is None:
                kept.append(one)
            curriculum.update(one, rewards)
    assert asked == curriculum.drawn > 32
    assert all(int(one[1:]) % 4 == 0 for one in kept)


def test_a_schedule_without_a_gate_rejects_nothing() -> None:
    assert Curriculum(plain(3), "random").admits(RIGHT) is None


def test_what_was_dead_before_is_passed_over_more_and_more_and_counted() -> None:
    curriculum = Curriculum(plain(100), find_schedule("dapo", revisit=0.5), 2, epochs=30)
    found: Counter[bool] = Counter()
    while not curriculum.done:
        deal = step(curriculum, 10, lambda one: RIGHT if int(one[1:]) < 50 else HALF)
        found.update(int(one[1:]) < 50 for one in deal.ids)
    # an item that was dead z times is asked once in 2^z rounds
    assert found[True] < 400 < 2_500 < found[False]
    assert policy(curriculum)["skipped"] > 1_000


# ---- plr


def test_new_items_get_their_share_until_there_are_none() -> None:
    curriculum = Curriculum(plain(200), find_schedule("plr", fresh=0.5), 4, epochs=4)
    seen: set[str] = set()
    for _ in range(20):
        seen.update(step(curriculum, 10, lambda _: HALF).ids)
    assert 85 < len(seen) < 125  # half of 200 draws, and the first batch, when nothing is scored
    while len(seen) < 200:
        seen.update(step(curriculum, 10, lambda _: HALF).ids)


def test_replays_go_by_rank_and_by_staleness() -> None:
    good = {f"q{i:03}" for i in range(10)}

    def replays(staleness: float) -> Counter[str]:
        options = {"staleness": staleness, "temperature": 0.5, "fresh": 1.0}
        curriculum = Curriculum(plain(100), find_schedule("plr", **options), 1, epochs=30)
        for _ in range(50):
            step(curriculum, 4, lambda one: HALF if one in good else RIGHT)
        found: Counter[str] = Counter()
        while not curriculum.done:
            found.update(step(curriculum, 4, lambda one: HALF if one in good else RIGHT).ids)
        return found

    by_rank = replays(0.0)
    assert sum(by_rank[one] for one in good) / by_rank.total() > 0.9
    stale = replays(1.0)
    assert len(stale) == 100
    # what is due in proportion to its age comes evenly
    assert max(stale.values()) / min(stale.values()) < 2.0


def test_no_item_comes_twice_in_a_batch_of_replays() -> None:
    curriculum = Curriculum(plain(30), find_schedule("plr", fresh=1.0), 1, epochs=20)
    for _ in range(40):
        ids = step(curriculum, 12, lambda one: HALF if one < "q015" else WRONG).ids
        assert len(set(ids)) == 12 or curriculum.drawn <= 36


# ---- weights


def shares(name: str, earn: Callable[[str], list[float]], **options: object) -> dict[str, float]:
    """How often each item of 20 comes in the last third of a long run, once all are known."""
    schedule = find_schedule(name, **options)
    curriculum = Curriculum(plain(20), schedule, 5, epochs=900)
    found: Counter[str] = Counter()
    while not curriculum.done:
        deal = step(curriculum, 4, earn)
        if curriculum.drawn > 12_000:
            found.update(deal.ids)
    return {one: count / found.total() for one, count in found.items()}


def thirds(one: str) -> list[float]:
    return {0: HALF, 1: RIGHT, 2: [1.0, 0.0, 0.0, 0.0]}[int(one[1:]) % 3]


def test_vas_draws_in_proportion_to_its_score() -> None:
    schedule = find_schedule("vas", alpha=1.0, beta=0.0, share=1.0, floor=0.02)
    curriculum = Curriculum(plain(20), schedule, 5, epochs=2_000)
    found: Counter[str] = Counter()
    while not curriculum.done:
        deal = step(curriculum, 1, thirds)
        if curriculum.drawn > 10_000:
            found.update(deal.ids)
    # OVS 0.25, 0 (the floor, 0.02 of 0.25) and 0.1875, for 7, 7 and 6 items
    total = 7 * 0.25 + 7 * 0.005 + 6 * 0.1875
    for one in curriculum.members("all"):
        weight = (0.25, 0.005, 0.1875)[int(one[1:]) % 3]
        expected = found.total() * weight / total
        assert abs(found[one] - expected) < 5 * sqrt(expected)


def test_vas_deals_the_rest_of_a_batch_in_turn() -> None:
    curriculum = Curriculum(plain(30), find_schedule("vas", share=0.5, floor=1e-6), 5, epochs=20)
    seen: Counter[str] = Counter()
    for _ in range(15):
        seen.update(step(curriculum, 4, lambda _: RIGHT).ids)
    assert set(seen) == set(curriculum.members("all"))  # 30 of the 60 draws went round


def test_diversity_counts_for_an_item_and_in_the_published_form_against_it() -> None:
    def mean_share(name: str, **options: object) -> float:
        schedule = find_schedule(name, alpha=0.0, beta=1.0, **options)
        curriculum = Curriculum(plain(20), schedule, 1, epochs=40)
        found: Counter[str] = Counter()
        while not curriculum.done:
            for one in (ids := curriculum.next_batch(5)):
                curriculum.update(one, HALF, diversity=0.9 if int(one[1:]) < 10 else 0.1)
            found.update(ids)
        return sum(found[one] for one in found if int(one[1:]) < 10) / found.total()

    assert mean_share("vas", share=1.0) > 0.7
    assert mean_share("vas-published", share=1.0, momentum=0.0) < 0.2


def late_bloomers(name: str, **options: object) -> float:
    """The share, late in the run, of items that were hopeless at first and are half solved now."""
    schedule = find_schedule(name, **options)
    curriculum = Curriculum(plain(40), schedule, 1, epochs=60)
    found: Counter[bool] = Counter()
    while not curriculum.done:
        late = curriculum.drawn > 240
        deal = step(
            curriculum, 8, lambda one, late=late: HALF if (int(one[1:]) < 20) == late else WRONG
        )
        if curriculum.drawn > 1_200:
            found.update(int(one[1:]) < 20 for one in deal.ids)
    return found[True] / found.total()


def test_scores_move_with_the_learner_and_the_published_momentum_freezes_them() -> None:
    assert late_bloomers("vas") > 0.65
    assert late_bloomers("vas-published", momentum=0.0) > 0.65
    assert late_bloomers("vas-published") < 0.35  # 1.0: the first scores stay for ever


def test_the_published_form_never_draws_the_least_by_weight() -> None:
    found = shares("vas-published", thirds, share=1.0, momentum=0.0)
    assert {int(one[1:]) % 3 for one in found} == {0, 2}
    ours = shares("vas", thirds, share=1.0)
    assert len(ours) == 20


def test_equal_scores_are_uniform_in_the_published_form() -> None:
    found = shares("vas-published", lambda _: HALF, share=1.0)
    assert len(found) == 20
    assert max(found.values()) < 0.07


def test_the_published_form_goes_through_one_shuffle_again_and_again() -> None:
    schedule = find_schedule("vas-published", share=0.5)
    curriculum = Curriculum(plain(24), schedule, 1, epochs=5)
    first = [one for _ in range(3) for one in step(curriculum, 8, lambda _: RIGHT).ids]
    rest = [one for _ in range(12) for one in step(curriculum, 8, lambda _: RIGHT).ids[4:]]
    assert rest == first * 2


def test_the_published_form_draws_all_once_before_weights_act() -> None:
    curriculum = Curriculum(plain(30), "vas-published", 1, epochs=2)
    first = [one for _ in range(5) for one in curriculum.next_batch(7)]
    assert sorted(first) == list(curriculum.members("all"))


@pytest.mark.parametrize("estimator", ["beta", "ema"])
def test_variance_turns_to_what_is_half_solved(estimator: str) -> None:
    found = shares("variance", thirds, estimator=estimator)
    by_kind = [sum(found[o] for o in found if int(o[1:]) % 3 == k) for k in range(3)]
    assert by_kind[0] > by_kind[2] > 1.5 * by_kind[1] > 0


def test_graded_rewards_are_weighed_by_their_real_variance() -> None:
    # both have mean 0.5; one always earns 0.5, the other all or nothing
    def earn(one: str) -> list[float]:
        return [0.5, 0.5, 0.4, 0.6] if int(one[1:]) % 2 else HALF

    found = shares("variance", earn, estimator="ema", share=1.0)
    even = sum(found[one] for one in found if int(one[1:]) % 2 == 0)
    assert even > 0.85
    # p (1 - p) cannot tell them apart
    told = shares("variance", earn, estimator="beta", share=1.0)
    assert sum(told[one] for one in told if int(one[1:]) % 2 == 0) == pytest.approx(0.5, abs=0.03)


def test_before_any_report_weights_follow_the_difficulties() -> None:
    items = [{"id": f"q{i}", "type": "x", "difficulty": (0.5, 1.0)[i % 2]} for i in range(40)]
    curriculum = Curriculum(items, find_schedule("variance", share=1.0), 1, epochs=50)
    found = Counter(int(one[1:]) % 2 for _ in range(200) for one in curriculum.next_batch(2))
    assert found[0] > 8 * found[1] > 0


@pytest.mark.parametrize("name", ["vas", "variance"])
def test_what_was_never_reported_can_be_asked_first(name: str) -> None:
    schedule = find_schedule(name, unseen_first=True, share=1.0)
    curriculum = Curriculum(plain(200), schedule, 1, epochs=2)
    seen: list[str] = []
    for _ in range(20):
        seen += step(curriculum, 10, lambda _: HALF).ids
    assert len(set(seen)) >= 195
    assert curriculum.metrics()["coverage"] >= 0.97


def test_stages_may_be_named_by_the_items_themselves() -> None:
    items = [{"key": f"k{i}", "level": ("low", "high")[i % 2]} for i in range(10)]
    schedule = find_schedule("gated", stages=["low", "high"], max_steps=2, min_steps=0)
    curriculum = Curriculum(items, schedule, key="key", stage="level")
    assert curriculum.members("low") == tuple(f"k{i}" for i in range(0, 10, 2))
    assert [deal.stage for deal in (step(curriculum, 2, lambda _: WRONG) for _ in range(4))] == [
        "low",
        "low",
        "high",
        "high",
    ]


def test_a_stage_may_be_a_function_of_the_item() -> None:
    def half(item: dict[str, object]) -> str:
        return "first" if str(item["id"]) < "q005" else "second"

    schedule = find_schedule("rewardmap", stages=[Stage("second", ("x",)), Stage("first", ("y",))])
    curriculum = Curriculum(plain(10), schedule, stage=half)
    assert curriculum.stages == ("second", "first")
    assert curriculum.members("first") == tuple(f"q{i:03}" for i in range(5))
