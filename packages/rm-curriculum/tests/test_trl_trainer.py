# TRL and its libraries are typed in part.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportMissingTypeStubs=false
"""The real GRPOTrainer of TRL on a model of one small layer, in processes of its own."""

from __future__ import annotations

import gc
import inspect
import json
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import torch
import trl
from datasets import Dataset
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM, TrainerCallback
from trl import GRPOConfig, GRPOTrainer  # pyright: ignore[reportPrivateImportUsage]

from rm_curriculum import Curriculum, CurriculumError, find_schedule
from rm_curriculum.adapters.checkpoint_state import STATE_FILE
from rm_curriculum.adapters.trl_trainer import PINNED, CurriculumGRPOTrainer
from rm_rewards import QUESTION_TYPES

ROWS = [{"id": f"q{i}", "type": QUESTION_TYPES[i % 6]} for i in range(26)]
STEPS = 8
Told = dict[str, Any]
Foreign: TypeAlias = Any
Train = Callable[..., list[Told]]


def tiny_model(place: Path) -> Path:
    letters = {chr(97 + i): i for i in range(16)} | {"<eos>": 16}
    inside = Tokenizer(models.BPE(vocab=letters, merges=[]))
    inside.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inside.decoder = decoders.ByteLevel()
    PreTrainedTokenizerFast(
        tokenizer_object=inside, eos_token="<eos>", pad_token="<eos>"
    ).save_pretrained(place)
    torch.manual_seed(0)
    config = Qwen2Config(
        vocab_size=17,
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        eos_token_id=16,
        pad_token_id=16,
        bos_token_id=None,
    )
    Qwen2ForCausalLM(config).save_pretrained(place)
    return place


class Kill(TrainerCallback):
    """Ends the process as `kill -9` does, after the checkpoint of that step."""

    def __init__(self, step: int) -> None:
        self._step = step

    def on_save(self, args: Foreign, state: Foreign, control: Foreign, **_: object) -> None:
        del args, control
        if state.global_step == self._step:
            os.kill(os.getpid(), 9)


def trainer(
    model: Path,
    out: Path,
    asked: list[list[str]],
    *,
    schedule: Mapping[str, Any] = {"name": "rewardmap"},
    epochs: int = 3,
    id_column: str = "id",
    feedback: bool | None = None,
    silent: Sequence[str] = (),
    **more: Foreign,
) -> CurriculumGRPOTrainer:
    """Two prompts a process and batch, two replies each, unless told otherwise."""

    def letters(completions: list[str], **rest: Foreign) -> list[float | None]:
        asked.append(list(rest["id"]))
        shares = [sum(letter < "h" for letter in text) / 4 for text in completions]
        return [None if one in silent else s for one, s in zip(rest["id"], shares, strict=True)]

    config: dict[str, Any] = {
        "output_dir": str(out),
        "per_device_train_batch_size": 4,
        "num_generations": 2,
        "max_completion_length": 4,
        "max_steps": STEPS,
        "save_steps": 3,
        "learning_rate": 0.05,
        "logging_steps": 1,
        "report_to": "none",
        "use_cpu": True,
        "bf16": False,
        "disable_tqdm": True,
        "gradient_checkpointing": False,
        "seed": 1,
    }
    chosen = dict(schedule)
    found = find_schedule(chosen.pop("name"), **chosen)
    return CurriculumGRPOTrainer(
        curriculum=Curriculum(ROWS, found, 3, epochs=epochs, feedback=feedback),
        accuracy="letters",
        id_column=id_column,
        model=str(model),
        reward_funcs=[letters],
        args=GRPOConfig(**config | more),
        train_dataset=Dataset.from_list([{"prompt": "abc", "id": row["id"]} for row in ROWS]),
    )


def told(made: CurriculumGRPOTrainer, asked: list[list[str]]) -> Told:
    """What a run did: prompts, logged figures, weights, and where the curriculum stands."""
    keys = ("reward", "reward_std", "epoch", "grad_norm", "curriculum/position")
    log = [line for line in made.state.log_history if "reward" in line]
    return {
        "asked": asked,
        "log": [{key: line[key] for key in keys} for line in log],
        "weights": [float(p.detach().double().sum()) for p in made.model.parameters()],
        "curriculum": made.curriculum.state_dict(),
    }


def restored(storage: Foreign, location: str) -> Foreign:
    """With several CPU processes transformers loads to `cpu:0`, which torch does not know."""
    return storage if location == "cpu:0" else None


