from __future__ import annotations

import inspect
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol, cast

import pytest
import torch
from transformers.trainer_callback import PrinterCallback
from trl import GRPOTrainer  # pyright: ignore[reportPrivateImportUsage]

from rm_eval import load_policy
from rm_rewards import Question, jsonl
from rm_train import TrainConfig
from rm_train.checkpoints import complete_ones, newest
from rm_train.learner import grpo_settings, load_learner, lora_of
from rm_train.plan import planned
from rm_train.prompts import read_material, rollout_dataset
from rm_train.resuming import KEPT, EpochRepeatSampler
from rm_train.rewards import Scorer, reward_functions
from rm_train.trainer import CALLED, PINNED, MapTrainer

COMPARED = ("step", "reward", "loss", "grad_norm", "kl", "entropy", "completions/mean_length")


class MakeConfig(Protocol):
    def __call__(self, **overrides: object) -> TrainConfig: ...


def build(
    config: TrainConfig,
    folder: Path,
    kind: type[GRPOTrainer] = MapTrainer,
    settings: Mapping[str, object] = MappingProxyType({}),
) -> Any:  # noqa: ANN401 - either trainer
    assert config.questions is not None
    material = read_material(config.questions)
    steps = planned(material.questions, config)
    networks = jsonl.Networks(config.questions.parent)
    scorer = Scorer(material.questions, networks.of, config.reward_spec())
    functions, weights = reward_functions(scorer)
    policy = load_learner(config, config.model)
    args = grpo_settings(config, folder, steps=len(steps), weights=weights, device="cpu", world=1)
    for name, value in settings.items():
        setattr(args, name, value)
    own: dict[str, Any] = {
        "scorer": scorer,
        "scale": config.advantage,
        "weighted": config.difficulty_weight,
        "keep": 9,
    }
    trainer = kind(
        **(own if kind is MapTrainer else {}),
        model=policy.model,
        processing_class=policy.processor,
        reward_funcs=cast("Any", functions),
        args=args,
        train_dataset=rollout_dataset(material, steps),
        peft_config=lora_of(config),
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def history(trainer: GRPOTrainer) -> list[dict[str, Any]]:
    lines: Sequence[dict[str, Any]] = trainer.state.log_history
    return [{k: line[k] for k in COMPARED if k in line} for line in lines if "reward" in line]


def test_the_private_methods_that_are_called_are_there() -> None:
    for name in CALLED:
        assert callable(getattr(GRPOTrainer, name)), name


def test_the_overridden_methods_are_there_to_be_overridden() -> None:
    for name in PINNED:
        assert callable(getattr(GRPOTrainer, name)), name
        assert getattr(MapTrainer, name) is not getattr(GRPOTrainer, name), name
    stock = cast("Any", GRPOTrainer)
    kept = inspect.getsource(stock._prepare_inputs)
    assert all(f"self.{name}" in kept for name in KEPT)
    taken = inspect.signature(stock._calculate_rewards)
    assert list(taken.parameters)[1:] == [
        "inputs", "prompts", "completions", "completion_ids_list",
    ]  # fmt: skip
    source = inspect.getsource(stock._generate_and_score_completions)
    assert '"advantages": advantages' in source
    assert "self._calculate_rewards(" in source


@pytest.mark.parametrize(
    "overrides",
    [
        {},
        {"beta": 0.1},
        {"beta": 0.1, "lora.r": 4},
        {"beta": 0.1, "micro_batch": 2, "lr_schedule": "linear", "max_grad_norm": 0.1},
    ],
    ids=["full", "full with KL", "LoRA with KL", "two passes a step"],
)
def test_a_resumed_run_equals_one_that_never_stopped(
    make_config: MakeConfig, tmp_path: Path, overrides: dict[str, object]
) -> None:
    config = make_config(**overrides)
    whole = build(config, tmp_path / "whole")
    whole.train()
    lines = history(whole)
    assert [line["step"] for line in lines] == [1, 2, 3, 4]
    assert any(line["grad_norm"] > 0 for line in lines)
    if config.beta:
        assert lines[-1]["kl"] > 0
    middle = tmp_path / "whole" / "checkpoint-2"
    again = build(config, tmp_path / "again")
    again.train(resume_from_checkpoint=str(middle))
    assert history(again) == lines
    theirs, ours = whole.model.state_dict(), again.model.state_dict()
    assert all(torch.equal(value, ours[name]) for name, value in theirs.items())


def test_weights_of_all_parameters_are_restored(make_config: MakeConfig, tmp_path: Path) -> None:
    config = make_config(max_steps=2)
    first = build(config, tmp_path / "first")
    first.train()
    second = build(config, tmp_path / "second")
    changed = [
        name
        for name, value in first.model.state_dict().items()
        if not torch.equal(value, second.model.state_dict()[name])
    ]
    assert changed
    second._load_from_checkpoint(str(tmp_path / "first" / "checkpoint-2"))
    restored = second.model.state_dict()
    assert all(torch.equal(v, restored[n]) for n, v in first.model.state_dict().items())


def test_the_reference_of_the_kl_term_stays_the_start_after_resuming(
    make_config: MakeConfig, schooled_model: Path, tmp_path: Path
) -> None:
    config = make_config(beta=0.1)
    build(config, tmp_path / "run").train()
    again = build(config, tmp_path / "again")
    again.train(resume_from_checkpoint=str(tmp_path / "run" / "checkpoint-2"))
    start = load_policy(schooled_model, dtype="float32").model.state_dict()
    reference = again.ref_model.state_dict()
    assert all(torch.equal(value, reference[name]) for name, value in start.items())
    assert not all(torch.equal(v, again.model.state_dict()[n]) for n, v in start.items())


def test_a_run_resumed_in_a_later_epoch_keeps_that_epochs_shuffle(
    make_config: MakeConfig, tmp_path: Path
) -> None:
    config = make_config(max_steps=4, prompts_per_step=1, save_steps=1)
    settings = {"shuffle_dataset": True, "max_steps": 10, "save_steps": 6}
    whole = build(config, tmp_path / "whole", settings=settings)
    whole.train()
    again = build(config, tmp_path / "again", settings=settings)
    again.train(resume_from_checkpoint=str(tmp_path / "whole" / "checkpoint-6"))
    assert history(again) == history(whole)


def test_each_epoch_has_a_shuffle_of_its_own() -> None:
    sampler = EpochRepeatSampler(range(20), mini_repeat_count=1, batch_size=1, seed=3)
    orders: list[list[int]] = []
    for epoch in (0, 1, 1, 0):
        sampler.set_epoch(epoch)
        orders.append(list(sampler))
    assert orders[1] == orders[2] != orders[0] == orders[3]


@pytest.mark.parametrize("scale", ["none", "group"])
def test_the_difficulty_weight_scales_the_update(
    make_config: MakeConfig, tmp_path: Path, scale: str
) -> None:
    norms: list[float] = []
    for weighted in (False, True):
        config = make_config(max_steps=1, advantage=scale, difficulty_weight=weighted)
        assert config.questions is not None
        read = jsonl.read(Question, config.questions)
        file = config.questions.with_name("hard.jsonl")
        jsonl.write((replace(question, difficulty_city="hard") for question in read), file)
        config = replace(config, questions=file)
        trainer = build(config, tmp_path / str(weighted))
        trainer.train()
        norms.append(history(trainer)[0]["grad_norm"])
    assert norms[1] == pytest.approx(1.5 * norms[0], rel=1e-4)
    assert norms[0] > 0


def test_without_scaling_the_loss_is_that_of_the_stock_trainer(
    make_config: MakeConfig, tmp_path: Path
) -> None:
    config = make_config(difficulty_weight=False)
    ours = build(config, tmp_path / "ours")
    ours.train()
    stock = build(config, tmp_path / "stock", kind=GRPOTrainer)
    stock.train()
    for mine, theirs in zip(history(ours), history(stock), strict=True):
        assert mine == pytest.approx(theirs, rel=1e-4)


def test_only_the_newest_complete_checkpoints_are_kept(
    make_config: MakeConfig, tmp_path: Path
) -> None:
    config = make_config(save_steps=1)
    trainer = build(config, tmp_path / "run")
    trainer._keep = 2
    trainer.train()
    assert [path.name for path in complete_ones(tmp_path / "run")] == [
        "checkpoint-3",
        "checkpoint-4",
    ]
    found = newest(tmp_path / "run")
    assert found is not None
    assert json.loads((found / "trainer_state.json").read_bytes())["global_step"] == 4
