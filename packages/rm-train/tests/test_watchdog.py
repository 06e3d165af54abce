from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from math import nan
from random import Random
from typing import Any, TypeAlias

import pytest

from rm_train.config import ConfigError, TrainConfig
from rm_train.watchdog.alarm import Alarm
from rm_train.watchdog.forgetting import SORTED
from rm_train.watchdog.meanings import MEANINGS
from rm_train.watchdog.settings import WatchConfig
from rm_train.watchdog.watchdog import alarms_in

Line: TypeAlias = dict[str, Any]

WATCH = WatchConfig()


def steady(steps: int, **given_values: float | list[float]) -> list[Line]:
    """Steps of one stage that are all alike, but for what is given: a value, or one a step."""
    rng = Random(7)
    lines: list[Line] = []
    for place in range(steps):
        right = 0.5 + rng.uniform(-0.1, 0.1)
        line: Line = {"step": place + 1, "stage": "planning", "epoch": 0, "reward": 1 + right}
        line |= {"accuracy": right, "correct": right, "reward_std": 0.6, "kl": 0.05}
        line |= {"entropy": 0.5 + rng.uniform(-0.1, 0.1), "dead_groups": 0.2}
        line |= {"dead_right": 0.1, "dead_wrong": 0.1, "unparsed": 0.05, "reward_errors": 0.0}
        line |= {"completion_length": 40 + rng.uniform(-5, 5), "truncated": 0.02}
        line["rewards"] = {"format": 0.95, "correctness": right, "detail": right}
        line["accuracy_by_type"] = {"planning": right}
        for name, values_of in given_values.items():
            outer, _, inner = name.partition("__")
            value = values_of[place] if isinstance(values_of, list) else values_of
            line[outer] = {**line[outer], inner: value} if inner else value
        lines.append(line)
    return lines


def over(first: float, last: float, steps: int, noise: float = 0.0) -> list[float]:
    """From one value to another in equal steps, with some noise."""
    rng = Random(3)
    slope = (last - first) / max(1, steps - 1)
    return [first + slope * i + rng.uniform(-noise, noise) for i in range(steps)]


def raised(lines: Sequence[Line], watch: WatchConfig = WATCH) -> list[tuple[int, str]]:
    return [(alarm.step, alarm.code) for alarm in alarms_in(lines, watch)]


def falling(first: float, last: float, steps: int) -> list[float]:
    """Near `first` for a third of the steps, then down to `last`."""
    third = steps // 3
    return over(first, first, third, 0.02) + over(first, last, steps - third, 0.02)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (steady(60), []),
        (steady(40, dead_groups=0.9, dead_wrong=0.85, dead_right=0.0), [(20, "dead-groups-hard")]),
        (steady(40, dead_groups=0.9, dead_wrong=0.75, dead_right=0.0), []),
        (steady(40, dead_groups=0.98, dead_wrong=0.0, dead_right=0.98), [(20, "dead-groups-easy")]),
        (steady(40, dead_groups=0.9, dead_wrong=0.3, dead_right=0.3), [(20, "dead-groups-other")]),
        (
            steady(40, dead_groups=1.0, dead_wrong=1.0, dead_right=0.0, accuracy=0.0),
            [(20, "dead-groups-hard"), (20, "no-signal")],
        ),
        (
            steady(40, dead_groups=1.0, dead_wrong=0.0, dead_right=1.0, accuracy=1.0),
            [(20, "dead-groups-easy")],
        ),
        (steady(40, unparsed=0.6), [(20, "unparsed")]),
        (steady(30, unparsed=over(0.9, 0.3, 30)), []),
        (steady(40, truncated=0.4), [(20, "truncated")]),
        (steady(40, truncated=0.2), []),
        (steady(40, reward_errors=[0.0] * 9 + [0.01] + [0.0] * 30), [(10, "reward-errors")]),
        (steady(8, reward_errors=0.2), [(1, "reward-errors"), (1, "reward-errors")]),
        (steady(40, kl=[0.1] * 30 + [5.0] * 10), [(31, "kl")]),
        (steady(40, kl=[0.1] * 30 + [2.0] + [0.1] * 9), []),
        (steady(60, entropy=[0.6] * 20 + [0.01] * 40), [(40, "entropy-collapse")]),
        (steady(60, entropy=over(0.6, 0.15, 60)), []),
        (steady(60, entropy=[0.6] * 20 + [3.0] * 40), [(40, "entropy-explosion")]),
        (steady(60, entropy=[0.01] * 20 + [0.1] * 40), []),
        (steady(60, reward_std=[0.7] * 20 + [0.02] * 40), [(40, "reward-spread")]),
        (steady(60, completion_length=[40.0] * 20 + [120.0] * 40), [(40, "length")]),
        (steady(60, completion_length=[4.0] * 20 + [10.0] * 40), []),
    ],
)
def test_each_thing_that_goes_wrong_raises_its_alarm_once(
    lines: list[Line], expected: list[tuple[int, str]]
) -> None:
    assert raised(lines) == expected


