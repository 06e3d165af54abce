from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeAlias, cast

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from rm_rewards import (
    PLANNING,
    Network,
    Question,
    RecordError,
    gold_answer,
    jsonl,
    reward_spec,
)
from rm_rewards.methods import svqa_r1
from rm_train import ConfigError, TrainConfig, run
from rm_train.curves import read_metrics
from rm_train.methods import methods_of
from rm_train.methods.rollouts import Rollouts
from rm_train.methods.svqa_r1.method import SvqaR1, bonuses
from rm_train.methods.svqa_r1.twins import views_of, ways_back, with_twins
from rm_train.prompts import Material, read_material
from rm_train.rewards import Scored, Scorer

MakeConfig: TypeAlias = Callable[..., TrainConfig]

WATCH = """
from pathlib import Path

import torch
from rm_train.methods.method import Method


class Watch(Method):
    seen = 0

    def advantages(self, advantages, rewards, rollouts):
        self.seen += 1
        found = {"ids": rollouts.question_ids, "rewards": rewards, "advantages": advantages}
        torch.save(found, Path(__file__).with_name(f"{self.seen}.pt"))
        return advantages
"""


# -- the bonus -------------------------------------------------------------------------------------


def test_the_golden_pairs_earn_by_the_share_that_agrees() -> None:
    found = svqa_r1.pair_rewards("LLRL", "RRRL", "L", {"L": "R", "R": "L"})
    assert (found.agree, found.consistency) == ((True, True, False, False), 0.5)
    agree = torch.tensor([[1.0, 1, 0, 0]])
    correct = torch.tensor([[[1.0, 1, 0, 1], [1, 1, 1, 0]]])
    assert bonuses(agree, correct, 0.5, "group").tolist() == [
        [[0.25, 0.25, 0, 0.25], [0.25, 0.25, 0.25, 0]]
    ]
    assert bonuses(agree, correct, 0.5, "pair").tolist() == [[[0.5, 0.5, 0, 0], [0.5, 0.5, 0, 0]]]


@given(
    st.lists(st.tuples(st.sampled_from("LR"), st.sampled_from("LR")), min_size=1, max_size=6),
    st.sampled_from(["group", "pair"]),
    st.floats(0, 2),
)
def test_the_bonus_is_that_of_rm_rewards(
    rows: list[tuple[str, str]],
    credit: svqa_r1.Credit,
    lam: float,
) -> None:
    here, there = zip(*rows, strict=True)
    found = svqa_r1.pair_rewards(here, there, "L", {"L": "R"}, lam=lam, credit=credit)
    agree = torch.tensor([found.agree]).float()
    correct = torch.tensor([[found.right, found.right_transformed]]).float()
    made = bonuses(agree, correct, lam, credit) + correct
    expected = torch.tensor([[found.rewards, found.rewards_transformed]])
    torch.testing.assert_close(made, expected)


# -- twins -----------------------------------------------------------------------------------------


def test_the_way_back_has_the_same_picture_and_questions_without_one_stay_alone(
    questions: Path,
) -> None:
    material = read_material(questions)
    twins = ways_back(material)
    kinds = {q.id: q.type for q in material.questions}
    assert {kinds[name] for name in twins} == {"TorF1", "Counting1", PLANNING}
    made = with_twins(material, twins.values())
    places = dict(zip((q.id for q in made.questions), made.pictures, strict=True))
    for name, twin in twins.items():
        assert twin.question.id == f"{name}@swap"
        assert places[twin.question.id] == places[name]
        assert twin.back
    with pytest.raises(RecordError, match="expected questions without their views"):
        with_twins(made, twins.values())


