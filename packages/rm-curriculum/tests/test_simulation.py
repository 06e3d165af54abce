from __future__ import annotations

from dataclasses import replace
from math import exp, sqrt
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rm_curriculum import SCHEDULES, CurriculumError
from rm_curriculum.adapters.row_fields import QuestionRow
from rm_curriculum.simulation import Budget, Comparison, Learner, compare, run_trial, synthetic
from rm_curriculum.simulation.comparison import BASELINES, MEASURES, OVERALL
from rm_curriculum.simulation.course import MIX, Course
from rm_curriculum.simulation.families import FAMILIES, families_of
from rm_curriculum.simulation.intervals import interval, t_quantile
from rm_curriculum.simulation.learner import Group, Pupil, binomial
from rm_rewards import PLANNING, QUESTION_TYPES

STEADY = Learner(start=0.0)


def pupil(learner: Learner = STEADY) -> Pupil:
    return Pupil(learner, FAMILIES, Random(0))


# -- the learner -----------------------------------------------------------------------------------


def test_the_chance_is_the_three_parameter_logistic() -> None:
    made = pupil()
    made.skills.update(judgement=1.0, counting=0.5, choice=0.25, planning=2.0)
    ability = 0.5 * 2.0 + 0.5 * (1.0 + 0.5 + 0.25) / 3
    assert made.chance("planning", 1.0) == pytest.approx(1 / (1 + exp(1.0 - ability)))
    assert made.chance("judgement", 1.0) == pytest.approx(0.5 + 0.5 * 0.5)


def test_practice_moves_each_skill_by_its_part_of_the_gradient() -> None:
    learner = replace(STEADY, forgetting=0.0)
    made = pupil(learner)
    group = Group("planning", 0.0, 2, 8)
    before = made.chance("planning", 0.0)
    made.practise([group], 16)
    step = learner.rate * sqrt(0.25 * 0.75) / 16
    assert made.skills["planning"] == pytest.approx(step * 0.5)
    assert made.skills["judgement"] == pytest.approx(step * 0.5 / 3)
    assert made.chance("planning", 0.0) > before


def test_guessed_answers_teach_less_than_known_ones() -> None:
    weak, strong = pupil(), pupil()
    strong.skills["judgement"] = 4.0
    for one in (weak, strong):
        before = one.skills["judgement"]
        one.practise([Group("judgement", 3.0, 4, 8)], 1)
        one.skills["judgement"] -= before
    assert 0 < weak.skills["judgement"] < strong.skills["judgement"] / 5


@pytest.mark.parametrize("right", [0, 8])
def test_a_dead_group_teaches_nothing_and_disturbs_nothing(right: int) -> None:
    made = pupil()
    made.skills.update(judgement=2.0, planning=1.0)
    before = dict(made.skills)
    made.practise([Group("planning", 0.0, right, 8)], 1)
    assert made.skills == before


def test_what_is_not_practised_fades_towards_the_beginning_only() -> None:
    made = pupil(replace(STEADY, forgetting=0.5))
    made.skills.update(judgement=2.0, counting=-1.0)
    for _ in range(200):
        made.practise([Group("choice", 0.0, 4, 8)], 1)
        assert made.skills["judgement"] >= 0.0
        assert made.skills["counting"] <= 0.0 or made.skills["counting"] < 1.0
    assert made.skills["judgement"] < 2.0


def test_without_transfer_families_do_not_help_each_other() -> None:
    made = pupil(replace(STEADY, transfer=0.0))
    made.practise([Group("judgement", 0.0, 4, 8)], 1)
    assert {name for name, skill in made.skills.items() if skill} == {"judgement"}


@given(st.integers(1, 64), st.floats(0.0, 1.0), st.integers(0, 2**32))
@settings(max_examples=100)
def test_the_binomial_stays_in_range_and_follows_its_chance(
    trials: int, chance: float, seed: int
) -> None:
    draw = Random(seed)
    found = [binomial(trials, chance, draw.random()) for _ in range(400)]
    assert all(0 <= one <= trials for one in found)
    spread = sqrt(trials * chance * (1 - chance) / 400)
    assert abs(sum(found) / 400 - trials * chance) <= 6 * spread + 1e-9


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"transfer": 1.5}, "transfer: found 1.5, expected 0 to 1"),
        ({"group": 1}, "group: found 1, expected 2 to 1024"),
        ({"rate": -1.0}, "rate: found -1, expected 0 or more"),
        ({"forgetting": float("nan")}, "forgetting: found nan, expected 0 to 1"),
    ],
)
def test_settings_out_of_range_are_told(change: dict[str, float], said: str) -> None:
    with pytest.raises(CurriculumError, match=said):
        replace(Learner(), **change)


# -- the questions ---------------------------------------------------------------------------------


def test_the_synthetic_questions_have_the_published_mix() -> None:
    rows = synthetic()
    assert len(rows) == 3_266
    assert {kind: sum(row.type == kind for row in rows) for kind in QUESTION_TYPES} == dict(MIX)
    assert len({row.id for row in synthetic(60)}) == len(synthetic(60))


def test_a_type_of_your_own_is_a_family_by_itself() -> None:
    families = families_of(["Maze", PLANNING])
    assert [family.name for family in families] == [PLANNING, "Maze"]
    assert families[0].needs == ()


