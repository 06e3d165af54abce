from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import pytest

import rm_train
from rm_rewards import Question, Reward, jsonl
from rm_train import TrainConfig
from rm_train.checkpoints import newest
from rm_train.curves import read_metrics
from rm_train.measured import Measured
from rm_train.rewards import Scorer, reward_functions
from rm_train.run_directory import RunDirectory, RunError
from rm_train.watchdog.alarm import Alarm
from rm_train.watchdog.attendant import Attendant, raise_alarms, suited
from rm_train.watchdog.held_out import held_out_alarms
from rm_train.watchdog.marks import Mark, mark_of, of_all_processes, shares
from rm_train.watchdog.settings import WatchConfig
from rm_train.watchdog.watchdog import alarms_in

MakeConfig: TypeAlias = Callable[..., TrainConfig]

QUICK = WatchConfig(window=4, trend=10)


def written(config: TrainConfig) -> list[dict[str, Any]]:
    file = RunDirectory(config.out).alarms
    if not file.is_file():
        return []
    return [json.loads(text) for text in file.read_text(encoding="utf-8").splitlines()]


def test_a_run_that_learns_leaves_no_alarms(make_config: MakeConfig) -> None:
    config = make_config(max_steps=8, save_steps=0, num_generations=8)
    rm_train.run(replace(config, watch=QUICK))
    line = read_metrics(RunDirectory(config.out).metrics)[-1]
    assert {"dead_groups", "dead_right", "dead_wrong", "unparsed", "reward_errors"} <= set(line)
    grave = [alarm["code"] for alarm in written(config) if alarm["level"] == "error"]
    assert grave == []


@pytest.fixture
def broken(make_config: MakeConfig, short_questions: Path) -> TrainConfig:
    """A learning rate at which the tiny model is lost within a few steps."""
    config = make_config(
        lr=0.5, max_grad_norm=0.0, max_steps=10, save_steps=0, eval_questions=str(short_questions)
    )
    return replace(config, watch=QUICK)


def test_a_learning_rate_that_is_far_too_high_raises_alarms(
    broken: TrainConfig, capsys: pytest.CaptureFixture[str]
) -> None:
    rm_train.run(broken)
    alarms = written(broken)
    codes = {alarm["code"] for alarm in alarms}
    assert {"unparsed", "dead-groups-hard", "no-signal"} <= codes
    assert "forgetting-held-out" in codes
    assert all(set(alarm) == {"step", "code", "level", "message", "values"} for alarm in alarms)
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("alarm: ")]
    assert len(told) == len(alarms)
    metrics = read_metrics(RunDirectory(broken.out).metrics)
    during = [alarm for alarm in alarms if alarm["code"] != "forgetting-held-out"]
    assert [alarm.record() for alarm in alarms_in(metrics, QUICK)] == during


def test_an_alarm_can_end_the_run_at_a_checkpoint_from_which_it_goes_on(
    broken: TrainConfig,
) -> None:
    config = replace(broken, on_alarm="stop", eval_questions=None)
    with pytest.raises(RunError, match=r"ended after step \d+ by the alarm .*--on-alarm warn"):
        rm_train.run(config)
    last = newest(RunDirectory(config.out).checkpoints)
    before = written(config)
    assert last is not None
    assert before[-1]["level"] == "error"
    assert last.name == f"checkpoint-{before[-1]['step']}"
    assert not RunDirectory(config.out).model.exists()
    rm_train.run(replace(config, resume="auto", on_alarm="warn"))
    whole = replace(broken, out=config.out.parent / "whole", eval_questions=None)
    rm_train.run(whole)
    assert written(config) == written(whole)


def test_replies_that_are_cut_off_are_told(make_config: MakeConfig) -> None:
    config = make_config(max_completion_length=2, max_steps=5, save_steps=0, doctor=False)
    rm_train.run(replace(config, watch=QUICK))
    assert {"truncated", "unparsed"} <= {alarm["code"] for alarm in written(config)}


def test_replies_that_cannot_be_scored_are_counted_and_not_called_wrong(
    make_config: MakeConfig, short_questions: Path
) -> None:
    def unknown(question: Question) -> Question:
        return replace(question, type="Counting9") if question.type == "Counting2" else question

    file = short_questions.parent / "unknown.jsonl"  # the published scorer breaks off there
    jsonl.write([unknown(q) for q in jsonl.read(Question, short_questions)], file)
    config = make_config(
        questions=str(file),
        reward="reference",
        difficulty_weight=False,
        schedule="random",
        prompts_per_step=8,
        max_steps=3,
        save_steps=0,
        doctor=False,
    )
    rm_train.run(replace(config, watch=QUICK))
    lines = read_metrics(RunDirectory(config.out).metrics)
    assert max(line["reward_errors"] for line in lines) > 0
    assert {alarm["code"] for alarm in written(config)} == {"reward-errors"}
    asked = list(jsonl.read(Question, file))
    place = next(i for i, q in enumerate(asked) if q.type == "Counting9")
    scorer = Scorer(asked, lambda _: None, config.reward_spec())
    (total,), _ = reward_functions(scorer)
    told: dict[str, list[float]] = {}

    def log(name: str, value: float) -> None:
        told.setdefault(name, []).append(value)

    given: dict[str, Any] = {"question": [place, 0], "stage": ["s", "s"], "log_metric": log}
    earned = total(completions=[r"\boxed{3}", "nothing"], **given)
    assert earned == [None, 0.0]
    assert told["reward_errors"] == [0.5]


