from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_curriculum import SCHEDULES, find_schedule
from rm_rewards import QUESTION_TYPES, Question
from rm_train import ConfigError, TrainConfig
from rm_train.plan import Plan, plan_of, planned, stage_lengths, stage_lines


def asked(kinds: list[str]) -> list[Question]:
    return [
        Question(id=f"q{number}", type=kind, question="?", answer=0)
        for number, kind in enumerate(kinds)
    ]


kinds = st.lists(st.sampled_from(QUESTION_TYPES), min_size=1, max_size=40)


@given(kinds, st.integers(1, 9), st.sampled_from(["rewardmap", "random"]), st.integers(1, 2))
def test_no_question_is_dropped_and_no_step_mixes_stages_or_is_short(
    found: list[str], size: int, schedule: str, epochs: int
) -> None:
    questions = asked(found)
    config = TrainConfig(prompts_per_step=size, schedule=schedule, epochs=epochs)
    steps = planned(questions, config)
    kind = {question.id: question.type for question in questions}
    for step in steps:
        assert len(step.questions) == size
    for epoch in range(epochs):
        counts = Counter(q for s in steps if s.epoch == epoch for q in s.questions)
        assert set(counts) == set(kind)
    if schedule == "rewardmap":
        stages: dict[str, set[str]] = {}
        for step in steps:
            stages.setdefault(step.stage, set()).update(kind[q] for q in step.questions)
        seen = [k for members in stages.values() for k in members]
        assert len(seen) == len(set(seen))
    assert steps == planned(list(reversed(questions)), config)


def test_a_short_tail_is_filled_with_questions_of_its_own_stage() -> None:
    questions = asked(["TorF1"] * 3 + ["planning"] * 5)
    steps = planned(questions, TrainConfig(prompts_per_step=4))
    assert [step.stage for step in steps] == [steps[0].stage, steps[1].stage, steps[1].stage]
    assert len(set(steps[0].questions)) == 3
    assert set(steps[1].questions) & set(steps[2].questions)
    assert len(set(steps[1].questions) | set(steps[2].questions)) == 5


@given(kinds, st.integers(1, 5), st.integers(0, 30))
def test_partners_stand_side_by_side_and_no_question_is_dropped(
    found: list[str], pairs: int, twins: int
) -> None:
    questions = asked(found)
    partners = {q.id: f"{q.id}@twin" for q in questions[:twins]}
    made = [*questions, *(replace(q, id=partners[q.id]) for q in questions if q.id in partners)]
    config = TrainConfig(prompts_per_step=2 * pairs)
    steps = planned(made, config, partners or {"x": "y"})
    for step in steps:
        assert len(step.questions) == 2 * pairs
        for first, second in zip(step.questions[::2], step.questions[1::2], strict=True):
            assert second == partners.get(first, first)
    assert {q for step in steps for q in step.questions} == {q.id for q in made}


def test_max_steps_cuts_an_epoch_or_takes_as_many_as_it_needs() -> None:
    questions = asked(["TorF1"] * 8 + ["planning"] * 8)
    config = TrainConfig(prompts_per_step=4)
    assert len(planned(questions, replace(config, max_steps=3))) == 3
    long = planned(questions, replace(config, max_steps=10))
    assert len(long) == 10
    assert [step.epoch for step in long] == [0] * 4 + [1] * 4 + [2] * 2
    assert stage_lengths(long) == {long[0].stage: 6, long[2].stage: 4}


def test_a_type_without_a_stage_is_refused() -> None:
    with pytest.raises(ConfigError, match="riddle"):
        planned(asked(["TorF1", "riddle"]), TrainConfig())


def test_no_questions_make_no_plan() -> None:
    with pytest.raises(ConfigError, match="questions: found none"):
        planned([], TrainConfig())


REACTIVE = [name for name, known in SCHEDULES.items() if known.reactive]


@pytest.mark.parametrize("schedule", REACTIVE)
def test_a_schedule_that_reacts_has_a_curriculum_in_the_place_of_steps(schedule: str) -> None:
    questions = asked([*QUESTION_TYPES] * 3)
    config = TrainConfig(prompts_per_step=4, schedule=schedule)
    plan = plan_of(questions, config)
    assert plan.curriculum is not None
    assert plan.curriculum.schedule.name == schedule
    assert (plan.length, plan.steps) == (ceil(len(questions) / 4), ())
    assert plan_of(questions, replace(config, epochs=2)).length == ceil(2 * len(questions) / 4)
    long = plan_of(questions, replace(config, max_steps=50))
    assert long.length == 50
    assert long.curriculum is not None
    assert long.curriculum.total >= 50 * 4
    (line,) = stage_lines(questions, config, plan)
    assert line.endswith(f"what replies earn decides what comes next ({schedule})")


def test_options_of_a_schedule_stand_behind_its_name() -> None:
    config = TrainConfig(prompts_per_step=2, schedule="gated:threshold=0.9,window=8")
    plan = plan_of(asked(["TorF1"] * 4), config)
    assert plan.curriculum is not None
    assert plan.curriculum.schedule == find_schedule("gated", threshold=0.9, window=8)
    bad = replace(config, schedule="gated:treshold=0.9")
    with pytest.raises(ConfigError, match="'gated': it has no option 'treshold', expected one of"):
        plan_of(asked(["TorF1"] * 4), bad)


def test_a_schedule_that_changes_the_group_is_sent_to_the_phases() -> None:
    config = TrainConfig(
        prompts_per_step=2, schedule="ptst:tokens=[8,16],rollouts=[4,2],shares=[1,1]"
    )
    with pytest.raises(ConfigError, match=r"changes the number of replies.*`rm-train phases`") as e:
        plan_of(asked(["TorF1"] * 4), config)
    assert "\n" not in str(e.value)


def test_pairs_and_a_schedule_that_chooses_single_questions_do_not_go_together() -> None:
    config = TrainConfig(prompts_per_step=2, schedule="vas", method="paired")
    with pytest.raises(ConfigError, match="single questions, but method 'paired' asks them in pai"):
        plan_of(asked(["TorF1"] * 4), config, {"q0": "q1"})


@pytest.mark.parametrize(
    "schedule", [name for name in SCHEDULES if name not in (*REACTIVE, "ptst")]
)
def test_every_other_schedule_plans_a_run(schedule: str) -> None:
    questions = asked([*QUESTION_TYPES] * 3)
    steps = planned(questions, TrainConfig(prompts_per_step=2, schedule=schedule, max_steps=7))
    assert len(steps) == 7
    assert plan_of(questions, TrainConfig(prompts_per_step=2, schedule=schedule, max_steps=7)) == (
        Plan(7, steps)
    )


# -- the order that the figures of the documentation were measured with ---------------------------

ORDERS = {
    "rewardmap": "5ab03952bafc1d27",
    "random": "cf2eda7dbe1df00b",
    "replay": "359bd4db5aa6650e",
    "blended": "9b827270dc26bd5b",
}


@pytest.mark.parametrize("schedule", ORDERS)
def test_the_order_of_a_fixed_schedule_is_that_of_before(schedule: str) -> None:
    questions = asked([*QUESTION_TYPES] * 5)
    steps = planned(
        questions, TrainConfig(prompts_per_step=4, schedule=schedule, seed=3, max_steps=20)
    )
    told = "\n".join(f"{step.stage} {step.epoch} {' '.join(step.questions)}" for step in steps)
    assert hashlib.sha256(told.encode()).hexdigest()[:16] == ORDERS[schedule]