def test_a_change_that_comes_with_accuracy_is_what_was_learned() -> None:
    lines = steady(
        60,
        entropy=[0.6] * 20 + [0.01] * 40,
        reward_std=[0.7] * 20 + [0.02] * 40,
        completion_length=[40.0] * 20 + [120.0] * 40,
        accuracy=[0.4] * 20 + [0.6] * 40,
    )
    assert raised(lines) == []


def test_a_policy_that_is_lost_in_its_first_steps_is_noticed() -> None:
    assert (40, "entropy-collapse") in raised(steady(60, entropy=[0.6] + [0.0] * 59))
    assert (40, "entropy-explosion") in raised(steady(60, entropy=[0.6] + [5.0] * 59))


def test_detail_that_rises_while_correctness_falls_is_hacking() -> None:
    lines = steady(
        90,
        rewards__detail=falling(0.3, 0.7, 90),
        correct=falling(0.5, 0.2, 90),
    )
    found = alarms_in(lines, WATCH)
    assert [alarm.code for alarm in found] == ["hacking-detail"]
    assert found[0].level == "error"
    assert found[0].step < 75
    assert found[0].values["detail_gained"] > 0.05 < found[0].values["correct_lost"]


@pytest.mark.parametrize(
    ("detail", "correct"),
    [
        (over(0.3, 0.7, 90, 0.05), over(0.2, 0.6, 90, 0.05)),  # both rise
        (over(0.7, 0.3, 90, 0.05), over(0.6, 0.2, 90, 0.05)),  # both fall
        (over(0.3, 0.7, 90, 0.05), over(0.4, 0.4, 90, 0.1)),  # correctness stands
        (over(0.5, 0.5, 90, 0.3), over(0.4, 0.4, 90, 0.3)),  # noise
    ],
)
def test_rewards_that_do_not_part_are_no_hacking(detail: list[float], correct: list[float]) -> None:
    assert raised(steady(90, rewards__detail=detail, correct=correct)) == []


def test_slow_hacking_is_found_over_the_long_window() -> None:
    noise = 0.12
    lines = steady(
        300,
        rewards__detail=over(0.3, 0.6, 300, noise),
        correct=over(0.5, 0.25, 300, noise),
    )
    assert [code for _, code in raised(lines)] == ["hacking-detail"]


def test_form_without_right_answers_is_told_after_two_trend_windows() -> None:
    form = over(0.2, 1.0, 40) + [1.0] * 110
    flat = steady(150, rewards__format=form, correct=0.1)
    assert raised(flat) == [(120, "hacking-format")]
    learned = steady(150, rewards__format=form, correct=over(0.1, 0.6, 150, 0.05))
    assert raised(learned) == []


def of_types(*types: Sequence[float], names: Sequence[str] = ("TorF1", "planning")) -> list[Line]:
    lines = steady(len(types[0]))
    for place, line in enumerate(lines):
        line["accuracy_by_type"] = {
            n: s[place] for n, s in zip(names, types, strict=True) if s[place] >= 0
        }
    return lines


def test_a_type_that_was_answered_better_before_is_forgotten() -> None:
    away = [-1.0] * 60  # not asked in between
    lines = of_types(
        over(0.9, 0.9, 30, 0.1) + away + over(0.4, 0.4, 30, 0.1), over(0.2, 0.6, 120, 0.1)
    )
    (alarm,) = alarms_in(lines, WATCH)
    assert alarm.code == "forgetting"
    assert alarm.message.startswith("the accuracy of TorF1 was 0.")
    assert 91 <= alarm.step <= 112
    assert raised(lines, replace(WATCH, forgetting=0.0)) == []