def test_an_attendant_reads_what_was_added_and_no_half_lines(
    make_config: MakeConfig, tmp_path: Path
) -> None:
    told: list[str] = []
    config = replace(make_config(), watch=QUICK, on_alarm="stop")
    directory = RunDirectory(tmp_path)
    lines = [
        json.dumps({"step": step, "stage": "s", "dead_groups": 1.0, "accuracy": 0.1}) + "\n"
        for step in range(1, 7)
    ]
    directory.metrics.write_text("".join(lines[:3]) + lines[3][:9], encoding="utf-8")
    attendant = Attendant(config, directory, told.append)
    attendant.replay()
    attendant.catch_up()
    assert told == []
    directory.metrics.write_text("".join(lines[:4]), encoding="utf-8")
    attendant.catch_up()
    assert [line.split(": ")[2] for line in told] == ["no-signal"]
    assert attendant.ended_by is not None
    resumed = Attendant(config, directory, told.append)
    resumed.replay()
    directory.metrics.write_text("".join(lines), encoding="utf-8")
    resumed.catch_up()
    assert len(told) == 1
    assert resumed.ended_by is None


def test_no_alarm_is_written_or_told_twice(tmp_path: Path) -> None:
    told: list[str] = []
    alarm = Alarm(step=1, code="kl", level="error", message="m", values={"kl": 2.0})
    for _ in range(2):
        raise_alarms(RunDirectory(tmp_path), [alarm], told.append)
    assert told == ["alarm: step 1: kl: m"]
    assert json.loads((tmp_path / "alarms.jsonl").read_text(encoding="utf-8")) == alarm.record()


@pytest.mark.parametrize(
    ("schedule", "forgetting"), [("rewardmap", 0.2), ("random", 0.2), ("neuraladder", 0.0)]
)
def test_schedules_that_ask_harder_and_harder_forget_nothing(
    make_config: MakeConfig, schedule: str, forgetting: float
) -> None:
    assert suited(replace(make_config(), schedule=schedule)).forgetting == forgetting


def mark(question: str, total: float, **changes: Any) -> Mark:  # noqa: ANN401
    made = Mark(
        question=question,
        type="TorF1",
        total=total,
        accuracy=float(total == 2),
        correct=total == 2,
        status="ok",
        detail=None,
    )
    return replace(made, **changes)


def test_a_step_is_told_in_shares() -> None:
    marks = [
        *[mark("right", 2)] * 2,
        *[mark("wrong", 1, type="planning", detail=0.25)] * 2,
        mark("mixed", 2),
        mark("mixed", 1, status="unparsed"),
        *[mark("alike", 2), mark("alike", 2, correct=False, status="error")],
    ]
    assert shares(marks, detail=True) == {
        "accuracy": 5 / 8,
        "accuracy/TorF1": 5 / 6,
        "accuracy/planning": 0.0,
        "correct": 4 / 8,
        "unparsed": 1 / 8,
        "reward_errors": 1 / 8,
        "rewards/detail/mean": 0.25,
        "dead/all": 3 / 4,
        "dead/right": 1 / 4,
        "dead/wrong": 1 / 4,
    }
    assert of_all_processes(marks) == marks


def reward(name: str, *, correct: bool) -> Reward:
    return Reward(
        question_id=name,
        total=2.0 * correct,
        format=1.0,
        correctness=float(correct),
        detail=0.0,
        weight=1.0,
        correct=correct,
        accuracy=float(correct),
        reward_version="v",
    )


def test_the_mark_of_a_reply_has_a_detail_where_the_question_has_one() -> None:
    asked = Question(id="q", type="planning", question="?")
    assert mark_of(asked, reward("q", correct=True)).detail == 0.0
    judged = Question(id="q", type="TorF1", question="?", answer=1)
    assert mark_of(judged, reward("q", correct=True)).detail is None


def measured(right: dict[str, list[bool]]) -> Measured:
    asked = {
        f"{kind}-{i}": Question(id=f"{kind}-{i}", type=kind, question="?", answer=1)
        for kind, values in right.items()
        for i in range(len(values))
    }
    rewards = {
        f"{kind}-{i}": reward(f"{kind}-{i}", correct=value)
        for kind, values in right.items()
        for i, value in enumerate(values)
    }
    return Measured("m", Path(), asked, {}, rewards)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ([True] * 50, []),
        ([True] * 47 + [False] * 3, []),
        ([True] * 30 + [False] * 20, ["TorF1"]),
    ],
)
def test_held_out_accuracy_that_is_lost_beyond_chance_is_told(
    after: list[bool], expected: list[str]
) -> None:
    before = measured({"TorF1": [True] * 50, "TorF2": [False] * 50})
    now = measured({"TorF1": after, "TorF2": [True] * 50})
    alarms = list(held_out_alarms(9, before, now))
    assert [alarm.message.split(" was ")[0].split()[-1] for alarm in alarms] == expected
    assert all(alarm.code == "forgetting-held-out" for alarm in alarms)


def test_a_loss_that_is_spread_over_all_types_is_told_as_such() -> None:
    kinds = ("TorF1", "TorF2", "Counting1", "Counting2", "Counting3")
    before = measured({kind: [True] * 4 for kind in kinds})
    now = measured({kind: [False] * 4 for kind in kinds})
    (alarm,) = held_out_alarms(9, before, now)
    assert alarm.message.startswith(
        "held-out accuracy of all types together was 1 before the training and is 0 after it (0 "
        "questions gained, 20 lost, p "
    )
