"""What our trainer costs beside TRL's own: a step, the start, the help.

Both sides have the same model, data, rewards and settings, with the advantages of TRL (divided by
the group's deviation, no weight), so that both train on the same replies and do the same work. They
run in turns, and the median of the ratios of pairs counts. The time of the process on its core says
more on a busy machine than the clock does; both are told.
"""

# datasets and transformers are not fully typed:
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any, TypeAlias, cast

import pytest
from datasets import Dataset, Image  # pyright: ignore[reportMissingTypeStubs] - has no stubs
from transformers import TrainerCallback
from transformers.trainer import DEFAULT_CALLBACKS
from transformers.trainer_callback import PrinterCallback
from trl import GRPOTrainer  # pyright: ignore[reportPrivateImportUsage]

import rm_train
from rm_eval import load_policy
from rm_rewards.adapters import encode_question
from rm_rewards.adapters.trl_rewards import reward_functions, reward_weights
from rm_train import TrainConfig, resolve
from rm_train.embedded import checkpoint_path
from rm_train.embedded_data import embedded_questions
from rm_train.learner import grpo_settings
from rm_train.plan import planned
from rm_train.prompts import read_material
from rm_train.quiet import one_thread, quiet_libraries
from rm_train.shared_pictures import share_pictures

Tell: TypeAlias = Callable[[str], None]
Measure: TypeAlias = Callable[..., Any]
ROUNDS = 4
STEPS = 8
FIRST_STEP = Path(__file__).parent / "training" / "first_step.py"
CALLBACKS = cast("list[type[TrainerCallback]]", DEFAULT_CALLBACKS)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one step took, in seconds: of this process on its core, and by the clock."""

    cpu: float
    wall: float


_ENDS: list[tuple[float, float]] = []


class _StepEnds(TrainerCallback):
    """Notes when steps end: every trainer of transformers has it while `_watched`."""

    def on_step_end(self, *_args: object, **_kwargs: object) -> None:
        _ENDS.append((time.process_time(), time.perf_counter()))


def same_settings(folder: Path, **more: object) -> TrainConfig:
    """The embedded run as TRL would do it, without checkpoints and held-out questions."""
    questions, _ = embedded_questions(folder / "data", 0)
    alike: dict[str, object] = {
        "questions": str(questions),
        "advantage": "group",
        "difficulty_weight": False,
        "save_steps": 0,
    }
    return resolve("embedded", overrides={**alike, **more})


def ours(config: TrainConfig, out: Path) -> list[Cost]:
    """The steps of `rm-train run`."""
    with _watched() as costs:
        rm_train.run(replace(config, out=out))
    return costs


def bare(config: TrainConfig, rows: Dataset, out: Path, *, shared: bool) -> list[Cost]:
    """The steps of TRL's own trainer; `shared`: its model encodes equal pictures once, as ours."""
    with quiet_libraries(), one_thread(), _watched() as costs:
        trainer = bare_trainer(config, rows, out)
        trainer.remove_callback(PrinterCallback)
        if shared:
            share_pictures(cast("Any", trainer.model))
        cast("Any", trainer).train()
    return costs


def bare_trainer(config: TrainConfig, rows: Dataset, out: Path) -> GRPOTrainer:
    """TRL's own trainer with those settings and nothing of ours but the rewards."""
    policy = load_policy(str(checkpoint_path()), dtype="float32")
    return GRPOTrainer(
        model=cast("Any", policy.model),
        processing_class=policy.processor,
        reward_funcs=cast("Any", reward_functions(config.reward)),
        args=grpo_settings(
            config,
            out,
            steps=config.max_steps,
            weights=reward_weights(config.reward),
            device="cpu",
            world=1,
        ),
        train_dataset=rows,
    )


def rows_of(config: TrainConfig) -> Dataset:
    """The questions in the order of our steps, as a user of TRL has them: with files of pictures.

    Raises:
        AssertionError: If the configuration names no questions.
    """
    assert config.questions is not None
    material = read_material(config.questions)
    known = dict(zip([q.id for q in material.questions], material.pictures, strict=True))
    by_id = {question.id: question for question in material.questions}
    asked = [one for step in planned(material.questions, config) for one in step.questions]
    return Dataset.from_dict(
        {
            "prompt": [[{"role": "user", "content": by_id[one].question}] for one in asked],
            "image": [str(known[one]) for one in asked],
            "label": [encode_question(by_id[one], known[one].parent) for one in asked],
        }
    ).cast_column("image", Image())


