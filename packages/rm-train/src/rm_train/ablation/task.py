"""The maps and questions of an ablation: made from seeds, the held-out ones the same for all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from rm_data import ask, draw, generate
from rm_rewards import Question, jsonl
from rm_train.ablation.design import Task
from rm_train.embedded_data import PER_MAP

STYLE: Final = "compact"
HELD_OUT: Final = 950_000_000
"""Seed of the first held-out map; neither the embedded model nor its run has seen these."""
_TRAIN: Final = 960_000_000
_APART: Final = 100_000
"""Training maps of one seed begin so far behind those of the seed before."""


def held_out_questions(task: Task, folder: Path) -> Path:
    """The questions that every run is measured on; made if they are not there yet."""
    return _made(folder / "held-out", HELD_OUT, task.held_out_maps, task.held_out, task.transfers)


def training_questions(task: Task, folder: Path, seed: int) -> Path:
    """The questions that the runs of a seed train on; made if they are not there yet."""
    first = _TRAIN + seed * _APART
    return _made(folder / f"train-{seed}", first, task.train_maps, task.per_map, task.transfers)


def _made(
    folder: Path, first: int, count: int, per_map: Mapping[str, int], transfers: tuple[int, int]
) -> Path:
    if not folder.is_dir():
        beside = folder.with_name(f".{folder.name}.part")
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(parents=True)
        questions = _questions(beside, range(first, first + count), per_map, transfers)
        jsonl.write(questions, beside / "questions.jsonl")
        beside.replace(folder)
    return folder / "questions.jsonl"


def _questions(
    folder: Path, seeds: range, per_map: Mapping[str, int], transfers: tuple[int, int]
) -> Iterator[Question]:
    for seed in seeds:
        network = generate(seed, style=STYLE)
        picture, file = f"{network.city}.png", f"{network.city}.json"
        draw(network, style=STYLE, seed=seed).save(folder / picture)
        (folder / file).write_text(jsonl.dump(network) + "\n", encoding="utf-8")
        yield from ask(
            network,
            seed=seed,
            per_map={**dict.fromkeys(PER_MAP, 0), **per_map},
            transfers=transfers,
            figure=picture,
            network_path=file,
        )
