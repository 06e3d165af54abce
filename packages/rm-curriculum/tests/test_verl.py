"""The adapters for verl, driven by verl's own code where it is installed.

One version of verl at a time: `sampler` needs 0.7.1 or older, `trainer` 0.9.
"""

# verl is typed in part, and not installed where this is checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportUnknownParameterType=false
from __future__ import annotations

import io
import json
import os
import warnings
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeAlias

import pytest

from rm_curriculum import Curriculum, CurriculumError
from rm_curriculum.adapters.verl_rows import curriculum_of, groups, items_of
from rm_rewards import QUESTION_TYPES, Question
from rm_rewards.adapters import encode_question

with warnings.catch_warnings():  # some versions beside verl warn of each other
    warnings.simplefilter("ignore")
    import torch

Foreign: TypeAlias = Any
pytestmark = pytest.mark.filterwarnings("default")  # verl and its libraries warn a lot


def verl_version() -> tuple[int, ...]:
    """(0, 9, 1), or () without verl; it must be there where it is expected."""
    try:
        return tuple(map(int, version("verl").split(".")[:3]))
    except PackageNotFoundError:
        assert "verl" not in os.environ.get("RM_EXPECT_TRAINERS", "").split()
        return ()


old = pytest.mark.skipif(
    not () < verl_version() < (0, 8), reason="verl up to 0.7.1 is not installed"
)
new = pytest.mark.skipif(verl_version() < (0, 9), reason="verl 0.9 is not installed")


def rows(count: int) -> list[dict[str, Any]]:
    return [
        {
            "data_source": "maps",
            "prompt": [{"role": "user", "content": f"{i}?"}],
            "reward_model": {"style": "rule", "ground_truth": str(i)},
            "extra_info": {"id": f"q{i}", "type": QUESTION_TYPES[i % 6], "index": i},
        }
        for i in range(count)
    ]


def table(records: list[dict[str, Any]]) -> Foreign:
    return SimpleNamespace(dataframe={key: [one[key] for one in records] for key in records[0]})


# -- what needs no verl ----------------------------------------------------------------------------


def test_items_are_read_from_the_rows_or_from_the_label() -> None:
    made = rows(2)
    label = encode_question(Question(id="x", type="TorF1", question="?", answer=1))
    made[1] |= {"extra_info": {"index": 1}, "reward_model": {"ground_truth": label}}
    assert items_of(table(made)) == [
        {"id": "q0", "type": "TorF1"},
        {"id": "x", "type": "TorF1"},
    ]
    made[1]["reward_model"] = {"ground_truth": "7"}
    with pytest.raises(
        CurriculumError, match=r"row 1: extra_info: found .*'index': 1.*expected `id`"
    ):
        items_of(table(made))


def test_settings_name_the_schedule_and_its_options() -> None:
    items = items_of(table(rows(12)))
    settings = {"schedule": "gated", "seed": 4, "epochs": 2, "options": {"threshold": 0.5}}
    made = curriculum_of(items, settings, feedback=True)
    assert (made.schedule.name, made.total) == ("gated", 24)
    assert '"threshold": 0.5' in made.schedule.settings()
    assert curriculum_of(items, {}, feedback=False).schedule.name == "rewardmap"
    with pytest.raises(CurriculumError, match="speed"):
        curriculum_of(items, {"schedule": "gated", "options": {"speed": 1}}, feedback=True)


def test_groups_come_together_by_name() -> None:
    found = list(groups(["a", "b", "a"], [1.0, 2.0, 3.0], [1.0, 0.0, 0.0]))
    assert found == [("a", [1.0, 3.0], 0.5), ("b", [2.0], 0.0)]
    assert list(groups(["a"], [1.0])) == [("a", [1.0], None)]


# -- verl's own code -------------------------------------------------------------------------------


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "train.json"
    path.write_text(json.dumps(rows(23)))
    return path


def dataset(data: Path) -> Foreign:
    """verl's dataset over the file; no tokenizer is needed without a length filter."""
    config = import_module("omegaconf").OmegaConf.create(
        {"filter_overlong_prompts": False, "max_prompt_length": 64, "cache_dir": str(data.parent)}
    )
    maker: Foreign = import_module("verl.utils.dataset.rl_dataset").RLHFDataset
    return maker(data_files=str(data), tokenizer=None, config=config)


