"""Runs that are killed and go on are, to the last bit, those that were never stopped.

A run is a process forked off this one, which has loaded the libraries, or several that train
together. `remembering.py` kills them.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Protocol, cast

import pytest
import torch
from accelerate.state import (  # pyright: ignore[reportMissingTypeStubs] - has no stubs
    AcceleratorState,
    GradientState,
    PartialState,
)
from accelerate.utils import DistributedType  # pyright: ignore[reportMissingTypeStubs]

import rm_train
from rm_eval import load_policy
from rm_train import ConfigError, TrainConfig
from rm_train.checkpoints import complete_ones
from rm_train.kept_rollouts import keep_rollouts, kept_rollouts, rollouts_file
from rm_train.trainer import MapTrainer

REMEMBERING = f"{Path(__file__).with_name('remembering.py')}:Remembering"
KILL_AT = "KILL_AT"  # read by remembering.py
KILLED = -signal.SIGKILL


class MakeConfig(Protocol):
    def __call__(self, **overrides: object) -> TrainConfig: ...


# -- runs in processes of their own ----------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def as_process(work: Callable[[], object], said: Path, settings: Mapping[str, str]) -> None:
    gc.freeze()  # else each would look through all that the libraries hold
    for state in (PartialState, AcceleratorState, GradientState):
        cast("Any", state)._reset_state()
    os.environ |= {"TOKENIZERS_PARALLELISM": "false", **settings}
    torch.set_num_threads(1)
    with said.open("w", encoding="utf-8", buffering=1) as stream:
        os.dup2(stream.fileno(), 1)
        os.dup2(stream.fileno(), 2)
        sys.stdout = sys.stderr = stream
        try:
            work()
        except BaseException:
            traceback.print_exc(file=stream)
            os._exit(1)
        os._exit(0)


def together(
    work: Callable[[], object], folder: Path, world: int, more: Mapping[str, str]
) -> list[int | None]:
    """Exit codes of processes that do the same together; what they said is in `folder`."""
    port = free_port()
    processes: list[Any] = []
    for rank in range(world):
        place = {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(world)}
        place |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
        settings = {**(place if world > 1 else {}), **more}
        arguments = (work, folder / f"said-{rank}.txt", settings)
        processes.append(get_context("fork").Process(target=as_process, args=arguments))
    for process in processes:
        process.start()
    for process in processes:
        process.join(240)
    return [process.exitcode for process in processes]


def train(config: TrainConfig, world: int = 1, kill: str = "") -> list[int | None]:
    """Train in `world` processes, to the end or to that moment of `remembering.py`."""
    folder = config.out.parent
    codes = together(lambda: rm_train.run(config), folder, world, {KILL_AT: kill})
    said = [(folder / f"said-{rank}.txt").read_text(encoding="utf-8") for rank in range(world)]
    assert set(codes) <= ({KILLED, 1} if kill else {0}), "\n".join(said)
    assert KILLED in codes or not kill, "\n".join(said)
    return codes


# -- what a run leaves -----------------------------------------------------------------------------


def learned(out: Path) -> list[dict[str, Any]]:
    lines = (out / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    return [{k: v for k, v in json.loads(line).items() if k != "step_time"} for line in lines]


def flat(line: Mapping[str, Any]) -> dict[str, float]:
    """The numbers of a line of metrics, also those inside its tables."""
    found: dict[str, float] = {}
    for name, value in line.items():
        inner = cast("Mapping[str, Any]", value if isinstance(value, dict) else {"": value})
        found |= {f"{name}/{k}": v for k, v in inner.items() if isinstance(v, int | float)}
    return found


def weights(out: Path) -> dict[str, torch.Tensor]:
    return load_policy(out / "model").model.state_dict()


def same(one: TrainConfig, other: TrainConfig) -> None:
    assert learned(one.out) == learned(other.out)
    samples = [(config.out / "samples.jsonl").read_bytes() for config in (one, other)]
    assert samples[0] == samples[1]
    ours, theirs = weights(one.out), weights(other.out)
    assert all(torch.equal(value, theirs[name]) for name, value in ours.items())


# Each pair of values of (parameters, processes, schedule, updates, KL, state) is in one of these.
RUNS: list[tuple[int, dict[str, object], list[str], list[int]]] = [
    (
        1,
        {"minibatches": 2, "num_iterations": 2, "beta": 0.05, "method": REMEMBERING},
        ["step:3", "save:6", "rollouts:8"],
        [2, 5, 8],
    ),
    (
        1,
        {
            "schedule": "gated:threshold=0.3,window=4,min_steps=1",
            "num_iterations": 2,
            "beta": 0.05,
            "method": REMEMBERING,
            "lora.r": 4,
            "sft.steps": 2,
            "sft.batch": 4,
        },
        ["save:1", "step:4", "rollouts:4"],
        [0, 3, 4],
    ),
    (
        2,
        {"schedule": "vas", "minibatches": 2, "method": REMEMBERING},
        ["step:4", "save:5"],
        [3, 4],
    ),
    (2, {"beta": 0.05, "method": REMEMBERING, "lora.r": 4}, ["save:3"], [2]),
]


@pytest.mark.parametrize(("world", "settings", "kills", "kept"), RUNS)
def test_a_run_killed_again_and_again_is_the_one_that_was_never_stopped(
    make_config: MakeConfig,
    tmp_path: Path,
    world: int,
    settings: dict[str, object],
    kills: list[str],
    kept: list[int],
) -> None:
    given = {"max_steps": 4, "save_steps": 1, "save_total_limit": 20, **settings}
    whole = make_config(**given, out=str(tmp_path / "whole" / "run"))
    killed = make_config(**given, out=str(tmp_path / "killed" / "run"))
    for config in (whole, killed):
        config.out.parent.mkdir()
    train(whole, world)
    for kill, newest in zip(kills, kept, strict=True):
        train(replace(killed, resume="auto"), world, kill)
        steps = [int(one.name.split("-")[1]) for one in complete_ones(killed.out / "checkpoints")]
        assert steps == list(range(1, newest + 1))
    train(replace(killed, resume="auto"), world)
    same(killed, whole)
    assert len({line["reward"] for line in learned(whole.out)}) > 1


def test_replies_under_way_come_back_as_they_were(tmp_path: Path) -> None:
    whole = torch.rand(6, 3)
    batches: list[dict[str, Any]] = [
        {"completion_ids": part, "num_images": [1, 1, 0], "mask": None}
        for part in (whole[:3], whole[3:])
    ]
    file = rollouts_file(tmp_path, 1, 2)
    keep_rollouts(batches, file)
    found = kept_rollouts(file, torch.device("cpu"))
    for before, after in zip(batches, found, strict=True):
        assert torch.equal(before.pop("completion_ids"), after.pop("completion_ids"))
        assert before == after
    with pytest.raises(ConfigError, match=r"expected them in rollouts_0_of_1.pt, found those of 1"):
        kept_rollouts(rollouts_file(tmp_path, 0, 1), torch.device("cpu"))
    file.unlink()
    with pytest.raises(ConfigError, match=r"found none; resume with as many processes as before"):
        kept_rollouts(file, torch.device("cpu"))


# -- one process or two ----------------------------------------------------------------------------

REPLIES = (r"\boxed{yes}", r"\boxed{no}", r"\boxed{2}", r"\boxed{3}", r"\boxed{A}", "no answer")


def with_fixed_replies(config: TrainConfig) -> None:
    """Train on replies that question, place in the group and step decide, on any process."""

    def replies(
        trainer: Any,  # noqa: ANN401
        prompts: list[list[int]],
        *_: object,
        **__: object,
    ) -> tuple[list[list[int]], None]:
        tokenizer = trainer.processing_class.tokenizer
        ends = tokenizer.eos_token_id
        first = trainer.accelerator.process_index * len(prompts)
        chosen: list[list[int]] = []
        for place, prompt in enumerate(prompts, first):
            key = f"{prompt}{place % trainer.num_generations}{trainer.state.global_step}"
            number = int.from_bytes(sha256(key.encode()).digest()[:4], "big")
            chosen.append([*tokenizer(REPLIES[number % len(REPLIES)])["input_ids"], ends])
        return chosen, None

    cast("Any", MapTrainer)._generate_single_turn = replies
    rm_train.run(config)


@pytest.mark.parametrize(
    ("settings", "work"),
    [
        ({"prompts_per_step": 4, "beta": 0.05}, with_fixed_replies),
        (
            {"prompts_per_step": 1, "schedule": "gated:threshold=0.3,window=2,min_steps=1"},
            with_fixed_replies,
        ),
        ({"prompts_per_step": 4, "independent_sampling": True}, rm_train.run),
        ({"prompts_per_step": 1, "independent_sampling": True, "lora.r": 4}, rm_train.run),
    ],
)
def test_two_processes_do_what_one_does(
    make_config: MakeConfig,
    tmp_path: Path,
    settings: dict[str, object],
    work: Callable[[TrainConfig], object],
) -> None:
    given = {"max_steps": 3, "save_steps": 0, "lr": 1e-4, "max_completion_length": 16, **settings}
    outs: list[Path] = []
    for world in (1, 2):
        config = make_config(**given, out=str(tmp_path / str(world) / "run"))
        config.out.parent.mkdir()
        codes = together(lambda c=config: work(c), config.out.parent, world, {})
        assert codes == [0] * world, (config.out.parent / "said-0.txt").read_text(encoding="utf-8")
        outs.append(config.out)
    for mine, theirs in zip(*map(learned, outs), strict=True):
        assert flat(mine) == pytest.approx(flat(theirs), rel=1e-5, abs=1e-6)
    samples = [(out / "samples.jsonl").read_bytes() for out in outs]
    assert samples[0] == samples[1]
    assert len({json.loads(line)["text"] for line in samples[0].splitlines()}) > 2
    start = load_policy(make_config().model).model.state_dict()
    one, two = map(weights, outs)
    for name, value in one.items():
        torch.testing.assert_close(value, two[name], rtol=0.0, atol=2e-6)
    moved = [float((value - start[name]).abs().max()) for name, value in one.items()]
    assert max(moved) > 2e-4 or "lora.r" in settings


def test_saving_memory_changes_nothing_and_bfloat16_little(
    make_config: MakeConfig, tmp_path: Path
) -> None:
    given = {"max_steps": 2, "save_steps": 0, "max_completion_length": 16, "beta": 0.05}
    ways: list[dict[str, object]] = [
        {},
        {"gradient_checkpointing": True},
        {"gradient_checkpointing": True, "dtype": "bfloat16"},
    ]
    found: list[list[dict[str, Any]]] = []
    for number, way in enumerate(ways):
        config = make_config(**given, **way, out=str(tmp_path / str(number) / "run"))
        config.out.parent.mkdir()
        codes = together(lambda c=config: with_fixed_replies(c), config.out.parent, 1, {})
        assert codes == [0], (config.out.parent / "said-0.txt").read_text(encoding="utf-8")
        found.append(learned(config.out))
    plain, saving, rough = found
    assert [flat(line) for line in saving] == [
        pytest.approx(flat(line), rel=1e-5, abs=1e-6) for line in plain
    ]
    for line, exact in zip(rough, plain, strict=True):
        assert line["reward"] == exact["reward"]
        assert line["loss"] == pytest.approx(exact["loss"], rel=0.05, abs=2e-3)
        assert line["grad_norm"] == pytest.approx(exact["grad_norm"], rel=0.1)
        assert line["grad_norm"] != exact["grad_norm"]


# -- weights divided among processes ---------------------------------------------------------------


def divided(config: TrainConfig, kind: str) -> None:
    """Train with FSDP2. accelerate takes it on GPUs alone, so CPUs are called another device."""
    os.environ |= {"ACCELERATE_USE_FSDP": "true", "FSDP_VERSION": "2"}
    os.environ |= {"FSDP_AUTO_WRAP_POLICY": "TRANSFORMER_BASED_WRAP", "FSDP_STATE_DICT_TYPE": kind}
    os.environ |= {"FSDP_RESHARD_AFTER_FORWARD": "true"}
    inner = cast("Any", PartialState)
    begin = inner.__init__

    def on_cpus(state: Any, *given: Any, **more: Any) -> None:  # noqa: ANN401
        begin(state, *given, **more)
        if state.distributed_type == DistributedType.MULTI_CPU:
            inner._shared_state["distributed_type"] = DistributedType.MULTI_XPU

    inner.__init__ = on_cpus
    rm_train.run(config)


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("SHARDED_STATE_DICT", {"beta": 0.05, "num_iterations": 2, "save_steps": 3}),
        (
            "FULL_STATE_DICT",
            {"lora.r": 4, "sft.steps": 2, "sft.batch": 4, "schedule": "vas", "save_steps": 1},
        ),
    ],
)
def test_divided_weights_learn_the_same_resume_exactly_and_load_as_a_whole(
    make_config: MakeConfig, tmp_path: Path, kind: str, settings: dict[str, object]
) -> None:
    given = {"max_steps": 2, "method": REMEMBERING, "lr": 1e-4, **settings}
    plain, whole, killed = (
        make_config(**given, out=str(tmp_path / name / "run"))
        for name in ("plain", "whole", "killed")
    )
    for config in (plain, whole, killed):
        config.out.parent.mkdir()
    train(plain, 2)
    last = "step:4" if "num_iterations" in settings else "step:2"
    for config, kill in ((whole, ""), (killed, last), (replace(killed, resume="auto"), "")):
        codes = together(lambda c=config: divided(c, kind), config.out.parent, 2, {KILL_AT: kill})
        said = (config.out.parent / "said-0.txt").read_text(encoding="utf-8")
        assert codes == ([KILLED] * 2 if kill else [0] * 2), said
    same(killed, whole)
    start = load_policy(plain.model).model.state_dict()
    one, two = weights(plain.out), weights(whole.out)
    assert set(one) == set(two) == set(start)
    for name, value in one.items():
        torch.testing.assert_close(value, two[name], rtol=0.0, atol=2e-6)
    assert max(float((value - start[name]).abs().max()) for name, value in two.items()) > 1e-4
