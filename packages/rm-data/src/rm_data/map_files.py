"""Synthetic maps on disk: `<country>/<city>.json` and its picture `<country>/<city>.png`."""

from __future__ import annotations

import signal
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Final

from rm_data.draw import draw
from rm_data.staging import staged_folder
from rm_data.synthetic import STYLES, generate
from rm_rewards import RecordError
from rm_rewards.jsonl import dump

MIX: Final = "mix"
MOST: Final = 1_000_000
"""The most maps of one seed: map i of seed S is city number S * MOST + i, so no seeds overlap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MapOrder:
    """What maps to make.

    Attributes:
        count: How many.
        seed: Not negative; two seeds never share a city.
        style: A key of `STYLES`, or `mix` for a style drawn anew for each map.
        lines: Fewest and most lines; None for the style's own range.
        size: Side of the square picture in pixels; None for the style's own.
    """

    count: int
    seed: int
    style: str = MIX
    lines: tuple[int, int] | None = None
    size: int | None = None

    def __post_init__(self) -> None:
        if not 0 < self.count <= MOST:
            raise RecordError("count", self.count, f"a number from 1 to {MOST}")
        if self.seed < 0:
            raise RecordError("seed", self.seed, "a number that is not negative")
        if self.style not in {*STYLES, MIX}:
            raise RecordError("style", self.style, f"one of {', '.join(STYLES)}, or {MIX}")

    def style_of(self, place: int) -> str:
        """The style of the map at that place."""
        if self.style != MIX:
            return self.style
        return Random(f"mix/{self.seed}/{place}").choice(sorted(STYLES))


def make_maps(
    order: MapOrder, out: Path, *, workers: int = 1, done: Callable[[int], object] | None = None
) -> int:
    """Write the maps into the folder `out`; gives their number.

    The folder appears when all is written. Its bytes depend on the order alone, not on `workers`.

    Args:
        order: What to make.
        out: A folder that is new or empty.
        workers: Processes that work at the same time.
        done: Called after each map with 1.

    Raises:
        RecordError: If `out` holds files.
        ValueError: If a style cannot hold that many lines, or the pictures would be illegible.
        OSError: If a file cannot be written.
    """
    with staged_folder(out) as folder, _mapper(workers) as run:
        for _ in run(partial(_make, order, folder), range(order.count)):
            if done is not None:
                done(1)
    return order.count


_Run = Callable[[Callable[[int], None], range], Iterator[None]]


@contextmanager
def _mapper(workers: int) -> Generator[_Run]:
    if workers <= 1:
        yield map
        return
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_leave_ctrl_c)
    try:
        yield partial(pool.map, chunksize=8)
    finally:
        pool.shutdown(cancel_futures=True)


def _leave_ctrl_c() -> None:
    """Ctrl-C is the business of the process that writes to the terminal."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _make(order: MapOrder, folder: Path, place: int) -> None:
    number = order.seed * MOST + place
    style = order.style_of(place)
    network = generate(number, style=style, lines=order.lines)
    picture = draw(network, style=style, size=order.size, seed=number)
    target = folder / network.country / f"{network.city}.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(dump(network) + "\n", encoding="utf-8")
    picture.save(target.with_suffix(".png"), optimize=False)