@pytest.fixture
def pairs(questions: Path, tmp_path: Path) -> Path:
    """Views as `rm-data views` writes them, on maps of their own."""
    place = tmp_path / "views"
    place.mkdir()
    views: list[Question] = []
    lines: list[str] = []
    for question in jsonl.read(Question, questions):
        for kind in ("mirror", "rename", "without"):
            views.append(replace(question, id=f"{question.id}@{kind}"))
            pair = {"question": question.id, "view": views[-1].id, "kind": kind, "back": False}
            pair |= {
                "same": kind != "without",
                "lines": {"Red": "Blue"} if kind == "rename" else {},
            }
            lines.append(json.dumps(pair))
    for file in questions.parent.iterdir():
        if file.suffix in (".png", ".json"):
            (place / file.name).write_bytes(file.read_bytes())
    jsonl.write(views, place / "questions.jsonl")
    (place / "pairs.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return place / "pairs.jsonl"


def test_views_of_files_keep_their_own_pictures_networks_and_line_names(
    questions: Path, pairs: Path
) -> None:
    material = read_material(questions)
    made, twins = views_of(material, pairs, "")
    assert made.fingerprint != material.fingerprint
    assert set(twins) == {q.id for q in material.questions}
    kinds = {twin.question.id.partition("@")[2] for twin in twins.values()}
    assert kinds == {"mirror", "rename"}  # each question has one of them, none without its line
    for twin in twins.values():
        assert twin.picture.parent == pairs.parent
        assert Path(twin.question.network or "").is_file()
        assert bool(twin.lines) == twin.question.id.endswith("@rename")
    again = views_of(material, pairs, "")[1]
    assert again == twins
    only = views_of(material, pairs, "mirror")[1]
    assert all(twin.question.id.endswith("@mirror") for twin in only.values())
    text = pairs.read_text(encoding="utf-8")
    pairs.write_text(text.replace('@mirror"', '@gone"'), encoding="utf-8")
    with pytest.raises(
        RecordError, match=r"pairs.jsonl: view: found '.*@gone', expected a question"
    ):
        views_of(material, pairs, "mirror")


class Told(dict[str, float]):
    def __call__(self, name: str, value: float) -> None:
        self[name] = value


def test_routes_agree_that_lead_there_and_back_and_answers_that_are_equal(questions: Path) -> None:
    networks = jsonl.Networks(questions.parent)
    method = SvqaR1()
    made = method.questions(read_material(questions), networks.of)
    numbers = {question.id: number for number, question in enumerate(made.questions)}
    scorer = Scorer(made.questions, networks.of, reward_spec("rewardmap"))
    trip = next(q for q in made.questions if q.type == PLANNING)
    same = next(q for q in made.questions if q.type == "TorF1")
    alone = next(q for q in made.questions if q.type == "Counting2")
    asked: list[tuple[Question, str]] = []
    for first in (trip, same, alone):
        second = made.questions[numbers[method.partners().get(first.id, first.id)]]
        good, back = gold_answer(first), gold_answer(second)
        asked += [(first, good), (first, good), (second, back), (second, "?")]
    scored = [
        Scored(q, "s", text, scorer.group(numbers[q.id], [text], None)[0].reward)
        for q, text in asked
    ]

    def gather(own: Tensor) -> Tensor:
        return own

    told = Told()
    trainer = SimpleNamespace(
        accelerator=SimpleNamespace(num_processes=1, process_index=0, gather=gather),
        scorer=scorer,
        tell=told,
    )
    rows = [{"question": numbers[q.id]} for q, _ in asked]
    zeros = torch.zeros(len(rows))
    rollouts = Rollouts(
        cast("Any", trainer), rows, {}, zeros.view(-1, 1), zeros, tuple(scored), group=2
    )
    earned = method.rewards(zeros, rollouts).view(3, 4)
    found = cast("list[list[float]]", earned.tolist())
    # one of two pairs agrees; the last reply to each is wrong; who stands alone earns nothing
    assert found == [[0.25, 0.25, 0.25, 0], [0.25, 0.25, 0.25, 0], [0, 0, 0, 0]]
    assert told == {"method/consistency": 0.5, "method/paired": pytest.approx(2 / 3)}


# -- runs ------------------------------------------------------------------------------------------


def test_a_step_holds_pairs_that_are_compared_as_one_group(
    make_config: MakeConfig, questions: Path, tmp_path: Path
) -> None:
    plans = [q for q in jsonl.read(Question, questions) if q.type in (PLANNING, "Counting2")]
    jsonl.write(plans, questions.parent / "pairs-of.jsonl")
    (tmp_path / "watch.py").write_text(WATCH, encoding="utf-8")
    config = make_config(
        model="embedded",
        questions=str(questions.parent / "pairs-of.jsonl"),
        method=f"svqa-r1:lam=0.25+{tmp_path}/watch.py:Watch",
        advantage="none",
        prompts_per_step=4,
        max_steps=4,
        save_steps=0,
        max_completion_length=48,
    )
    run(config)
    group = config.num_generations
    for step in range(1, 5):
        seen = torch.load(tmp_path / f"{step}.pt")
        asked: list[str] = seen["ids"][::group]
        for first, second in zip(asked[::2], asked[1::2], strict=True):
            assert second in (f"{first}@swap", first)
        both: Tensor = seen["rewards"].view(-1, 2 * group)
        expected = both - both.mean(dim=1, keepdim=True)
        torch.testing.assert_close(seen["advantages"].view_as(both), expected)
    assert not (tmp_path / "5.pt").exists()
    lines = read_metrics(config.out / "metrics.jsonl")
    assert lines[0]["stage"] == "counting"
    assert lines[0]["method"]["paired"] == 0  # counting the lines of a station has no way back
    assert lines[-1]["stage"] == "planning"
    assert lines[-1]["method"]["paired"] == 1
    assert 0 <= lines[-1]["method"]["consistency"] <= 1


def test_pairs_are_replaced_together_where_both_views_are_dead(
    make_config: MakeConfig, questions: Path, pairs: Path
) -> None:
    config = make_config(
        model="embedded",
        questions=str(questions),
        method=f"svqa-r1:pairs={pairs}+dynamic-sampling:rounds=1",
        max_steps=2,
        save_steps=0,
        max_completion_length=48,
    )
    run(config)
    for line in read_metrics(config.out / "metrics.jsonl"):
        assert line["method"]["paired"] == 1
        assert line["method"]["extra_prompts"] in (0, 2)
        assert line["method"]["resampled"] <= 1


@pytest.mark.parametrize(
    ("method", "settings", "complaint"),
    [
        ("svqa-r1", {"prompts_per_step": 3}, "prompts_per_step: found 3, expected an even number"),
        ("svqa-r1:lam=-0.1", {}, "lam: found -0.1, expected a number, 0 or more"),
        ("svqa-r1:credit=both", {}, "credit: found 'both', expected group or pair"),
        ("svqa-r1:kind=mirror", {}, "kind: found 'mirror', expected swap, .*beside pairs=FILE"),
        (
            "svqa-r1:pairs=gone.jsonl",
            {},
            "found 'gone.jsonl', but there is no gone.jsonl; expected",
        ),
        ("svqa-r1:kind=upside,pairs=x", {}, "kind: found 'upside'"),
    ],
)
def test_settings_that_do_not_go_with_pairs_are_refused(
    make_config: MakeConfig, method: str, settings: dict[str, object], complaint: str
) -> None:
    config = make_config(method=method, **settings)
    with pytest.raises(ConfigError, match=complaint):
        run(config)
    assert not config.out.exists()


def test_questions_of_which_none_has_a_twin_are_refused(questions: Path) -> None:
    alone = [q for q in jsonl.read(Question, questions) if q.type == "Counting2"]
    (method,) = methods_of("svqa-r1")

    def network_of(_question: Question) -> Network | None:
        return None

    with pytest.raises(ConfigError, match=r"found no question with a twin \(none has two stations"):
        method.questions(Material(tuple(alone), (Path(),) * len(alone), ""), network_of)
