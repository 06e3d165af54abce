from __future__ import annotations

from dataclasses import dataclass
from math import exp, sqrt
from random import Random
from typing import Any, TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from rm_train.watchdog.settings import WatchConfig
from rm_train.watchdog.watchdog import Watchdog, alarms_in

Line: TypeAlias = dict[str, Any]

WATCH = WatchConfig()


@dataclass(frozen=True, slots=True, kw_only=True)
class Learner:
    """A policy that gets better: each reply is right with a chance that grows with its skill.

    Attributes:
        skill: Log-odds of a right reply to a question of middling difficulty, at the start.
        gain: By how much they grow in a hundred steps.
        form: Share of replies in good form at the start; the rest is learned.
    """

    steps: int = 200
    prompts: int = 16
    group: int = 8
    skill: float = -1.0
    gain: float = 2.0
    form: float = 0.9
    entropy: float = 0.6
    stages: tuple[str, ...] = ("judgement", "counting", "planning")
    seed: int = 0


def healthy(learner: Learner) -> list[Line]:
    """The metrics of a policy that learns, stage after stage, each harder than the one before."""
    rng = Random(learner.seed)
    each = max(1, learner.steps // len(learner.stages))
    lines: list[Line] = []
    for step in range(1, learner.steps + 1):
        stage = min((step - 1) // each, len(learner.stages) - 1)
        inside = step - 1 - stage * each
        skill = learner.skill - 0.7 * stage + learner.gain * inside / 100
        form = 1 - (1 - learner.form) * exp(-inside / 25)
        lines.append(_line(learner, rng, step, learner.stages[stage], skill, form))
    return lines


def _line(learner: Learner, rng: Random, step: int, stage: str, skill: float, form: float) -> Line:
    groups: list[list[tuple[bool, bool, float]]] = []
    for _ in range(learner.prompts):
        chance = 1 / (1 + exp(-(skill + rng.gauss(0, 1.5))))
        replies: list[tuple[bool, bool, float]] = []
        for _ in range(learner.group):
            formed = rng.random() < form
            right = formed and rng.random() < chance
            part = 0.25 * rng.randrange(4) * chance if formed else 0.0
            replies.append((formed, right, 1.0 if right else part))
        groups.append(replies)
    every = [reply for group in groups for reply in group]
    totals = [[f + r + 0.5 * d for f, r, d in group] for group in groups]
    alike = [max(t) - min(t) < 1e-6 for t in totals]
    flat = [t for group in totals for t in group]
    middle = sum(flat) / len(flat)
    accuracy = sum(r for _, r, _ in every) / len(every)
    return {
        "step": step,
        "stage": stage,
        "epoch": 0,
        "reward": middle,
        "reward_std": sqrt(sum((t - middle) ** 2 for t in flat) / len(flat)),
        "accuracy": accuracy,
        "correct": accuracy,
        "kl": min(0.2, 0.001 * step) * rng.uniform(0.5, 1.5),
        "entropy": learner.entropy * (0.4 + 0.6 * exp(-step / 100)) * rng.uniform(0.7, 1.3),
        "dead_groups": sum(alike) / len(alike),
        "dead_right": _share(alike, groups, right=True),
        "dead_wrong": _share(alike, groups, right=False),
        "unparsed": sum(not f for f, _, _ in every) / len(every),
        "reward_errors": 0.0,
        "completion_length": 40 * rng.uniform(0.8, 1.2),
        "truncated": 0.05 * rng.random(),
        "step_time": 1.0,
        "rewards": {
            "format": sum(f for f, _, _ in every) / len(every),
            "correctness": accuracy,
            "detail": sum(d for _, _, d in every) / len(every),
        },
        "accuracy_by_type": {stage: accuracy},
    }


def _share(
    alike: list[bool], groups: list[list[tuple[bool, bool, float]]], *, right: bool
) -> float:
    those = [
        a and all(r is right for _, r, _ in group) for a, group in zip(alike, groups, strict=True)
    ]
    return sum(those) / len(those)


learners = st.builds(
    Learner,
    seed=st.integers(0, 10**6),
    steps=st.sampled_from([60, 120, 200]),
    prompts=st.sampled_from([4, 8, 16]),
    group=st.sampled_from([4, 8]),
    skill=st.floats(-2, 1.5),
    gain=st.floats(1.0, 4.0),
    form=st.floats(0.5, 1.0),
    entropy=st.floats(0.05, 1.0),
    stages=st.sampled_from([("all",), ("a", "b"), ("a", "b", "c")]),
)


@settings(max_examples=25, deadline=None)
@given(learners)
def test_a_policy_that_learns_raises_no_alarm(learner: Learner) -> None:
    # that a stage has nothing left to teach is no false alarm
    assert {alarm.code for alarm in alarms_in(healthy(learner), WATCH)} <= {"dead-groups-easy"}


@settings(max_examples=15, deadline=None)
@given(learners, st.data())
def test_a_resumed_run_barks_as_one_that_never_stopped(
    learner: Learner, data: st.DataObject
) -> None:
    lines = healthy(learner)
    cut = data.draw(st.integers(1, len(lines)))
    spoiled = [
        {**line, "kl": 9.0, "unparsed": 0.9} if line["step"] % 50 > 25 else line for line in lines
    ]
    whole = alarms_in(spoiled, WATCH)
    resumed = Watchdog(WATCH)
    before = [alarm for line in spoiled[:cut] for alarm in resumed.see(line)]
    again = Watchdog(WATCH)
    for line in spoiled[:cut]:
        again.see(line)
    after = [alarm for line in spoiled[cut:] for alarm in again.see(line)]
    assert before + after == whole
