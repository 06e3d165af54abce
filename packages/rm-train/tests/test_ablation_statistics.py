from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_train.ablation.comparison import STEPS, Difference, accuracy, differences
from rm_train.ablation.design import Reach, Trial
from rm_train.ablation.outcome import HeldOut, Outcome
from rm_train.ablation.reaching import Reached, Steps, reached, steps_of

MAPS, PER_MAP = 20, 6
N = MAPS * PER_MAP
HELD_OUT = HeldOut(
    ids=tuple(f"q{n}" for n in range(N)),
    legs=np.full(N, np.nan),
    clusters=tuple(f"map{n // PER_MAP}" for n in range(N)),
    members={"all": tuple(range(N)), "TorF1": tuple(range(0, N, 2))},
)
REACH = Reach(kind="TorF1", level=0.5, window=2)


def outcome(
    seed: int, share: float, arm: Mapping[str, str], *, lifts_at: int | None = None
) -> Outcome:
    rng = np.random.default_rng([seed, sorted(arm.values())[0].encode()[0]])
    metrics = [
        {"step": n, "accuracy_by_type": {"TorF1": float(lifts_at is not None and n >= lifts_at)}}
        for n in range(1, 21)
    ]
    trial = Trial(
        name=f"{arm}-{seed}",
        arm=arm,
        stratum={"size": "4"},
        repeat={"seed": str(seed)},
        settings={},
    )
    correct = (rng.random(N) < share).astype(np.float64)
    return Outcome(trial, correct, np.full(N, np.nan), metrics)


def runs(shares: Mapping[str, float], seeds: int = 8) -> list[Outcome]:
    return [
        outcome(seed, share, {"reward": name}, lifts_at=5 if name == "good" else 15)
        for seed in range(seeds)
        for name, share in shares.items()
    ]


def found(shares: Mapping[str, float], seeds: int = 8) -> dict[tuple[str, str], Difference]:
    made = differences(runs(shares, seeds), HELD_OUT, {"reward": "base"}, ["all"], REACH)
    return {(one.level, one.kind): one for one in made}


def test_a_better_level_is_told_from_its_baseline_and_one_like_it_is_not() -> None:
    said = found({"base": 0.3, "good": 0.6, "same": 0.3})
    assert said["good", "all"].verdict == "better"
    assert said["good", "all"].change.low > 0.2
    assert said["same", "all"].verdict == "tie"
    assert said["good", "all"].runs == 8
    assert found({"base": 0.6, "good": 0.3})["good", "all"].verdict == "worse"


def test_fewer_than_six_pairs_of_runs_decide_nothing() -> None:
    five, six = (found({"base": 0.1, "good": 0.9}, n)["good", "all"] for n in (5, 6))
    assert five.p_questions is not None
    assert five.p_questions < 0.001
    assert five.p_runs == pytest.approx(2 * 0.5**5, abs=0.005)
    assert five.verdict == "tie"
    assert six.p_runs == pytest.approx(2 * 0.5**6, abs=0.005)
    assert six.verdict == "better"


def test_p_values_are_corrected_for_the_number_of_levels() -> None:
    said = found({"base": 0.3, "good": 0.6, "same": 0.3})
    good, same = said["good", "all"], said["same", "all"]
    assert good.p == max(good.p_runs, good.p_questions or 0)
    assert good.adjusted == pytest.approx(2 * good.p)
    assert same.adjusted == same.p


def test_fewer_steps_to_the_level_are_better() -> None:
    said = found({"base": 0.3, "good": 0.3})["good", STEPS]
    assert said.change.mean == pytest.approx((6 - 16) / 20)
    assert said.verdict == "better"


def test_runs_are_paired_where_all_but_one_factor_is_the_same() -> None:
    arms = [{"reward": a, "schedule": b} for a in ("base", "new") for b in ("staged", "mixed")]
    made = [outcome(seed, 0.5, arm) for seed in (0, 1, 2) for arm in arms]
    without_a_partner = [one for one in made if one.trial.name != f"{arms[0]}-2"]
    baseline = {"reward": "base", "schedule": "staged"}
    pairs = {
        one.factor: one.runs
        for one in differences(without_a_partner, HELD_OUT, baseline, ["all"], REACH)
    }
    assert pairs == {"reward": 5, "schedule": 5}


def test_intervals_hold_the_truth_and_narrow_with_runs() -> None:
    few, many = (accuracy(runs({"base": 0.4}, n), HELD_OUT, "all") for n in (3, 30))
    for one in (few, many):
        assert one.low < 0.4 < one.high
    assert many.high - many.low < few.high - few.low
    sure = accuracy([outcome(n, 1.0, {"reward": "base"}) for n in range(3)], HELD_OUT, "TorF1")
    assert (sure.mean, sure.high) == (1.0, 1.0)
    assert sure.low < 1.0


@pytest.mark.parametrize(
    ("values", "step"),
    [
        ([0, 0, 1, 1], 3),
        ([1, 1], 2),
        ([1], None),
        ([0, 1, 0, 0], 2),
        ([0, 0, 0, 0], None),
        ([], None),
    ],
)
def test_a_level_is_reached_where_the_running_mean_first_is(
    values: list[float], step: int | None
) -> None:
    trained = list(enumerate(values, 1))
    assert reached(trained, level=0.5, window=2, last=9) == Reached(step, 9)


def test_steps_without_the_question_count_as_steps() -> None:
    assert reached([(10, 1.0), (40, 1.0)], level=1.0, window=2, last=50).step == 40


def test_runs_that_never_got_there_are_counted_with_the_last_step() -> None:
    assert steps_of([Reached(10, 50), Reached(None, 50), Reached(None, 50)]) == Steps(
        runs=3, reached=1, median=None, mean=110 / 3, horizon=50
    )
    assert steps_of([Reached(10, 50), Reached(30, 50), Reached(None, 20)]).horizon == 20


@given(st.lists(st.one_of(st.none(), st.integers(1, 100)), min_size=1, max_size=12))
def test_the_mean_lies_between_the_first_arrival_and_the_horizon(steps: list[int | None]) -> None:
    found = steps_of([Reached(step, 100) for step in steps])
    known = [step for step in steps if step is not None]
    assert min([*known, 100]) <= found.mean <= 100
    assert found.reached == len(known)
    assert (found.median is None) == (2 * len(known) < len(steps))
