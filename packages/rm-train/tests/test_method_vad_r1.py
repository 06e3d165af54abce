from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeAlias, cast

import pytest
import torch
from PIL import Image
from torch import Tensor

from rm_rewards import (
    PLANNING,
    Network,
    Question,
    RecordError,
    gold_answer,
    jsonl,
    read_route,
    reward_spec,
    route_text,
)
from rm_rewards.methods import vad_r1
from rm_train import ConfigError, TrainConfig, run
from rm_train.curves import read_metrics
from rm_train.methods import methods_of
from rm_train.methods.method import Rows
from rm_train.methods.rollouts import Rollouts
from rm_train.methods.vad_r1 import VadR1
from rm_train.methods.vad_r1 import method as module
from rm_train.methods.vad_r1.pictures import LessMaps
from rm_train.prompts import Material, read_material
from rm_train.rewards import Scored, Scorer

MakeConfig: TypeAlias = Callable[..., TrainConfig]


@pytest.fixture
def plans(questions: Path) -> Path:
    found = [q for q in jsonl.read(Question, questions) if q.type == PLANNING]
    jsonl.write(found, questions.parent / "looks.jsonl")
    return questions.parent / "looks.jsonl"


@pytest.fixture
def material(plans: Path) -> Material:
    return read_material(plans)


# -- the check -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("abnormal", "said", "then", "length", "total"),
    [(True, True, False, 300, 2.7), (False, False, True, 200, 2.0), (False, True, False, 0, 1.5)],
)
def test_the_published_totals(
    abnormal: bool, said: bool, then: bool, length: int, total: float
) -> None:
    found = vad_r1.vad_reward(
        abnormal=abnormal,
        predicted_abnormal=said,
        trimmed_abnormal=then,
        well_formed=True,
        length=length,
        published=True,
    )
    assert found.total == pytest.approx(total)


class Told(dict[str, float]):
    def __call__(self, name: str, value: float) -> None:
        self[name] = value


class Looks:
    """Answers second looks from a table: line that is gone -> what is said then."""

    def __init__(self, said: dict[str, str]) -> None:
        self.said = said
        self.asked: list[tuple[str, bool]] = []

    def __call__(self, trainer: object, rows: Rows, *, greedy: bool) -> list[str]:
        del trainer
        self.asked += [(row["image"].info["without"], greedy) for row in rows]
        return [self.said[row["image"].info["without"]] for row in rows]


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Looks:
    """Second looks without a model, and pictures that tell which line they lack."""
    found = Looks({})

    def without(_self: LessMaps, _question: str, line: str) -> Image.Image:
        picture = Image.new("RGB", (4, 4))
        picture.info["without"] = line
        return picture

    monkeypatch.setattr(module, "ask", found)
    monkeypatch.setattr(LessMaps, "without", without)
    return found


def rewarded(
    method: VadR1, material: Material, folder: Path, question: Question, replies: list[str]
) -> tuple[list[float], Told]:
    networks = jsonl.Networks(folder)
    method.questions(material, networks.of)
    scorer = Scorer([question], networks.of, reward_spec("rewardmap"))
    found = [one.reward for one in scorer.group(0, replies, None)]
    scored = [Scored(question, "s", t, r) for t, r in zip(replies, found, strict=True)]

    def gather(own: Tensor) -> Tensor:
        return own

    told = Told()
    trainer = SimpleNamespace(
        accelerator=SimpleNamespace(num_processes=1, process_index=0, gather=gather),
        args=SimpleNamespace(seed=0),
        state=SimpleNamespace(global_step=3),
        scorer=scorer,
        tell=told,
    )
    rows: list[dict[str, Any]] = [{"question": 0, "image": None}] * len(replies)
    ones = torch.ones(len(replies))
    rollouts = Rollouts(
        cast("Any", trainer), rows, {}, ones.view(-1, 1), ones, tuple(scored), len(replies)
    )
    return cast("list[float]", method.rewards(ones, rollouts).tolist()), told


