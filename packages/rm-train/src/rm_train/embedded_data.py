"""The maps and questions of the embedded run: made here, from seeds, in about a second."""

from __future__ import annotations

import shutil
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Final

from rm_data import ask, draw, generate
from rm_rewards import Question, jsonl

STYLE: Final = "compact"
TRAIN_MAPS: Final = 300
EVAL_MAPS: Final = 100
PER_MAP: Final[Mapping[str, int]] = MappingProxyType(
    {"TorF1": 1, "TorF2": 1, "Counting1": 1, "Counting2": 1, "Counting3": 1, "planning": 20}
)
"""Questions of each type for one map: what the model can read already, and much of the rest."""
TRANSFERS: Final = (0, 1)
"""Transfers of the planning questions; few of these maps have journeys with two."""

_SEEDS: Final = 900_000_000
"""First seed of these maps; the embedded model was taught on maps with smaller seeds."""


def embedded_questions(folder: Path, seed: int) -> tuple[Path, Path]:
    """Training and held-out questions, with their maps, in `folder`; made if not there yet.

    The held-out maps are the same for every seed.

    Returns:
        The two questions files.
    """
    if not folder.is_dir():
        beside = folder.with_name(f".{folder.name}.part")
        shutil.rmtree(beside, ignore_errors=True)
        first = _SEEDS + EVAL_MAPS + seed * TRAIN_MAPS
        for name, start, count in (("eval", _SEEDS, EVAL_MAPS), ("train", first, TRAIN_MAPS)):
            (beside / name).mkdir(parents=True)
            jsonl.write(_questions(beside / name, start, count), beside / name / "questions.jsonl")
        beside.replace(folder)
    return folder / "train" / "questions.jsonl", folder / "eval" / "questions.jsonl"


@contextmanager
def withdrawn_on_failure(folder: Path) -> Generator[None]:
    """Takes the made questions back where what follows fails, unless they were there before."""
    there, parent_there = folder.is_dir(), folder.parent.is_dir()
    try:
        yield
    except BaseException:
        if not there:
            shutil.rmtree(folder, ignore_errors=True)
        if not parent_there:
            with suppress(OSError):  # not there, or holds something else
                folder.parent.rmdir()
        raise


def _questions(folder: Path, start: int, count: int) -> Iterator[Question]:
    for number in range(start, start + count):
        network = generate(number, style=STYLE)
        picture, file = f"{network.city}.png", f"{network.city}.json"
        draw(network, style=STYLE, seed=number).save(folder / picture)
        (folder / file).write_text(jsonl.dump(network) + "\n", encoding="utf-8")
        yield from ask(
            network,
            seed=number,
            per_map=PER_MAP,
            transfers=TRANSFERS,
            figure=picture,
            network_path=file,
        )