def test_noise_is_not_forgotten() -> None:
    lines = of_types(over(0.5, 0.5, 200, 0.5), over(0.5, 0.5, 200, 0.4))
    assert raised(lines) == []


def test_stages_that_take_turns_have_windows_of_their_own() -> None:
    hard = steady(60, dead_groups=0.9, dead_wrong=0.9, dead_right=0.0)
    easy = steady(60)
    mixed: list[Line] = []
    for place in range(120):
        line = (hard if place % 2 else easy)[place // 2]
        mixed.append({**line, "step": place + 1, "stage": "hard" if place % 2 else "easy"})
    assert raised(mixed) == [(40, "dead-groups-hard")]


def test_an_alarm_is_raised_again_only_after_it_was_over() -> None:
    bad, good = [0.9] * 30, [0.1] * 30
    hard = bad + good + bad
    lines = steady(90, dead_groups=hard, dead_wrong=hard, dead_right=0.0)
    assert raised(lines) == [(20, "dead-groups-hard"), (78, "dead-groups-hard")]
    edge = [0.85, 0.75] * 60
    wavering = steady(120, dead_groups=edge, dead_wrong=edge, dead_right=0.0)
    assert len(raised(wavering, replace(WATCH, window=5))) == 1


def test_each_threshold_can_be_switched_off() -> None:
    broken = steady(
        90,
        dead_groups=1.0,
        dead_wrong=0.9,
        dead_right=0.0,
        unparsed=0.9,
        truncated=0.9,
        reward_errors=0.5,
        kl=9.0,
        entropy=[0.6] * 5 + [0.0] * 85,
        reward_std=[0.6] * 5 + [0.0] * 85,
        completion_length=[20.0] * 5 + [90.0] * 85,
        accuracy=0.97,
    )
    off = {
        field.name: 0.0
        for field in fields(WatchConfig)
        if field.name not in ("window", "trend", "p")
    }
    assert raised(broken, replace(WATCH, **off)) == []
    assert len(raised(broken)) >= 5


def test_lines_of_older_runs_are_enough() -> None:
    wanted = ("step", "stage", "epoch", "reward", "accuracy", "rewards")
    old = [{name: line[name] for name in wanted} for line in steady(200)]
    assert raised(old) == []
    assert raised([{**line, "accuracy": None, "entropy": nan} for line in old]) == []


def test_what_an_alarm_says_is_whole() -> None:
    (alarm,) = alarms_in(steady(20, unparsed=0.6), WATCH)
    assert alarm.record() == {
        "step": 20,
        "code": "unparsed",
        "level": "warning",
        "message": "60% of the replies of the last 20 steps (planning) hold no answer that can be "
        "read; the form that is asked for is not learned, since the share does not fall; look at "
        "samples.jsonl; warm up on gold answers (--sft-steps), or raise max_completion_length",
        "values": {"share": pytest.approx(0.6), "threshold": 0.5},
    }
    assert alarm.line().startswith("alarm: step 20: unparsed: 60% of the replies")


def test_every_alarm_has_a_meaning_and_a_way_out() -> None:
    for meaning in MEANINGS.values():
        assert meaning.means
        assert meaning.do


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("window", 3, "watch.window: found 3, expected 4 steps or more"),
        ("trend", 5, "watch.trend: found 5"),
        ("p", 0.7, "watch.p: found 0.7"),
        ("unparsed", 1.5, "watch.unparsed: found 1.5, expected a share"),
        ("length", 0.5, "watch.length: found 0.5, expected a factor above 1"),
        ("kl", -1.0, "watch.kl: found -1.0"),
    ],
)
def test_thresholds_that_cannot_be_used_are_refused(setting: str, value: Any, said: str) -> None:  # noqa: ANN401
    with pytest.raises(ConfigError, match=said):
        TrainConfig(watch=replace(WATCH, **{setting: value})).check()


def test_alarms_are_records_of_five_fields() -> None:
    assert [field.name for field in fields(Alarm)] == ["step", "code", "level", "message", "values"]
    assert "neuraladder" in SORTED
