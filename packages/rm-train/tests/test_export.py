from __future__ import annotations

import runpy
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, cast

import pyarrow.parquet as pq  # pyright: ignore[reportMissingTypeStubs] - has no stubs
import pytest
import yaml

from rm_rewards import Question, gold_answer, jsonl
from rm_rewards.adapters import decode_question
from rm_train import ConfigError, RunError, TrainConfig, resolve
from rm_train.config_file import to_yaml
from rm_train.exporting.data import longest_prompt
from rm_train.exporting.learning import learning
from rm_train.exporting.recipe import Recipe, export_verl
from rm_train.exporting.refusals import MAPPED, TOLD
from rm_train.prompts import read_material

Make = Callable[..., TrainConfig]
FOR_VERL = {"dtype": "bfloat16", "device": "auto", "advantage": "none"}


@pytest.fixture
def make(tiny_model: Path, short_questions: Path, tmp_path: Path) -> Make:
    def config(**changes: object) -> TrainConfig:
        settings: dict[str, object] = {
            "model": str(tiny_model), "questions": str(short_questions),
            "out": str(tmp_path / "recipe"), "prompts_per_step": 4, "num_generations": 4,
        }  # fmt: skip
        return resolve("embedded", overrides={**settings, **FOR_VERL, **changes})

    return config


def settings_of(recipe: Recipe) -> dict[str, Any]:
    return yaml.safe_load((recipe.out / "recipe.yaml").read_text(encoding="utf-8"))


def rows_of(recipe: Recipe) -> list[dict[str, Any]]:
    table: Any = cast("Any", pq).read_table(recipe.out / "data" / "train.parquet")
    return table.to_pylist()


def test_every_number_of_the_paper_is_in_the_recipe(
    questions: Path, short_questions: Path, tmp_path: Path
) -> None:
    given: dict[str, object] = {"questions": str(questions), "out": str(tmp_path / "r")}
    config = resolve(
        "rewardmap-qwen2.5-vl-7b", overrides={**given, "eval_questions": str(short_questions)}
    )
    recipe = export_verl(config, nodes=2, gpus=4)
    found = settings_of(recipe)
    learns, rollout = found["actor_rollout_ref"]["actor"], found["actor_rollout_ref"]["rollout"]
    assert found["defaults"] == ["ppo_trainer", "_self_"]
    assert found["algorithm"]["adv_estimator"] == "grpo"
    assert found["algorithm"]["norm_adv_by_std_in_grpo"] is False
    assert (learns["optim"]["lr"], learns["optim"]["lr_scheduler_type"]) == (1e-6, "constant")
    assert (learns["use_kl_loss"], learns["kl_loss_coef"]) == (True, 1e-3)
    assert (learns["loss_agg_mode"], learns["ppo_micro_batch_size_per_gpu"]) == ("token-mean", 2)
    assert (found["data"]["train_batch_size"], rollout["n"]) == (16, 8)
    assert found["data"]["max_response_length"] == 2048
    assert found["data"]["mm_processor_kwargs"] == {"min_pixels": 3136, "max_pixels": 12845056}
    assert found["data"]["curriculum"] == {"schedule": "rewardmap", "seed": 0, "epochs": 1}
    assert (found["trainer"]["nnodes"], found["trainer"]["n_gpus_per_node"]) == (2, 4)
    assert found["trainer"]["total_training_steps"] == found["trainer"]["test_freq"] == recipe.steps
    assert found["data"]["val_files"].endswith("/data/test.parquet")
    assert sorted(p.name for p in recipe.out.iterdir()) == [
        "README.md", "data", "recipe.yaml", "reward.py", "run.sh",
    ]  # fmt: skip
    readme = (recipe.out / "README.md").read_text(encoding="utf-8")
    assert all(f"- {note}\n" in readme for note in recipe.notes)


def test_the_rows_hold_prompt_picture_and_a_label_that_scores(
    make: Make, short_questions: Path
) -> None:
    recipe = export_verl(make())
    rows = rows_of(recipe)
    asked = list(jsonl.read(Question, short_questions))
    assert [row["extra_info"]["id"] for row in rows] == [q.id for q in asked]
    assert set(rows[0]) >= {"prompt", "images", "reward_model", "extra_info"}
    reward = runpy.run_path(str(recipe.out / "reward.py"))["compute_score"]
    for row, question in zip(rows[:5], asked, strict=False):
        assert row["prompt"][0]["content"] == f"<image>{question.question}"
        assert Path(row["images"][0]["image"].removeprefix("file://")).is_file()
        label = row["reward_model"]["ground_truth"]
        assert decode_question(label).id == question.id
        scored = reward("maps", gold_answer(question), label, {})
        total = scored["format"] + scored["correctness"] + 0.5 * scored["detail"]
        assert scored["score"] == pytest.approx(total * scored["weight"])
        assert (scored["acc"], scored["correctness"]) == (1.0, 1.0)


