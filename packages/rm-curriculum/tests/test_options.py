from __future__ import annotations

from typing import Any

import pytest

import rm_curriculum
from rm_curriculum import SCHEDULES, Curriculum, CurriculumError, Schedule, Stage, find_schedule

PLANS = {
    *("rewardmap", "coarse", "fine", "reverse", "random"),
    *("blended", "medium-to-hard", "neuraladder", "ptst"),
}
DEAF = {"uniform", "replay"}


def test_all_schedules_are_known_by_their_names() -> None:
    assert list(SCHEDULES) == [schedule.name for schedule in SCHEDULES.values()]
    assert len(SCHEDULES) == 19
    assert "vas" in SCHEDULES
    assert "best" not in SCHEDULES


def test_a_schedule_says_whether_it_is_a_plan_and_whether_it_reacts() -> None:
    assert {name for name, one in SCHEDULES.items() if not one.adaptive} == PLANS
    assert {name for name, one in SCHEDULES.items() if one.adaptive and not one.reactive} == DEAF
    assert not any(one.reactive for one in SCHEDULES.values() if not one.adaptive)


def test_every_schedule_names_its_source() -> None:
    for schedule in SCHEDULES.values():
        module = __import__(type(schedule).__module__, fromlist=["_"])
        assert module.__doc__


def test_options_are_set_as_a_configuration_file_gives_them() -> None:
    found = find_schedule("gated", threshold=1, window=8, stages=["low", {"name": "b"}])
    assert (getattr(found, "threshold"), getattr(found, "window")) == (1.0, 8)  # noqa: B009
    assert found.stages == (Stage("low", ("low",)), Stage("b", ("b",)))
    two = find_schedule("rewardmap", stages=[{"name": "a", "types": ["x", "y"], "optional": True}])
    assert two.stages == (Stage("a", ("x", "y"), optional=True),)
    ptst = find_schedule("ptst", tokens=[10, 20], rollouts=[4, 2], shares=[1, 2])
    assert getattr(ptst, "shares") == (1.0, 2.0)  # noqa: B009
    assert find_schedule(two) is two
    assert find_schedule("vas") is SCHEDULES["vas"]


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("best", {}, "schedule: found 'best', expected one of rewardmap, coarse, fine"),
        ("gated", {"treshold": 1}, "'gated': it has no option 'treshold', expected one of name, "),
        ("gated", {"threshold": "high"}, "threshold: found 'high', expected a value such as 0.7"),
        ("gated", {"threshold": True}, "threshold: found True, expected a value such as 0.7"),
        ("gated", {"window": 2.5}, "window: found 2.5, expected a value such as 64"),
        ("gated", {"demote": 1}, "demote: found 1, expected a value such as True"),
        ("gated", {"threshold": 0}, "threshold: found 0.0, expected above 0, at most 1"),
        ("gated", {"window": 0}, "window: found 0, expected 1 or more reports"),
        ("gated", {"min_steps": 9, "max_steps": 8}, "max_steps: found 8, expected 0 for never, or"),
        ("gated", {"hysteresis": 0.9}, "hysteresis: found 0.9, expected 0 to 0.7"),
        ("gated", {"stages": "low"}, "stages: found 'low', expected a list"),
        ("gated", {"stages": []}, "stages: found [], expected a list"),
        ("gated", {"stages": [3]}, "stages: found 3, expected a name, or name, types, optional"),
        ("gated", {"stages": [{"types": ["x"]}]}, "expected a name, or name, types, optional"),
        ("gated", {"stages": ["a", "a"]}, "stage 'a' stands there twice"),
        ("blended", {"ramp": 1.5}, "ramp: found 1.5, expected 0 to 1"),
        ("replay", {"floor": 0.95}, "floor: found 0.95, expected 0 to 0.9"),
        ("replay", {"last_k": -1}, "last_k: found -1, expected 0 or more stages"),
        ("vas", {"momentum": 1.0}, "momentum: found 1.0, expected 0 to below 1: with 1 no score"),
        ("vas", {"floor": 0.0}, "floor: found 0.0, expected above 0, at most 1"),
        ("vas", {"alpha": 0, "beta": 0}, "beta: found 0.0, expected 0 or more, one of the two"),
        ("vas", {"stages": ["a", "b"]}, "stages: found .* expected one stage for all items"),
        ("vas-published", {"every": 0}, "every: found 0, expected 1 or more"),
        ("variance", {"estimator": "mean"}, "estimator: found 'mean', expected ema or beta"),
        ("variance", {"half_life": 0}, "half_life: found 0.0, expected a number above 0"),
        ("target", {"beta": 1}, "beta: found 1.0, expected between 0 and 1"),
        ("bandit", {"temperature": 0}, "temperature: found 0.0, expected a number above 0"),
        ("plr", {"fresh": 0}, "fresh: found 0.0, expected above 0, at most 1"),
        ("dapo", {"low": 0.5, "high": 0.5}, "high: found 0.5, expected above low, 0.5, at most 1"),
        ("dapo", {"revisit": 0}, "revisit: found 0.0, expected above 0, at most 1"),
        ("neuraladder", {"neighbours": 1}, "neighbours: found 1.0, expected 0 to below 1"),
        ("ptst", {"rollouts": [16, 8, 8]}, "rollouts: .* expected 3 numbers that keep tokens x ro"),
        ("ptst", {"shares": [1, 1]}, r"shares: found \(1.0, 1.0\), expected 3 numbers above 0"),
        ("ptst", {"tokens": [0]}, "tokens: found .* expected numbers above 0"),
    ],
)
def test_an_option_that_is_wrong_is_named(name: str, options: dict[str, Any], said: str) -> None:
    with pytest.raises(CurriculumError, match=said.replace("[]", r"\[\]")) as caught:
        find_schedule(name, **options)
    assert "\n" not in str(caught.value)


