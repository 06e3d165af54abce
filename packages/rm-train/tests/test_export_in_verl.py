"""The recipe for verl, loaded by verl's own code, where verl is installed (`.ci/trainers`)."""

from __future__ import annotations

import importlib.metadata
import os
import warnings
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import pytest

from rm_curriculum import Curriculum
from rm_rewards import Question, gold_answer, jsonl
from rm_train import TrainConfig, resolve
from rm_train.config_file import from_mapping, to_mapping
from rm_train.exporting.recipe import VERL, Recipe, export_verl
from rm_train.plan import planned

EXPECTED = "verl" in os.environ.get("RM_EXPECT_TRAINERS", "").split()
HERE = find_spec("verl") is not None and importlib.metadata.version("verl") == VERL
pytestmark = [
    pytest.mark.skipif(
        not HERE and not EXPECTED, reason=f"verl {VERL} is not installed (.ci/trainers)"
    ),
    pytest.mark.filterwarnings("default"),  # of verl and what it imports
]
CLUSTER = {"nodes": 1, "gpus": 2}


@pytest.fixture
def config(questions: Path, short_questions: Path, tmp_path: Path) -> TrainConfig:
    given: dict[str, object] = {"questions": str(questions), "out": str(tmp_path / "recipe")}
    given |= {"eval_questions": str(short_questions), "prompts_per_step": 4, "num_generations": 4}
    return resolve("rewardmap-qwen2.5-vl-3b", overrides=given)


@pytest.fixture
def recipe(config: TrainConfig) -> Recipe:
    return export_verl(config, **CLUSTER)


def composed(recipe: Recipe) -> Any:  # noqa: ANN401 - a configuration of Hydra
    """What `run.sh` gives verl: Hydra finds verl's own files by the search path in the recipe."""
    hydra: Any = import_module("hydra")
    with hydra.initialize_config_dir(config_dir=str(recipe.out), version_base=None):
        return hydra.compose("recipe")


def test_verls_own_checks_take_the_recipe(recipe: Recipe) -> None:
    found = composed(recipe)
    check: Any = import_module("verl.utils.config").validate_config
    check(config=found, use_reference_policy=True, use_critic=False)
    to_dataclass: Any = import_module("verl.utils.config").omega_conf_to_dataclass
    actor = to_dataclass(found.actor_rollout_ref.actor)
    assert (actor.optim.lr, actor.use_kl_loss, actor.kl_loss_coef) == (1e-6, True, 1e-3)
    assert (actor.loss_agg_mode, actor.policy_loss.loss_mode) == ("token-mean", "vanilla")
    rollout = to_dataclass(found.actor_rollout_ref.rollout)
    assert (rollout.n, rollout.temperature, rollout.name) == (4, 1.0, "vllm")
    assert rollout.response_length == 2048
    assert rollout.prompt_length == found.data.max_prompt_length


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "gspo", "minibatches": 2},
        {"method": "reinforce++", "difficulty_weight": False},
        {"method": "dr-grpo"},
        {"method": "rloo"},
        {"advantage": "batch", "difficulty_weight": False},
        {"loss_type": "sapo"},
        {"lr_schedule": "cosine", "warmup_steps": 2},
    ],
    ids=lambda changes: "-".join(map(str, cast("dict[str, object]", changes).values())),
)
def test_verl_knows_every_method_that_is_exported(
    config: TrainConfig, changes: dict[str, object]
) -> None:
    changed = from_mapping(to_mapping(config), where="here", overrides=changes)
    found = composed(export_verl(changed, **CLUSTER))
    check: Any = import_module("verl.utils.config").validate_config
    check(config=found, use_reference_policy=False, use_critic=False)
    core: Any = import_module("verl.trainer.ppo.core_algos")
    assert callable(core.get_adv_estimator_fn(found.algorithm.adv_estimator))
    assert callable(core.get_policy_loss_fn(found.actor_rollout_ref.actor.policy_loss.loss_mode))
    torch: Any = import_module("torch")
    actor = found.actor_rollout_ref.actor
    losses, mask = torch.ones(2, 3), torch.tensor([[1, 1, 0], [1, 0, 0]])
    scale = {"loss_scale_factor": actor.loss_scale_factor}
    assert core.agg_loss(losses, mask, actor.loss_agg_mode, **scale) > 0


def test_verl_scores_by_the_file_of_the_recipe(recipe: Recipe, questions: Path) -> None:
    function: Any = import_module("verl.trainer.ppo.reward").get_custom_reward_fn(composed(recipe))
    data = dataset(recipe)
    asked = {q.id: q for q in jsonl.read(Question, questions)}
    for place in (0, 1, len(data) - 1):
        row = data[place]
        label = row["reward_model"]["ground_truth"]
        gold = gold_answer(asked[row["extra_info"]["id"]])
        scored = function("maps", gold, label, row["extra_info"])
        assert scored["acc"] == 1.0
        total = scored["format"] + scored["correctness"] + 0.5 * scored["detail"]
        assert scored["score"] == pytest.approx(total * scored["weight"])
        assert set(function("maps", "", label, row["extra_info"])) == set(scored)


def dataset(recipe: Recipe) -> Any:  # noqa: ANN401 - verl's dataset
    found = composed(recipe)
    maker: Any = import_module("verl.utils.dataset.rl_dataset").RLHFDataset
    # it asks whether there is a processor before it looks for pictures
    settings = {"tokenizer": None, "processor": object(), "config": found.data}
    return maker(data_files=found.data.train_files, **settings)


def test_verls_trainer_asks_what_the_run_would_ask(
    recipe: Recipe, config: TrainConfig, questions: Path
) -> None:
    import_module("rm_curriculum.adapters.verl_trainer")
    found = composed(recipe)
    trainers: Any = import_module("verl.trainer.ppo.v1")
    kind = trainers.get_trainer_cls(found.trainer.v1.trainer_mode)
    made = kind.__new__(kind)
    made.config, made.tokenizer, made.processor = found, None, object()
    made.trainer_mode, made.parameter_sync_step, made.global_steps = "sync", 1, 1
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message="the curriculum has")  # a stage cut off
        made._init_dataloader()
    assert made.total_training_steps == recipe.steps
    asked = list(jsonl.read(Question, questions))
    steps = planned(asked, config)
    got = [[info["id"] for info in list(made._next_train_batch()["extra_info"])] for _ in steps]
    curriculum = Curriculum(asked, config.schedule, config.seed)
    dealt = [list(batch.ids) for batch in curriculum.batches(config.prompts_per_step)]
    assert [ids[: len(own)] for ids, own in zip(got, dealt, strict=True)] == dealt
    assert [sorted(ids) for ids in got[:1]] == [sorted(steps[0].questions)]