def test_a_right_route_that_changes_is_confirmed_and_one_that_stays_was_not_read(
    material: Material, plans: Path, looks: Looks
) -> None:
    question = next(q for q in material.questions if q.routes and len(q.routes[0]) == 1)
    network = jsonl.Networks(plans.parent).of(question)
    assert network
    right = gold_answer(question)
    leg = read_route(right).legs[0]
    first = leg.route_name
    other = next(line.name for line in network.lines if line.name != first)
    wrong = route_text((replace(leg, route_name=other),))
    looks.said = {first: route_text((replace(leg, route_name=other),)), other: wrong}
    lower = right.replace(first, first.lower())
    replies = [right, lower, wrong, "I cannot tell.", right.replace(first, "Line 77")]
    earned, told = rewarded(VadR1(), material, plans.parent, question, replies)
    assert earned == pytest.approx([1.5, 1.5, 0.8, 1.0, 1.0])
    assert looks.asked == [(first, True), (other, True)]  # one look for equal first lines
    assert told == pytest.approx(
        {"method/asked_again": 0.6, "method/verified": 2 / 3, "method/ridden_without": 1 / 3}
    )
    looks.said[first] = "none"
    earned, _ = rewarded(VadR1(), material, plans.parent, question, [right])
    assert earned == [1.0]  # no second route at all confirms nothing
    looks.asked.clear()
    rewarded(VadR1(greedy=False), material, plans.parent, question, [right, right])
    assert looks.asked == [(first, False)] * 2


def test_a_share_of_the_looks_is_taken_the_same_ones_after_resuming(
    material: Material, plans: Path, looks: Looks
) -> None:
    question = next(q for q in material.questions if q.routes)
    looks.said = dict.fromkeys((q.routes[0][0].route_name for q in [question] if q.routes), "none")
    replies = [gold_answer(question)] * 40
    some = VadR1(share=0.3, greedy=False)
    told = [rewarded(some, material, plans.parent, question, replies)[1] for _ in range(2)]
    assert told[0] == told[1]
    assert 0.1 < told[0]["method/asked_again"] < 0.6


# -- pictures --------------------------------------------------------------------------------------


def test_maps_without_a_line_are_drawn_once_and_fitted(material: Material, plans: Path) -> None:
    maps = LessMaps(material, jsonl.Networks(plans.parent).of)
    assert set(maps.networks) == {q.id for q in material.questions}
    maps.fit = lambda picture: picture.resize((56, 56))
    question = material.questions[0]
    line = maps.networks[question.id].lines[0].name
    first = maps.without(question.id, line)
    assert first.size == (56, 56)
    assert maps.without(question.id, line) is first
    same_map = next(
        q.id
        for q, p in zip(material.questions[1:], material.pictures[1:], strict=True)
        if p == material.pictures[0]
    )
    assert maps.without(same_map, line) is first


def test_a_map_that_nobody_knows_how_to_change_is_refused_at_the_start(
    material: Material, plans: Path, make_config: MakeConfig
) -> None:
    network = jsonl.Networks(plans.parent).of(material.questions[0])
    assert network

    def foreign(_question: Question) -> Network | None:
        return replace(network, city="Town", source="")

    (method,) = methods_of("vad-r1")
    told = r"vad-r1: question '.*': figure: found '.*\.png', expected .*\.drawing\.json or "
    with pytest.raises(RecordError, match=told):
        method.questions(material, foreign)
    with pytest.raises(RecordError, match=r"vad-r1: question '.*': network: found None"):
        method.questions(material, lambda _: None)
    config = make_config(method="vad-r1")
    with pytest.raises(ConfigError, match="vad-r1 found no planning question"):
        run(config)  # the questions with short answers
    assert not config.out.exists()


@pytest.mark.parametrize("share", ["0", "1.5", "-1"])
def test_a_share_that_is_none_is_refused(share: str) -> None:
    with pytest.raises(ConfigError, match=f"share: found {share}, expected a share above 0"):
        methods_of(f"vad-r1:share={share}")


# -- runs ------------------------------------------------------------------------------------------


def test_a_run_pays_for_second_looks_and_draws_no_random_number_for_them(
    make_config: MakeConfig, plans: Path, tmp_path: Path
) -> None:
    def of(method: str) -> list[dict[str, Any]]:
        config = make_config(
            model="embedded",
            questions=str(plans),
            method=method,
            max_completion_length=48,
            max_steps=2,
            save_steps=0,
            lr=1e-12,
            doctor=False,
            out=str(tmp_path / method.replace(":", "_")),
        )
        run(config)
        return read_metrics(config.out / "metrics.jsonl")

    plain, looked = of("grpo"), of("vad-r1")
    assert [line["reward"] for line in plain] == [line["reward"] for line in looked]
    for line in looked:
        assert line["method"]["asked_again"] > 0.5
        assert 0 <= line["method"]["verified"] <= 1
    both = of("vad-r1:greedy=false,share=0.5+grounded-prm")
    assert {"asked_again", "legs_judged"} <= set(both[0]["method"])
