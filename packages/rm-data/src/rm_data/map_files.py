"""Synthetic maps on disk: networks `<country>/<city>.json` with pictures and truth beside them."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Final, TypeAlias

from rm_data.cities.city import city
from rm_data.cities.draft import CITY_VERSION
from rm_data.cities.mix import MIX
from rm_data.cities.styles import CITY_STYLES
from rm_data.draw import draw
from rm_data.map_manifest import MANIFEST, MapRow, MapsMade, write_manifest
from rm_data.picture.drawing import drawing_of, dump_drawing
from rm_data.picture.raster import BACKENDS, Backend, to_png
from rm_data.picture.svg import to_svg
from rm_data.picture.truth import dump_truth
from rm_data.staging import staged_folder
from rm_data.synthetic import STYLES, generate
from rm_rewards import Network, RecordError
from rm_rewards.jsonl import dump

MOST: Final = 1_000_000
"""The most maps of one seed: map i of seed S is city number S * MOST + i, so no seeds overlap."""
_BATCH: Final = 2
"""Maps that a worker makes before it reports: the most that it finishes after an interruption."""
ALL_STYLES: Final = (*CITY_STYLES, *STYLES, MIX)


@dataclass(frozen=True, slots=True, kw_only=True)
class MapOrder:
    """What maps to make.

    Attributes:
        count: How many.
        seed: Not negative; two seeds never share a city.
        style: A key of `CITY_STYLES` or of `STYLES` (small square maps on a coarse grid), or `mix`
            for a look drawn anew for each map.
        lines: Fewest and most lines; None for the style's own range.
        size: Longer side of a picture in pixels; None for the style's own.
        min_text_px: Least height of the text of station names in pixels: without a size, pictures
            become large enough, with one, those that are too small are refused. None for the
            style's own; not for the styles of `STYLES`.
        backend: Who makes pixels of the maps; not for the styles of `STYLES`.
    """

    count: int
    seed: int
    style: str = MIX
    lines: tuple[int, int] | None = None
    size: int | None = None
    min_text_px: float | None = None
    backend: Backend = "resvg"

    def __post_init__(self) -> None:
        if not 0 < self.count <= MOST:
            raise RecordError("count", self.count, f"a number from 1 to {MOST}")
        if self.seed < 0:
            raise RecordError("seed", self.seed, "a number that is not negative")
        if self.style not in ALL_STYLES:
            raise RecordError("style", self.style, f"one of {', '.join(ALL_STYLES)}")
        if self.backend not in BACKENDS:
            raise RecordError("backend", self.backend, f"one of {', '.join(BACKENDS)}")


def make_maps(
    order: MapOrder, out: Path, *, workers: int = 1, done: Callable[[int], object] | None = None
) -> MapsMade:
    """Write the maps and `maps.json`, a list of them, into the folder `out`.

    The folder appears when all is written. Its bytes depend on the order alone, not on `workers`.

    Args:
        order: What to make.
        out: A folder that is new or empty.
        workers: Processes that work at the same time.
        done: Called after each map with 1.

    Raises:
        RecordError: If `out` holds files, or the text of a map would be too small.
        ValueError: If a style cannot hold that many lines, or the pictures would be illegible.
        OSError: If a file cannot be written.
    """
    with staged_folder(out) as folder, _mapper(workers) as run:
        rows = run(partial(_make, order, folder), order.count)
        asked = {"generator": f"rm-data synthetic cities {CITY_VERSION}", **asdict(order)}
        return write_manifest(asked, rows, folder / MANIFEST, done or (lambda _: None))


_Make: TypeAlias = Callable[[int], MapRow]
_Run: TypeAlias = Callable[[_Make, int], Iterator[MapRow]]


@contextmanager
def _mapper(workers: int) -> Generator[_Run]:
    if workers <= 1:
        yield _one_after_another
        return
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_leave_ctrl_c)
    try:
        yield partial(_side_by_side, pool, ahead=4 * workers)
    except BrokenProcessPool:
        told = "fewer: a worker was killed, perhaps for want of memory"
        raise RecordError("workers", workers, told) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _one_after_another(make: _Make, count: int) -> Iterator[MapRow]:
    return map(make, range(count))


def _side_by_side(pool: Executor, make: _Make, count: int, *, ahead: int) -> Iterator[MapRow]:
    """The rows in order; no more than `ahead` batches wait, however many maps are to be made."""
    batches = (range(at, min(at + _BATCH, count)) for at in range(0, count, _BATCH))
    waiting: deque[Future[list[MapRow]]] = deque()
    for batch in batches:
        waiting.append(pool.submit(_make_batch, make, batch))
        if len(waiting) == ahead:
            yield from waiting.popleft().result()
    while waiting:
        yield from waiting.popleft().result()


def _make_batch(make: _Make, places: range) -> list[MapRow]:
    return [make(place) for place in places]


def _leave_ctrl_c() -> None:
    """Ctrl-C is the business of the process that writes to the terminal."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _make(order: MapOrder, folder: Path, place: int) -> MapRow:
    number = order.seed * MOST + place
    if order.style in STYLES:
        return _make_small(order, folder, number)
    found = city(number, style=order.style, lines=order.lines)
    try:
        scene = found.drawn(order.size, min_text_px=order.min_text_px)
    except RecordError as error:  # the text would be too small
        raise error.at(found.network.city) from None
    target = _write_network(folder, found.network)
    target.with_suffix(".svg").write_text(to_svg(scene), encoding="utf-8")
    target.with_suffix(".png").write_bytes(to_png(scene, backend=order.backend))
    target.with_suffix(".truth.json").write_text(dump_truth(scene.truth) + "\n", encoding="utf-8")
    drawing = drawing_of(
        found.layout,
        found.look_with(order.min_text_px),
        scenery=found.scenery,
        size=order.size,
        seed=found.number,
    )
    target.with_suffix(".drawing.json").write_text(dump_drawing(drawing) + "\n", encoding="utf-8")
    return MapRow(
        city=found.network.city,
        look=found.look.name,
        lines=len(found.network.lines),
        stations=len(found.network.stations),
        width=scene.width,
        height=scene.height,
        text_px=round(min(label.text_px for label in scene.truth.labels.values()), 2),
        crossings=found.crossings,
        dropped=found.dropped,
        renamed=found.renamed,
        rejected=dict(found.rejected),
    )


def _write_network(folder: Path, network: Network) -> Path:
    target = folder / network.country / f"{network.city}.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(dump(network) + "\n", encoding="utf-8")
    return target


def _make_small(order: MapOrder, folder: Path, number: int) -> MapRow:
    network = generate(number, style=order.style, lines=order.lines)
    picture = draw(network, style=order.style, size=order.size, seed=number)
    picture.save(_write_network(folder, network).with_suffix(".png"), optimize=False)
    return MapRow(
        city=network.city,
        look=order.style,
        lines=len(network.lines),
        stations=len(network.stations),
        width=picture.width,
        height=picture.height,
    )