def test_without_a_weight_the_score_is_the_total(make: Make) -> None:
    recipe = export_verl(make(difficulty_weight=False, alpha=0.3))
    text = (recipe.out / "reward.py").read_text(encoding="utf-8")
    assert "alpha=0.3" in text
    assert "found.reward.weight" not in text


def test_pictures_and_networks_may_lie_in_folders_of_their_own(
    make: Make, questions: Path, tmp_path: Path
) -> None:
    asked = list(jsonl.read(Question, questions))[:7]
    plain = [
        replace(q, figure=None, network=None, country="c", city=Path(str(q.figure)).stem)
        for q in asked
    ]
    (tmp_path / "maps" / "c").mkdir(parents=True)
    (tmp_path / "nets" / "c").mkdir(parents=True)
    for name in {q.city for q in plain}:
        (tmp_path / "maps" / "c" / f"{name}.png").symlink_to(questions.parent / f"{name}.png")
        text = (questions.parent / f"{name}.json").read_text(encoding="utf-8")
        (tmp_path / "nets" / "c" / f"{name}.json").write_text(text, encoding="utf-8")
    jsonl.write(plain, tmp_path / "q.jsonl")
    folders = {"maps": str(tmp_path / "maps"), "networks": str(tmp_path / "nets")}
    recipe = export_verl(make(questions=str(tmp_path / "q.jsonl"), **folders))
    rows = rows_of(recipe)
    labels = [decode_question(row["reward_model"]["ground_truth"]) for row in rows]
    assert all(Path(str(label.network)).is_file() for label in labels)
    assert all(row["images"] for row in rows)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {"algorithm.adv_estimator": "grpo", "algorithm.norm_adv_by_std_in_grpo": False}),
        (
            {"advantage": "group", "difficulty_weight": False},
            {"algorithm.norm_adv_by_std_in_grpo": True},
        ),
        ({"baseline": "leave-one-out"}, {"algorithm.adv_estimator": "rloo"}),
        ({"method": "rloo"}, {"algorithm.adv_estimator": "rloo"}),
        (
            {"method": "reinforce++", "beta": 0.1, "difficulty_weight": False},
            {
                "algorithm.adv_estimator": "reinforce_plus_plus",
                "algorithm.use_kl_in_reward": True,
                "algorithm.kl_ctrl.kl_coef": 0.1,
                "actor_rollout_ref.actor.use_kl_loss": False,
            },
        ),
        (
            {"advantage": "batch", "difficulty_weight": False},
            {"algorithm.adv_estimator": "reinforce_plus_plus_baseline"},
        ),
        (
            {"method": "gspo", "minibatches": 2},
            {
                "actor_rollout_ref.actor.policy_loss.loss_mode": "gspo",
                "actor_rollout_ref.actor.loss_agg_mode": "seq-mean-token-mean",
                "actor_rollout_ref.actor.clip_ratio_low": 3e-4,
                "actor_rollout_ref.actor.clip_ratio_high": 4e-4,
            },
        ),
        (
            {"method": "dapo:mask=false"},
            {
                "actor_rollout_ref.actor.loss_agg_mode": "token-mean",
                "actor_rollout_ref.actor.clip_ratio_low": 0.2,
                "actor_rollout_ref.actor.clip_ratio_high": 0.28,
            },
        ),
        (
            {"method": "dr-grpo", "max_completion_length": 40},
            {
                "actor_rollout_ref.actor.loss_agg_mode": "seq-mean-token-sum-norm",
                "actor_rollout_ref.actor.loss_scale_factor": 40,
            },
        ),
        ({"loss_type": "sapo"}, {"actor_rollout_ref.actor.policy_loss.loss_mode": "sapo"}),
        ({"beta": 0.02}, {"actor_rollout_ref.actor.kl_loss_coef": 0.02}),
        ({"epsilon_high": 0.3}, {"actor_rollout_ref.actor.clip_ratio_high": 0.3}),
        ({"max_grad_norm": 0}, {"actor_rollout_ref.actor.grad_clip": 1e9}),
    ],
)
def test_a_setting_of_the_learning_is_said_in_verls_words(
    make: Make, changes: dict[str, object], expected: dict[str, object]
) -> None:
    found = learning(make(**changes)).settings
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dtype": "float32"}, "dtype: found 'float32', but verl computes in bfloat16"),
        ({"method": "remax"}, "method: found 'remax' with Remax, whose greedy replies"),
        ({"method": "copo"}, "method: found 'copo' with Copo, which verl does not have"),
        ({"method": "dapo"}, "expected dapo:mask=false"),
        ({"advantage": "group"}, "difficulty_weight: found True with grpo and advantage 'group'"),
        ({"method": "reinforce++"}, "difficulty_weight: found True with reinforce_plus_plus"),
        (
            {"advantage": "group", "baseline": "leave-one-out", "difficulty_weight": False},
            "baseline: found 'leave-one-out' with advantage 'group'",
        ),
        ({"loss_type": "cispo"}, "loss_type: found 'cispo', which verl does not have as TRL"),
        ({"lr_schedule": "linear"}, "lr_schedule: found 'linear'"),
        ({"mask_truncated": True}, "mask_truncated: found True, which has no counterpart"),
        ({"lora.r": 4, "lora.dropout": 0.1}, "lora.dropout: found 0.1"),
        ({"sft.steps": 5}, "sft.steps: found 5, but verl's recipe has no warm-up"),
        ({"report_to": "neptune"}, "report_to: found 'neptune'"),
        ({"minibatches": 8}, "minibatches: found 8, expected a divisor of prompts_per_step (4)"),
        ({"micro_batch": 16}, "micro_batch: found 16, expected a divisor of the 8 replies"),
        ({"vllm_max_model_length": 9}, "vllm_max_model_length: found 9, expected 5"),
    ],
)
def test_what_verl_cannot_follow_is_refused_and_nothing_is_written(
    make: Make, changes: dict[str, object], message: str
) -> None:
    config = make(**changes)
    with pytest.raises(ConfigError) as caught:
        export_verl(config, gpus=2)
    assert message in str(caught.value)
    assert not config.out.exists()


