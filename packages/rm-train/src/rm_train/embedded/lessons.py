"""What the embedded model is taught before reinforcement learning: maps, questions, gold answers.

The six published types come from `rm_data.ask`, with their own wording. Four more lessons have no
place in the benchmark: they teach reading as such, as a pre-trained model has been taught it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from string import ascii_uppercase
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rm_data import STYLES, ask, draw, generate
from rm_rewards import Network, Question, gold_answer

GRID: Final = 4
CELLS: Final = GRID * GRID
LETTERS: Final = ascii_uppercase
LINES: Final = tuple(f"{colour} Line" for colour in STYLES["compact"].palette)
PER_MAP: Final = {
    "TorF1": 4,
    "TorF2": 6,
    "Counting1": 2,
    "Counting2": 4,
    "Counting3": 1,
    "planning": 8,
}


@dataclass(frozen=True, slots=True)
class Lesson:
    """A question and its gold answer; `kind` is the type, or the name of an extra lesson."""

    kind: str
    prompt: str
    answer: str


@dataclass(frozen=True, slots=True)
class SchoolMap:
    """A map with what can be asked about it.

    Attributes:
        picture: uint8, (112, 112, 3).
        letters: For each of the 16 cells, row by row: the station's letter, "" where it is empty.
        lines: For each cell the lines through its station.
        lessons: In no order of difficulty.
    """

    picture: NDArray[np.uint8]
    letters: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    lessons: tuple[Lesson, ...]


def school_map(seed: int) -> SchoolMap:
    """The map of that seed; the demo's maps are kept apart from these by their seeds."""
    network = generate(seed, style="compact")
    cells = {round(y) * GRID + round(x): stop for stop, (x, y) in (network.positions or {}).items()}
    return SchoolMap(
        picture=np.asarray(draw(network, style="compact"), dtype=np.uint8),
        letters=tuple(cells.get(number, "") for number in range(CELLS)),
        lines=tuple(
            network.lines_at[cells[number]] if number in cells else () for number in range(CELLS)
        ),
        lessons=tuple(_lessons(network, seed)),
    )


def _lessons(network: Network, seed: int) -> Iterator[Lesson]:
    for question in ask(network, seed=seed, per_map=PER_MAP):
        yield Lesson(_kind(question), question.question, gold_answer(question))
    rng = random.Random(f"lessons:{seed}")
    yield from _readings(network, rng)
    yield from _rides(network, rng)


def _kind(question: Question) -> str:
    if question.type != "planning":
        return question.type
    return f"planning{question.question_transfer_count}"


def _readings(network: Network, rng: random.Random) -> Iterator[Lesson]:
    for stop in rng.sample(sorted(network.lines_at), min(6, len(network.lines_at))):
        answer = " and ".join(network.lines_at[stop])
        yield Lesson("which", f"Which lines pass through {stop}?", answer)
    for line in network.lines:
        path = line.paths[0]
        ordered = path if path[0] < path[-1] else path[::-1]
        yield Lesson("list", f"Which stations are on the {line.name}?", " to ".join(ordered))


def _rides(network: Network, rng: random.Random) -> Iterator[Lesson]:
    pairs = [(line.name, pair) for line in network.lines for pair in combinations(line.paths[0], 2)]
    for name, pair in rng.sample(pairs, min(6, len(pairs))):
        a, b = rng.sample(pair, 2)
        yield Lesson("ride", f"Which line joins {a} and {b}?", name)