def order(name: str, *, epochs: int = 1) -> list[list[str]]:
    items = [one["extra_info"] for one in rows(23)]
    return [list(b.ids) for b in Curriculum(items, name, 3, epochs=epochs).batches(4)]


def ids(batch: Foreign) -> list[str]:
    return [info["id"] for info in list(batch["extra_info"])]


@old
def test_verl_asks_the_sampler_and_gives_it_the_scores(data: Path) -> None:
    conf: Foreign = import_module("omegaconf").OmegaConf
    create: Foreign = import_module("verl.trainer.main_ppo").create_rl_sampler
    proto: Foreign = import_module("verl").DataProto
    collate: Foreign = import_module("verl.utils.dataset.rl_dataset").collate_fn
    loading: Foreign = import_module("torchdata.stateful_dataloader")
    whole = dataset(data)
    settings = {"schedule": "rewardmap", "seed": 3}
    config = conf.create(
        {
            "train_batch_size": 4,
            "dataloader_num_workers": 0,
            "sampler": {
                "class_path": "pkg://rm_curriculum.adapters.verl_sampler",
                "class_name": "VerlCurriculumSampler",
                **settings,
            },
        }
    )

    def loader() -> Foreign:
        made = create(config, whole)
        return loading.StatefulDataLoader(
            whole, batch_size=4, drop_last=True, sampler=made, collate_fn=collate, num_workers=0
        )

    first = loader()
    base = import_module("verl.experimental.dataset.sampler").AbstractCurriculumSampler
    assert isinstance(first.sampler, base)
    asked: list[list[str]] = []
    states: list[bytes] = []
    for batch in first:
        asked.append(ids(batch))
        made = proto.from_single_dict(batch).repeat(2, interleave=True)
        made.non_tensor_batch["uid"] = [f"{len(asked)}-{i // 2}" for i in range(8)]
        made.non_tensor_batch["acc"] = [1.0, 0.0] * 4
        made.batch["token_level_scores"] = torch.ones(8, 3) * torch.arange(8)[:, None]
        saved = io.BytesIO()
        torch.save(first.state_dict(), saved)  # verl saves before it calls update
        states.append(saved.getvalue())
        first.sampler.update(batch=made)
    planned = order("rewardmap")
    assert [got[: len(b)] for got, b in zip(asked, planned, strict=True)] == planned
    metrics = first.sampler.curriculum.metrics()
    assert metrics["updates"] == 4 * len(asked)
    assert set(metrics["accuracy"].values()) == {0.5}
    assert metrics["reward"]["judgement"] == pytest.approx(3 * 3.5)
    for k, state in enumerate(states, 1):
        second = loader()
        second.load_state_dict(torch.load(io.BytesIO(state), weights_only=False))
        assert [ids(batch) for batch in second] == asked[k:]


@pytest.fixture(scope="module")
def queue() -> Iterator[Foreign]:
    ray: Foreign = import_module("ray")
    ray.init(num_cpus=32, include_dashboard=False, log_to_driver=False)
    made: Foreign = import_module("transfer_queue")
    made.init()
    yield made
    made.close()
    ray.shutdown()


@pytest.fixture
def make_trainer(data: Path) -> Callable[..., Foreign]:
    """verl's registered trainer with verl's default configuration, as far as its data loader."""

    def make(**settings: Foreign) -> Foreign:
        import_module("rm_curriculum.adapters.verl_trainer")
        hydra: Foreign = import_module("hydra")
        place = str(Path(str(import_module("verl").__file__)).parent / "trainer/config")
        overrides = [
            f"data.train_files={data}", f"data.val_files={data}", "data.train_batch_size=4",
            "data.val_batch_size=4", "data.dataloader_num_workers=0", "trainer.total_epochs=2",
            "data.filter_overlong_prompts=False", "algorithm.adv_estimator=grpo",
            *(f"{key}={value}" for key, value in settings.items()),
        ]  # fmt: skip
        with hydra.initialize_config_dir(config_dir=place, version_base=None):
            config = hydra.compose("ppo_trainer", overrides=overrides)
        v1: Foreign = import_module("verl.trainer.ppo.v1")
        kind: Foreign = v1.get_trainer_cls("sync")
        made = kind.__new__(kind)
        made.config, made.tokenizer, made.processor = config, None, None
        made.trainer_mode, made.parameter_sync_step, made.global_steps = "sync", 1, 1
        made._init_dataloader()
        return made

    return make