def work(folder: Path, rank: int, world: int, port: int, more: dict[str, Any]) -> None:
    """One process of a training run."""
    gc.freeze()  # else each would look through all that the libraries hold
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    if world > 1:
        os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(world)}
        os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
        os.environ["ACCELERATE_USE_CPU"] = "true"
        more["ddp_backend"] = "gloo"
    torch.set_num_threads(1)
    torch.serialization.register_package(5, lambda _: None, restored)
    kill, resume, back = (more.pop(name, None) for name in ("kill", "resume", "back"))
    asked: list[list[str]] = []
    answer = folder / f"told-{rank}.json"
    try:
        made = trainer(folder / "model", folder / more.pop("out"), asked, **more)
        if kill is not None:
            made.add_callback(Kill(kill))
        made.train(resume_from_checkpoint=resume)
        if back is not None:
            made.train(resume_from_checkpoint=back)
        answer.write_text(json.dumps(told(made, asked)), encoding="utf-8")
    except CurriculumError as error:
        answer.write_text(json.dumps({"error": str(error)}), encoding="utf-8")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("trl") / "model").parent


@pytest.fixture
def train(model: Path, tmp_path: Path) -> Train:
    """Trains in `world` processes that have loaded the libraries already; gives what each did."""

    def run(out: str, *, world: int = 1, **more: Foreign) -> list[Told]:
        port = free_port()
        if not (tmp_path / "model").exists():
            (tmp_path / "model").symlink_to(model / "model")
        answers = [tmp_path / f"told-{rank}.json" for rank in range(world)]
        for answer in answers:
            answer.unlink(missing_ok=True)
        processes = [
            get_context("fork").Process(
                target=work, args=(tmp_path, rank, world, port, {"out": out, **more})
            )
            for rank in range(world)
        ]
        for process in processes:
            process.start()
        for process in processes:
            process.join(120)
        killed = "kill" in more
        said = [a.read_text("utf-8") for a in answers if a.exists()]
        assert {process.exitcode for process in processes} == ({-9} if killed else {0}), said
        return [] if killed else [json.loads(answer.read_text("utf-8")) for answer in answers]

    return run


def dealt(schedule: str, size: int, epochs: int = 3) -> list[list[str]]:
    """What the curriculum deals, for a schedule that does not react to rewards."""
    return [list(b.ids) for b in Curriculum(ROWS, schedule, 3, epochs=epochs).batches(size)]


def test_each_prompt_comes_in_a_row_and_in_the_order_of_the_curriculum(train: Train) -> None:
    (run,) = train("a")
    for rows, batch in zip(run["asked"], dealt("rewardmap", 2), strict=False):
        assert rows[::2] == rows[1::2]
        assert rows[::2][: len(batch)] == batch
    assert len(run["asked"]) == STEPS


def test_the_gathered_rewards_come_back_to_the_curriculum(train: Train, tmp_path: Path) -> None:
    (run,) = train("a", epochs=1)
    again = Curriculum(ROWS, "rewardmap", 3)
    again.load_state_dict(run["curriculum"])
    metrics = again.metrics()
    assert metrics["updates"] == 2 * STEPS
    assert metrics["in_flight"] == 0
    mean = sum(line["reward"] for line in run["log"]) / STEPS
    by_stage = [(metrics["reward"][name], metrics["accuracy"][name]) for name in metrics["reward"]]
    assert all(reward == pytest.approx(share) for reward, share in by_stage)
    assert min(r for r, _ in by_stage) <= mean <= max(r for r, _ in by_stage)
    assert [line["curriculum/position"] for line in run["log"]][-1] == 2 * STEPS
    assert (tmp_path / "a/checkpoint-3" / STATE_FILE).is_file()


@pytest.mark.parametrize("name", ["rewardmap", "gated", "bandit", "plr", "vas"])
def test_a_run_killed_and_resumed_does_what_it_would_have_done(
    train: Train, tmp_path: Path, name: str
) -> None:
    schedule = {"name": name}
    (whole,) = train("a", schedule=schedule)
    train("b", schedule=schedule, kill=3)
    (rest,) = train("b", schedule=schedule, resume=str(tmp_path / "b/checkpoint-3"))
    assert rest["asked"] == whole["asked"][3:]
    assert {**rest, "asked": 0} == {**whole, "asked": 0}


def test_any_checkpoint_continues_exactly(train: Train, tmp_path: Path) -> None:
    (whole,) = train("a", save_steps=1)
    for step in range(1, STEPS):
        (rest,) = train("b", resume=str(tmp_path / f"a/checkpoint-{step}"))
        assert rest["asked"] == whole["asked"][step:]
        assert {**rest, "asked": 0} == {**whole, "asked": 0}