@contextmanager
def _watched() -> Generator[list[Cost]]:
    """From the end of a step to the end of the next: data, replies, rewards, update, log.

    One cost a step from the second on, since the first also sets up; there when the block has
    ended.
    """
    _ENDS.clear()
    CALLBACKS.append(_StepEnds)
    costs: list[Cost] = []
    try:
        yield costs
    finally:
        CALLBACKS.remove(_StepEnds)
        pairs = pairwise(_ENDS)
        costs += [Cost(after[0] - before[0], after[1] - before[1]) for before, after in pairs]


def compare(benchmark: Any, tell: Tell, name: str, pairs: Sequence[tuple[Cost, Cost]]) -> None:  # noqa: ANN401 - pytest-benchmark is untyped
    """Note the medians of pairs (ours, theirs)."""
    cpu = median(mine.cpu / theirs.cpu for mine, theirs in pairs)
    wall = median(mine.wall / theirs.wall for mine, theirs in pairs)
    mine, theirs = (median(pair[side].cpu for pair in pairs) for side in (0, 1))
    benchmark.extra_info.update(
        {"cpu_ratio": cpu, "wall_ratio": wall, "ours_cpu_s": mine, "bare_cpu_s": theirs}
    )
    tell(
        f"{name}: {cpu:.2f} x the CPU time of TRL alone ({mine:.3f} s, {theirs:.3f} s), "
        f"{wall:.2f} x by the clock"
    )


@pytest.mark.parametrize("shared", [False, True], ids=["as it is", "with our shared pictures"])
def test_a_step_beside_bare_trl(benchmark: Any, tell: Tell, tmp_path: Path, shared: bool) -> None:  # noqa: ANN401 - pytest-benchmark is untyped
    config = same_settings(tmp_path, max_steps=STEPS, prompts_per_step=4, schedule="random")
    rows = rows_of(config)
    pairs: list[tuple[Cost, Cost]] = []

    def one_pair() -> None:
        at = tmp_path / str(len(pairs))
        theirs = bare(config, rows, at / "bare", shared=shared)
        mine = ours(config, at / "ours")
        pairs.extend(zip(mine, theirs, strict=True))

    benchmark.pedantic(one_pair, rounds=ROUNDS)
    assert len(pairs) == ROUNDS * (STEPS - 1)
    compare(benchmark, tell, "a step" + (", pictures shared on both sides" * shared), pairs)


def test_starting_beside_bare_trl(benchmark: Any, tell: Tell, tmp_path: Path) -> None:  # noqa: ANN401 - pytest-benchmark is untyped
    questions, _ = embedded_questions(tmp_path / "data", 0)
    pairs: list[tuple[Cost, Cost]] = []
    doctor: list[float] = []

    def started(side: str) -> Cost:
        out = tmp_path / f"{side}{len(pairs)}"
        command = [sys.executable, str(FIRST_STEP), side, str(questions), str(out)]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        cpu, wall, examined = map(float, said.split()[-3:])
        if side == "ours":
            doctor.append(examined)
        return Cost(cpu, wall)

    def one_pair() -> None:
        theirs, mine = started("bare"), started("ours")
        pairs.append((mine, theirs))

    benchmark.pedantic(one_pair, rounds=ROUNDS)
    compare(benchmark, tell, "from the start of the process to the first step", pairs)
    benchmark.extra_info["doctor_cpu_s"] = median(doctor)
    tell(f"of which the doctor took {median(doctor):.2f} s")


def test_the_help_beside_starting_python(measure: Measure) -> None:
    def start(code: str) -> str:
        command = [sys.executable, "-c", code]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    asked = "import sys; sys.argv = ['rm-train', '--help']; from rm_train.cli import app; app()"
    said = measure(
        lambda: start(asked),
        count=1,
        unit="helps",
        baseline=lambda: start("pass"),
        named="starting Python",
    )
    assert "run" in said
    assert "torch" not in start("import sys, rm_train.cli; print(*sys.modules)").split()