def test_a_schedule_is_read_with_its_options_from_one_text() -> None:
    made = find_schedule("gated:threshold=0.5,window=32,demote=false")
    assert made == find_schedule("gated", threshold=0.5, window=32, demote=False)
    assert find_schedule("ptst:tokens=[10,20],rollouts=[4,2],shares=[1,2]") == find_schedule(
        "ptst", tokens=[10, 20], rollouts=[4, 2], shares=[1, 2]
    )
    assert find_schedule("rewardmap") is find_schedule("rewardmap:") is SCHEDULES["rewardmap"]
    assert find_schedule("vas:share=0.4", share=0.6) == find_schedule("vas", share=0.6)
    items = [{"id": "a", "type": "x"}]
    assert Curriculum(items, "vas:share=0.4").schedule == find_schedule("vas", share=0.4)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hard", "found 'hard', expected one of rewardmap"),
        ("hard:threshold=1", "found 'hard:threshold=1', expected one of rewardmap"),
        (
            "gated:threshold",
            "found 'threshold' in 'gated:threshold', expected OPTION=VALUE with one of threshold=",
        ),
        ("gated:speed=3", "no option 'speed'"),
        ("gated:name=mine", "found 'name=mine' in"),
        ("rewardmap:x", "one of no options"),
        ("replay:floor=high", "floor: found 'high', expected a value such as"),
    ],
)
def test_words_that_are_no_schedule_are_told(text: str, said: str) -> None:
    with pytest.raises(CurriculumError, match=said):
        find_schedule(text)


def test_another_option_is_another_run() -> None:
    items = [{"id": "a", "type": "x"}, {"id": "b", "type": "x"}]
    state = Curriculum(items, find_schedule("vas", share=0.4)).state_dict()
    with pytest.raises(CurriculumError, match=r"made with options of the schedule .hash. "):
        Curriculum(items, "vas").load_state_dict(state)


def test_a_schedule_of_your_own_is_a_row_of_stages() -> None:
    mine = Schedule("mine", (Stage("a", ("x",)), Stage("b", ("y",), optional=True)))
    items = [{"id": "q", "type": "x"}]
    assert Curriculum(items, mine).stages == ("a",)
    strict = Schedule("mine", (Stage("a", ("x",)), Stage("b", ("y",))))
    with pytest.raises(
        CurriculumError,
        match="stage 'b' has no items of type y; leave it out, or make it optional",
    ):
        Curriculum(items, strict)


def test_the_front_door_gives_what_it_names_and_nothing_else() -> None:
    for name in rm_curriculum.__all__:
        assert getattr(rm_curriculum, name).__doc__
    assert dir(rm_curriculum) == sorted(rm_curriculum.__all__)
    with pytest.raises(AttributeError, match="'rm_curriculum' has no attribute 'Sampler'"):
        getattr(rm_curriculum, "Sampler")  # noqa: B009