CURRICULUM = {"+data.curriculum.schedule": "rewardmap", "+data.curriculum.seed": 3}


def steps(trainer: Foreign, queue: Foreign, count: int) -> list[list[str]]:
    """Fetch prompts as verl does, put made-up replies into the queue, and make the advantages."""
    asked: list[list[str]] = []
    stack: Foreign = import_module("verl.utils.tensordict_utils").list_of_dict_to_tensordict
    for _ in range(count):
        batch = trainer._next_train_batch()
        infos = list(batch["extra_info"])
        asked.append([info["id"] for info in infos])
        keys: list[str] = []
        fields: list[dict[str, Any]] = []
        for uid, info in zip(list(batch["uid"]), infos, strict=True):
            for session in (0, 1):
                score = float(int(info["id"][1:]) % 3 == session)
                keys.append(f"{uid}_{session}_0")
                fields.append(
                    {
                        "uid": uid,
                        "extra_info": info,
                        "response_mask": torch.ones(3, dtype=torch.int64),
                        "rm_scores": torch.tensor([0.0, 0.0, score]),
                        "old_log_probs": torch.zeros(3),
                        "rollout_log_probs": torch.zeros(3),
                        "extra_fields": {"reward_extra_info": {"acc": score}},
                    }
                )
        tags = [{"is_padding": False} for _ in keys]
        made = queue.kv_batch_put(keys=keys, partition_id="train", fields=stack(fields), tags=tags)
        trainer._compute_advantage(made, metrics={})
        queue.kv_clear(keys=keys, partition_id="train")
    return asked


@new
@pytest.mark.parametrize("schedule", ["rewardmap", "bandit"])
def test_the_trainer_of_verl_follows_the_curriculum_and_resumes(
    make_trainer: Callable[..., Foreign], queue: Foreign, schedule: str
) -> None:
    settings = {**CURRICULUM, "+data.curriculum.schedule": schedule}
    settings |= {"trainer.total_training_steps": 6}
    whole = make_trainer(**settings)
    asked = steps(whole, queue, 6)
    if schedule == "rewardmap":
        planned = order("rewardmap")[:6]
        assert [got[: len(b)] for got, b in zip(asked, planned, strict=True)] == planned
    first = make_trainer(**settings)
    assert steps(first, queue, 3) == asked[:3]
    saved = io.BytesIO()
    torch.save(first.train_dataloader.state_dict(), saved)
    second = make_trainer(**settings)
    saved.seek(0)
    second.train_dataloader.load_state_dict(torch.load(saved, weights_only=False))
    assert steps(second, queue, 3) == asked[3:]
    states = [t._curriculum_sampler.curriculum.state_dict() for t in (whole, second)]
    assert {**states[0], "seen": 0} == {**states[1], "seen": 0}  # verl's uids are random
    assert whole._curriculum_sampler.curriculum.metrics()["updates"] > 0


@new
def test_without_settings_the_trainer_is_the_stock_one(
    make_trainer: Callable[..., Foreign],
) -> None:
    made = make_trainer(**{"data.shuffle": False})
    assert type(made.train_dataloader.sampler).__name__ == "SequentialSampler"
    assert made._curriculum_sampler is None


@new
def test_what_verl_would_leave_out_is_told(make_trainer: Callable[..., Foreign]) -> None:
    with pytest.warns(
        UserWarning, match=r"has 6 batches, but verl stops after 5: .*total_training"
    ):
        make_trainer(**CURRICULUM, **{"trainer.total_epochs": 1})
    with pytest.raises(CurriculumError, match="found 10, but the curriculum deals 6 batches"):
        make_trainer(**CURRICULUM)
    with pytest.raises(CurriculumError, match="dataloader_num_workers: found 8, expected 0"):
        make_trainer(**CURRICULUM, **{"data.dataloader_num_workers": 8})


@new
def test_verl_calls_by_the_names_that_are_overridden() -> None:
    pinned = import_module("rm_curriculum.adapters.verl_trainer").PINNED
    base: Foreign = import_module("verl.trainer.ppo.v1.trainer_base").PPOTrainer
    assert all(callable(getattr(base, name)) for name in pinned)