def test_no_setting_is_dropped_silently(make: Make) -> None:
    """Each is mapped, told, or refused where it is not at its default."""
    known = {one.name: one for one in fields(TrainConfig)}
    for name in MAPPED | set(TOLD):
        section, _, inner = name.partition(".")
        assert section in known, f"{name} is no setting any more"
        if inner:
            held = getattr(TrainConfig(), section)
            assert is_dataclass(held)
            assert inner in {one.name for one in fields(held)}, name
    recipe = export_verl(make(resume="auto", seed=3, save_steps=0, run_name="mine"))
    found = settings_of(recipe)
    assert any(note.startswith("resume 'auto' is left out: verl goes on") for note in recipe.notes)
    assert found["trainer"]["save_freq"] == -1
    assert found["trainer"]["experiment_name"] == "mine"
    assert found["data"]["curriculum"]["seed"] == 3
    with pytest.raises(RunError, match="not empty; choose another --out"):
        export_verl(make())


def test_a_prompt_is_at_most_as_long_as_its_bound(short_questions: Path) -> None:
    material = read_material(short_questions)
    text = max(len(q.question.encode()) for q in material.questions)
    assert longest_prompt(material, 3136, 3136) == -(-(4 + text + 64) // 256) * 256
    large = longest_prompt(material, 784 * 1500, 784 * 1500)
    assert 1500 < large < 1500 + text + 64 + 2 * 256


def test_the_command_writes_a_recipe_and_tells_what_differs(make: Make, tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text(to_yaml(make(beta=0.1)), encoding="utf-8")
    command = [sys.executable, "-m", "rm_train.cli", "export", "verl", "--config", str(file)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "note: beta: verl's k3 term lacks TRL's importance factor\n" in ran.stderr
    assert ran.stdout.startswith(str(tmp_path / "recipe"))
    checked = ["bash", "-n", str(tmp_path / "recipe" / "run.sh")]
    assert subprocess.run(checked, check=False).returncode == 0
    again = subprocess.run([*command, "--gpus", "0"], capture_output=True, text=True, check=False)
    assert (again.returncode, again.stdout) == (2, "")
    assert again.stderr == "rm-train: --gpus: found 0, expected 1 or more\n"
