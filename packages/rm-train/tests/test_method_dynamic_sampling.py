from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeAlias, cast

import pytest
import torch
from datasets import Dataset  # pyright: ignore[reportMissingTypeStubs] - has no stubs
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from rm_rewards import PLANNING, Question, jsonl
from rm_train import ConfigError, TrainConfig, run
from rm_train.config_file import to_yaml
from rm_train.curves import read_metrics
from rm_train.methods.dynamic_sampling.joining import Batch, items_in, joined
from rm_train.methods.dynamic_sampling.reserve import Reserve, Unit
from rm_train.methods.dynamic_sampling.search import dead_units

MakeConfig: TypeAlias = Callable[..., TrainConfig]
METHOD = "dynamic-sampling"

LIVE = """
import torch
from rm_train.methods.method import Method


class AllLive(Method):
    def rollouts(self, rows, generate):
        made = generate(rows)
        made.rewards = torch.arange(len(made.rewards), dtype=torch.float32) % made.group
        return made


class AllDead(Method):
    def rollouts(self, rows, generate):
        made = generate(rows)
        made.rewards = torch.zeros_like(made.rewards)
        return made


class DeadAtFirst(Method):
    calls = 0

    def rollouts(self, rows, generate):
        made = generate(rows)
        place = torch.arange(len(made.rewards))
        first = DeadAtFirst.calls == 0
        live = (place // made.group) % 2 == (0 if first else 1)
        made.rewards = (place % made.group) * live.float()
        DeadAtFirst.calls += 1
        return made

    def after_step(self, trainer, step):
        DeadAtFirst.calls = 0
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "own.py").write_text(LIVE, encoding="utf-8")
    return tmp_path / "own.py"


def learned(config: TrainConfig) -> list[dict[str, Any]]:
    lines = read_metrics(config.out / "metrics.jsonl")
    return [{k: v for k, v in line.items() if k not in ("step_time", "method")} for line in lines]


def told(config: TrainConfig, name: str) -> list[float]:
    return [line["method"][name] for line in read_metrics(config.out / "metrics.jsonl")]


def weights(config: TrainConfig) -> bytes:
    return (config.out / "model" / "model.safetensors").read_bytes()


# -- what is dead, and what is asked instead -------------------------------------------------------


def rollouts_with(rewards: list[float], group: int) -> Any:  # noqa: ANN401 - a part of Rollouts
    return SimpleNamespace(rewards=torch.tensor(rewards), group=group)


NAN = float("nan")


@pytest.mark.parametrize(
    ("rewards", "side", "dead"),
    [
        ([1, 1, 0, 1], 1, [True, False]),
        ([0, 0, 0, 0], 1, [True, True]),
        ([1, 1, 0, 0], 1, [True, True]),
        ([1, 1, 0, 0], 2, [False]),  # two views of one question differ
        ([1, 1 + 1e-7, 0, 1e-4], 1, [True, False]),
        ([NAN, NAN, NAN, 1], 1, [True, True]),  # nothing applies; one reply alone
        ([NAN, 0, 1, NAN], 2, [False]),
    ],
)
def test_a_group_is_dead_if_all_its_rewards_are_equal(
    rewards: list[float], side: int, dead: list[bool]
) -> None:
    assert dead_units(rollouts_with(rewards, 2), side).tolist() == dead


def reserve(numbers: list[int], stages: list[str], side: int = 1) -> Reserve:
    return Reserve(Dataset.from_dict({"question": numbers, "stage": stages}), side)


def test_other_questions_of_the_stage_come_first_then_those_asked_then_all_again() -> None:
    found = reserve([0, 1, 2, 3, 9, 0, 1], ["a"] * 4 + ["b"] + ["a"] * 2)
    drawn = found.drawn("a", {(1,), (2,)}, 6, "key")
    assert set(drawn[:2]) == {(0,), (3,)}
    assert set(drawn[2:4]) == {(1,), (2,)}
    assert drawn[4:] == drawn[:2]
    assert found.drawn("b", {(9,)}, 2, "key") == [(9,), (9,)]


@settings(max_examples=20)
@given(st.integers(1, 30), st.integers(0, 40), st.text(max_size=5))
def test_what_is_drawn_is_a_function_of_the_key(stage: int, count: int, key: str) -> None:
    found = reserve(list(range(stage)), ["s"] * stage)
    drawn = found.drawn("s", set(), count, key)
    assert drawn == found.drawn("s", set(), count, key)
    assert len(drawn) == count
    assert len(set(drawn)) == min(stage, count)


def test_partners_are_drawn_together() -> None:
    found = reserve([0, 10, 1, 11, 2, 12], ["a"] * 6, side=2)
    drawn: list[Unit] = found.drawn("a", {(0, 10)}, 3, "key")
    assert set(drawn[:2]) == {(1, 11), (2, 12)}
    assert [row["question"] for row in found.rows("a", (1, 11), 2)] == [1, 1, 11, 11]


# -- batches joined --------------------------------------------------------------------------------


def batch(replies: int, prompt: int, reply: int, start: int, **more: Any) -> Batch:  # noqa: ANN401
    def numbers(width: int, first: int) -> Tensor:
        return torch.arange(replies * width).view(replies, width) + first

    return {
        "prompt_ids": numbers(prompt, start),
        "prompt_mask": torch.ones(replies, prompt, dtype=torch.long),
        "completion_ids": numbers(reply, start + 500),
        "completion_mask": torch.ones(replies, reply, dtype=torch.long),
        "mm_token_type_ids": numbers(prompt + reply, start),
        "old_per_token_logps": numbers(reply, start).float(),
        "num_items_in_batch": torch.tensor(replies * reply),
        "advantages": torch.zeros(replies),
        **more,
    }


def test_prompts_are_filled_up_on_the_left_and_replies_on_the_right() -> None:
    made = joined([batch(2, 3, 2, 0), batch(2, 2, 4, 1000)], [(0, 1), (1, 0)], pad_token=-1)
    assert made["prompt_ids"].tolist() == [[3, 4, 5], [-1, 1000, 1001]]
    assert made["prompt_mask"].tolist() == [[1, 1, 1], [0, 1, 1]]
    assert made["completion_ids"].tolist() == [[502, 503, -1, -1], [1500, 1501, 1502, 1503]]
    assert made["completion_mask"].tolist() == [[1, 1, 0, 0], [1, 1, 1, 1]]
    assert made["old_per_token_logps"].tolist() == [[2, 3, 0, 0], [1000, 1001, 1002, 1003]]
    types = made["mm_token_type_ids"].tolist()
    assert types == [[5, 6, 7, 8, 9, 0, 0], [0, 1000, 1001, 1002, 1003, 1004, 1005]]
    assert "num_items_in_batch" not in made
    assert items_in(made) == 6
    assert items_in({**made, "tool_mask": torch.zeros(2, 4)}) == 0


def test_a_batch_that_is_not_used_widens_nothing() -> None:
    made = joined([batch(2, 3, 2, 0), batch(2, 9, 9, 1000)], [(0, 1), (0, 0)], pad_token=-1)
    assert made["prompt_ids"].shape == (2, 3)
    assert made["mm_token_type_ids"].shape == (2, 5)


def qwen(grids: list[tuple[int, int, int]], start: int) -> dict[str, Any]:
    patches = sum(t * h * w for t, h, w in grids)
    return {
        "pixel_values": torch.arange(patches).view(-1, 1).float() + start,
        "image_grid_thw": torch.tensor(grids),
        "num_images": [1] * len(grids),
    }


def smolvlm(tiles: int, start: int) -> dict[str, Any]:
    return {
        "pixel_values": torch.full((2, tiles, 3, 4, 4), float(start)),
        "pixel_attention_mask": torch.ones(2, tiles, 4, 4),
        "num_images": [1, 1],
    }


def internvl(tiles: list[int], start: int) -> dict[str, Any]:
    made = {"pixel_values": torch.arange(sum(tiles)).view(-1, 1, 1, 1).float() + start}
    counts = {} if tiles == [1, 1] else {"num_tiles": tiles}  # TRL counts only where some differ
    return {**made, "num_images": [1, 1], **counts}


def llava(patches: int, start: int) -> dict[str, Any]:
    made = torch.full((2, patches, 3, 2, 2), float(start))
    sizes = torch.tensor([[start, 1], [start, 2]])
    return {"pixel_values": made, "image_sizes": sizes, "num_images": [1, 1]}


def test_pictures_of_qwen_go_with_their_patches() -> None:
    one = batch(2, 2, 2, 0, **qwen([(1, 1, 2), (1, 2, 2)], 0))
    two = batch(2, 2, 2, 9, **qwen([(1, 1, 1), (1, 1, 3)], 100))
    made = joined([one, two], [(1, 1), (0, 0), (0, 1)], pad_token=0)
    assert made["pixel_values"].view(-1).tolist() == [101, 102, 103, 0, 1, 2, 3, 4, 5]
    assert made["image_grid_thw"].tolist() == [[1, 1, 3], [1, 1, 2], [1, 2, 2]]
    assert made["num_images"] == [1, 1, 1]


def test_tiles_of_internvl_are_counted_even_if_one_batch_has_single_ones() -> None:
    one = batch(2, 2, 2, 0, **internvl([1, 1], 0))
    two = batch(2, 2, 2, 9, **internvl([1, 3], 100))
    made = joined([one, two], [(1, 1), (0, 1)], pad_token=0)
    assert made["pixel_values"].view(-1).tolist() == [101, 102, 103, 1]
    assert made["num_tiles"] == [3, 1]


@pytest.mark.parametrize("family", [smolvlm, llava])
def test_fewer_tiles_are_filled_up_with_empty_ones(family: Callable[[int, int], Any]) -> None:
    one, two = batch(2, 2, 2, 0, **family(2, 1)), batch(2, 2, 2, 9, **family(3, 7))
    made = joined([one, two], [(0, 0), (1, 1)], pad_token=0)
    assert made["pixel_values"].shape[:2] == (2, 3)
    assert made["pixel_values"][:, :, 0, 0, 0].tolist() == [[1, 1, 0], [7, 7, 7]]
    if "pixel_attention_mask" in made:
        assert made["pixel_attention_mask"][:, :, 0, 0].tolist() == [[1, 1, 0], [1, 1, 1]]
    if "image_sizes" in made:
        assert made["image_sizes"].tolist() == [[1, 1], [7, 2]]


def test_what_nobody_knows_how_to_join_is_refused() -> None:
    with pytest.raises(ConfigError, match="cannot join batches that hold 'audio_values'"):
        joined([batch(2, 2, 2, 0, audio_values=torch.ones(2))], [(0, 0)], pad_token=0)


# -- runs ------------------------------------------------------------------------------------------


def test_without_rounds_or_without_dead_groups_nothing_changes_at_all(
    make_config: MakeConfig, own: Path, tmp_path: Path
) -> None:
    def of(method: str) -> TrainConfig:
        out = str(tmp_path / f"{len(list(tmp_path.iterdir()))}")
        config = make_config(method=method, max_steps=2, save_steps=0, out=out)
        run(config)
        return config

    plain, never = of("grpo"), of(f"{METHOD}:rounds=0")
    assert learned(plain) == learned(never)
    assert weights(plain) == weights(never)
    live, alive = of(f"{own}:AllLive"), of(f"{METHOD}+{own}:AllLive")
    assert learned(live) == learned(alive)
    assert weights(live) == weights(alive)
    assert told(alive, "resampled") == told(alive, "extra_prompts") == [0, 0]
    assert told(alive, "dead_before") == [0, 0]


def test_dead_groups_are_replaced_and_what_stays_dead_is_kept(
    make_config: MakeConfig, own: Path, tmp_path: Path
) -> None:
    small: dict[str, object] = {"max_steps": 2, "save_steps": 0, "prompts_per_step": 4}
    config = make_config(method=f"{METHOD}+{own}:DeadAtFirst", advantage="none", **small)
    run(config)
    # groups 1 and 3 are dead at first; of two others the second is live, of one other none is
    assert told(config, "dead_before") == [0.5, 0.5]
    assert told(config, "resampled") == [1, 1]
    assert told(config, "extra_prompts") == [4, 4]
    out = str(tmp_path / "dead")
    dead = make_config(method=f"{METHOD}:rounds=2+{own}:AllDead", out=out, **small)
    run(dead)
    assert told(dead, "resampled") == [0, 0]
    assert told(dead, "extra_prompts") == [8, 8]
    assert [line["grad_norm"] for line in learned(dead)] == [0, 0]
    assert [line["dead_groups"] for line in learned(dead)] != [0, 0]


def test_a_resumed_run_asks_the_same_further_questions(
    make_config: MakeConfig, tmp_path: Path
) -> None:
    config = make_config(method=METHOD, max_steps=4, save_steps=2, save_total_limit=2, lr=1e-2)
    run(config)
    assert sum(told(config, "resampled")) > 0
    first = config.out / "checkpoints" / "checkpoint-2"
    whole = (learned(config), told(config, "extra_prompts"), weights(config))
    (config.out / "model").rename(tmp_path / "model")
    run(replace(config, resume=str(first)))
    assert (learned(config), told(config, "extra_prompts"), weights(config)) == whole


def test_a_schedule_that_reacts_goes_on_beside_further_questions(
    make_config: MakeConfig, own: Path
) -> None:
    method = f"{METHOD}:rounds=1+{own}:AllDead"
    config = make_config(method=method, schedule="vas", max_steps=2, save_steps=0)
    run(config)
    assert told(config, "extra_prompts") == [2, 2]


def test_two_processes_agree_on_the_rounds_beside_three_other_methods(
    make_config: MakeConfig, questions: Path, tmp_path: Path
) -> None:
    plans = [q for q in jsonl.read(Question, questions) if q.type == PLANNING]
    jsonl.write(plans, questions.parent / "rounds.jsonl")
    config = make_config(
        model="embedded",
        questions=str(questions.parent / "rounds.jsonl"),
        method="svqa-r1+dynamic-sampling:rounds=2+vad-r1+grounded-prm",
        prompts_per_step=4,
        max_completion_length=48,
        max_steps=2,
        save_steps=0,
    )
    file = tmp_path / "run.yaml"
    file.write_text(to_yaml(config), encoding="utf-8")
    words = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    words += ["-m", "rm_train.cli", "run", "--config", str(file)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = [line["method"] for line in read_metrics(config.out / "metrics.jsonl")]
    assert len(lines) == 2
    for line in lines:
        assert line["paired"] == 1
        assert line["legs_judged"] > 0
        assert 0 <= line["resampled"] <= 2 * line["dead_before"]
        assert line["extra_prompts"] % 4 == 0  # a pair on each process
        assert line["extra_prompts"] > 0 or line["dead_before"] == 0


@pytest.mark.parametrize("rounds", ["-1", "1.5", "many"])
def test_rounds_that_are_no_number_are_refused(make_config: MakeConfig, rounds: str) -> None:
    with pytest.raises(ConfigError, match=f"rounds.*{rounds}.*, expected a whole number"):
        run(make_config(method=f"{METHOD}:rounds={rounds}"))


def test_groups_that_lie_across_processes_are_refused() -> None:
    from rm_train.methods.dynamic_sampling import DynamicSampling  # noqa: PLC0415

    args = SimpleNamespace(per_device_train_batch_size=4, steps_per_generation=1)
    paired = SimpleNamespace(partners=lambda: {"a": "b"})
    trainer = SimpleNamespace(args=args, num_generations=4, methods=(paired,))
    with pytest.raises(ConfigError, match="all 8 replies to a pair of questions on one process"):
        DynamicSampling().begin(cast("Any", trainer))