def test_hard_questions_are_harder_and_a_seed_makes_the_same_course() -> None:
    rows = [
        QuestionRow(id=f"{level}{i}", type="TorF1", difficulty_question=level)
        for level in ("easy", "hard")
        for i in range(200)
    ]
    course = Course(rows, 0.7, Random("x"))
    mean = {
        level: sum(course.exercises[f"{level}{i}"].difficulty for i in range(200)) / 200
        for level in ("easy", "hard")
    }
    assert mean["hard"] - mean["easy"] == pytest.approx(2.0, abs=0.3)
    again = Course(rows[::-1], 0.7, Random("x"))
    assert again.exercises == course.exercises


# -- trials and comparisons ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def found() -> Comparison:
    return compare(
        synthetic(300), ["reverse"], learner=Learner(), budget=Budget(epochs=3, batch=8), seeds=4
    )


def test_the_baselines_are_always_there(found: Comparison) -> None:
    assert {one.schedule for one in found.results} == {*BASELINES, "reverse"}
    means = [interval(one.values(OVERALL)).mean for one in found.results]
    assert means == sorted(means, reverse=True)


@pytest.mark.parametrize("schedule", sorted(SCHEDULES))
def test_every_schedule_spends_the_same_and_gives_the_same_twice(schedule: str) -> None:
    rows = synthetic(120)
    budget = Budget(epochs=2, batch=8)
    first = run_trial(rows, schedule, 3, learner=Learner(), budget=budget)
    assert first == run_trial(rows[::-1], schedule, 3, learner=Learner(), budget=budget)
    assert first != run_trial(rows, schedule, 4, learner=Learner(), budget=budget)
    assert first.asked[0] == 0
    assert 0.9 * 2 * len(rows) <= first.asked[-1] <= 2 * len(rows)
    assert all(0.0 <= value <= 1.0 for curve in first.curves.values() for value in curve)
    assert 0.0 <= first.dead <= 1.0
    assert sum(first.mixture.values()) == pytest.approx(1.0)


def test_schedules_meet_the_same_learner(found: Comparison) -> None:
    starts = {one.schedule: [t.curves[PLANNING][0] for t in one.trials] for one in found.results}
    assert len({tuple(values) for values in starts.values()}) == 1


def test_a_band_is_the_mean_of_the_seeds_and_a_baseline_is_no_better_than_itself(
    found: Comparison,
) -> None:
    result = found.results[0]
    band = result.band(PLANNING)
    last = [trial.curves[PLANNING][-1] for trial in result.trials]
    assert band.points[-1].mean == pytest.approx(sum(last) / len(last))
    assert band.points[-1].low < band.points[-1].mean < band.points[-1].high
    own = found.against(result, result.schedule)
    assert own is not None
    assert (own.mean, own.low, own.high) == (0.0, 0.0, 0.0)
    assert all(len(result.values(name)) == 4 for name in MEASURES)


def test_what_the_order_does_depends_on_what_is_assumed() -> None:
    rows, budget = synthetic(), Budget()
    kind = compare(rows, [], learner=Learner(forgetting=0.0), budget=budget, seeds=3)
    harsh = compare(rows, [], learner=Learner(forgetting=0.05), budget=budget, seeds=3)
    for found, sign in ((kind, 1.0), (harsh, -1.0)):
        static = found.of("rewardmap")
        assert static is not None
        gain = found.against(static, "uniform")
        assert gain is not None
        assert gain.excludes_zero
        assert gain.mean * sign > 0.0


def test_a_schedule_that_cannot_take_the_questions_is_left_out_unless_it_was_asked_for() -> None:
    rows = [QuestionRow(id=f"m{i}", type="Maze") for i in range(40)]
    learner, budget = Learner(), Budget()
    left = compare(rows, ["random"], learner=learner, budget=budget, seeds=2, optional=["coarse"])
    assert set(left.left_out) == {"rewardmap", "coarse"}
    assert "type 'Maze' has no stage" in left.left_out["coarse"]
    assert left.against(left.results[0], "rewardmap") is None
    with pytest.raises(CurriculumError, match="'Maze' has no stage"):
        compare(rows, ["coarse"], learner=learner, budget=budget, seeds=2)


@pytest.mark.parametrize(("rows", "seeds"), [(synthetic(12), 0), ((), 1)])
def test_nothing_to_compare_is_told(rows: tuple[QuestionRow, ...], seeds: int) -> None:
    with pytest.raises(CurriculumError, match="expected"):
        compare(rows, [], learner=Learner(), budget=Budget(), seeds=seeds)


# -- intervals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("freedom", "value"),
    [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (9, 2.262), (10, 2.228), (29, 2.045)],
)
def test_the_quantile_is_that_of_the_table(freedom: int, value: float) -> None:
    assert t_quantile(freedom) == pytest.approx(value, abs=5e-4)


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    draw = Random(1)
    held = 0
    for _ in range(2_000):
        made = interval([draw.gauss(3.0, 2.0) for _ in range(5)])
        held += made.low <= 3.0 <= made.high
    assert 0.935 < held / 2_000 < 0.965


def test_one_value_has_no_spread() -> None:
    made = interval([0.25])
    assert (made.mean, made.low, made.high) == (0.25, 0.25, 0.25)