@pytest.mark.parametrize("schedule", ["rewardmap", "bandit"])
def test_two_processes_share_the_batches_and_resume_exactly(
    train: Train, tmp_path: Path, schedule: str
) -> None:
    settings: dict[str, Any] = {"schedule": {"name": schedule}, "world": 2}
    whole = train("a", **settings)
    train("b", kill=3, **settings)
    rest = train("b", resume=str(tmp_path / "b/checkpoint-3"), **settings)
    assert whole[0]["curriculum"] == whole[1]["curriculum"]
    for before, after in zip(whole, rest, strict=True):
        assert after["asked"] == before["asked"][3:]
        assert {**after, "asked": 0} == {**before, "asked": 0}
    if schedule == "rewardmap":
        joined = [
            one[::2] + two[::2] for one, two in zip(*(r["asked"] for r in whole), strict=True)
        ]
        for rows, batch in zip(joined, dealt("rewardmap", 4), strict=False):
            assert rows[: len(batch)] == batch
            assert len(rows) == 4


@pytest.mark.parametrize(
    ("settings", "save"),
    [
        ({"gradient_accumulation_steps": 2}, 2),
        ({"num_iterations": 2}, 2),
        ({"steps_per_generation": 4, "gradient_accumulation_steps": 2}, 4),
        ({"dataloader_num_workers": 2}, 3),
    ],
)
def test_other_layouts_resume_exactly_between_generations(
    train: Train, tmp_path: Path, settings: dict[str, Any], save: int
) -> None:
    (whole,) = train("a", save_steps=save, **settings)
    (rest,) = train("b", resume=str(tmp_path / f"a/checkpoint-{save}"), **settings)
    assert rest["asked"] == whole["asked"][len(whole["asked"]) - len(rest["asked"]) :]
    assert {**rest, "asked": 0} == {**whole, "asked": 0}


def test_a_batch_cut_by_a_checkpoint_is_generated_anew_and_counted_once(
    train: Train, tmp_path: Path
) -> None:
    (whole,) = train("a", num_iterations=2)
    (rest,) = train("b", num_iterations=2, resume=str(tmp_path / "a/checkpoint-3"))
    assert rest["asked"] == whole["asked"][1:]
    assert rest["curriculum"]["drawn"] == whole["curriculum"]["drawn"]


def test_without_max_steps_the_curriculum_is_gone_through_once(train: Train) -> None:
    (run,) = train("a", max_steps=-1, epochs=1, save_strategy="no")
    firsts = [one for rows in run["asked"] for one in rows[::2]]
    assert len(run["asked"]) == len(dealt("rewardmap", 2, epochs=1))
    assert set(firsts) == {row["id"] for row in ROWS}


def test_a_group_that_no_function_scores_is_settled(train: Train, tmp_path: Path) -> None:
    silent = [row["id"] for row in ROWS[:8]]
    (whole,) = train("a", silent=silent)
    (rest,) = train("b", silent=silent, resume=str(tmp_path / "a/checkpoint-3"))
    assert rest["asked"] == whole["asked"][3:]
    assert rest["curriculum"] == whole["curriculum"]


def test_a_curriculum_without_feedback_loses_no_batch_either(train: Train, tmp_path: Path) -> None:
    (whole,) = train("a", feedback=False)
    (rest,) = train("b", feedback=False, resume=str(tmp_path / "a/checkpoint-3"))
    assert rest["asked"] == whole["asked"][3:]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"id_column": "name"}, "the dataset has no column 'name', expected the ids of its"),
        ({"max_steps": 500}, "steps: found 500, but the curriculum deals 39 batches of 2"),
        ({"schedule": {"name": "ptst"}}, "schedule 'ptst' changes the number of replies"),
    ],
)
def test_what_cannot_work_is_told_in_words(
    train: Train, settings: dict[str, Any], said: str
) -> None:
    assert said in train("a", **settings)[0]["error"]


def test_a_trainer_goes_back_to_a_checkpoint_of_its_own(train: Train, tmp_path: Path) -> None:
    (whole,) = train("a")
    (twice,) = train("b", back=str(tmp_path / "b/checkpoint-3"))
    assert twice["asked"] == [*whole["asked"], *whole["asked"][3:]]
    assert {**twice, "asked": 0} == {**whole, "asked": 0}


def test_a_checkpoint_without_its_state_is_refused(train: Train, tmp_path: Path) -> None:
    train("a", max_steps=2, save_steps=2)
    file = tmp_path / "a/checkpoint-2" / STATE_FILE
    for text, said in ((None, "the file is missing"), ("{", "expected JSON"), ("[]", "an object")):
        file.unlink() if text is None else file.write_text(text)
        (run,) = train("b", resume=str(file.parent))
        assert str(file) in run["error"]
        assert said in run["error"]
    file.write_text("{}")
    assert "schema: found None" in train("b", resume=str(file.parent))[0]["error"]


def test_trl_calls_by_the_names_that_are_overridden() -> None:
    assert trl.__version__.startswith("1.16.")
    for name in PINNED:
        assert callable(getattr(GRPOTrainer, name))
    source = inspect.getsource(GRPOTrainer.get_train_dataloader)
    assert "sampler_fn=self._get_train_sampler" in source
    assert "steps_per_generation" in source
