"""Networks without coordinates to picture files: network, PNG, SVG and pixel truth of each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import cast

from rm_data.networks import NetworkFile
from rm_data.picture import Look, dump_truth, to_png, to_svg
from rm_data.picture.drawing import dump_drawing
from rm_data.picture.raster import Backend
from rm_data.placing.render import TRIES, Rendered, render
from rm_data.placing.stress import Guide
from rm_data.staging import staged_folder
from rm_rewards import RecordError
from rm_rewards.jsonl import dump


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderOrder:
    """How maps are drawn; see `rm_data.placing.render.render`."""

    look: Look
    size: int | None = None
    seed: int = 0
    tries: int = TRIES
    backend: Backend = "resvg"
    guide: Guide | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """What became of one map.

    Attributes:
        place: (country, city).
        width, height: Of the picture.
        tries: Layouts that were drawn.
        faults: What machines found wrong with the picture, one text each.
    """

    place: tuple[str, str]
    width: int
    height: int
    tries: int
    faults: tuple[str, ...]


def write_rendered(
    files: Iterable[NetworkFile],
    order: RenderOrder,
    out: Path,
    *,
    workers: int = 1,
    done: Callable[[int], object] | None = None,
) -> list[Drawn]:
    """Write `<country>/<city>` `.json`, `.png`, `.svg`, `.truth.json` and `.drawing.json`.

    The network files carry the colours and places that the picture has. The folder appears when all
    is written; its bytes do not depend on `workers`.

    Args:
        files: The networks.
        order: How to draw them.
        out: A folder that is new or empty.
        workers: Processes that work at the same time.
        done: Called after each map with 1.

    Raises:
        RecordError: As `render`, with the file of the network; or if `out` holds files.
        OSError: If a file cannot be written.
    """
    known = list(files)
    made: list[Drawn] = []
    with staged_folder(out) as folder:
        work = partial(_write, order, folder)
        if workers <= 1 or len(known) < 2:
            for file in known:
                made.append(work(file))
                _tell(done)
            return made
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            for drawn in pool.map(work, known):
                made.append(drawn)
                _tell(done)
    return made


def _tell(done: Callable[[int], object] | None) -> None:
    if done is not None:
        done(1)


def _write(order: RenderOrder, folder: Path, file: NetworkFile) -> Drawn:
    try:
        found = render(
            file.network,
            look=order.look,
            size=order.size,
            seed=order.seed,
            guide=order.guide,
            tries=order.tries,
        )
    except RecordError as error:
        raise error.at(str(file.path)) from None
    country, city = file.place
    target = folder / country / city
    target.parent.mkdir(parents=True, exist_ok=True)
    network = replace(found.network, positions=dict(found.layout.positions))
    _beside(target, ".json").write_text(dump(network) + "\n", encoding="utf-8")
    _beside(target, ".svg").write_text(to_svg(found.scene), encoding="utf-8")
    _beside(target, ".png").write_bytes(to_png(found.scene, backend=order.backend))
    for suffix, text in (
        (".truth.json", dump_truth(found.scene.truth)),
        (".drawing.json", dump_drawing(found.drawing)),
    ):
        _beside(target, suffix).write_text(text + "\n", encoding="utf-8")
    return Drawn(file.place, found.scene.width, found.scene.height, found.tries, _faults(found))


def _beside(target: Path, suffix: str) -> Path:
    """`with_suffix` would cut a city called `St. Gallen`."""
    return target.with_name(target.name + suffix)


def _faults(found: Rendered) -> tuple[str, ...]:
    conflicts = (f"{c.kind}: {c.who} and {c.other}" for c in found.scene.conflicts)
    return (*conflicts, *found.differences)


def read_guide(path: Path) -> dict[str, tuple[float, float]]:
    """Places by station id, from a JSON object `{station: [x, y]}`: x to the right, y down.

    Raises:
        RecordError: Naming the file and the station.
        OSError: If the file cannot be read.
    """
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        loaded: object = json.loads(text)
    except ValueError as error:
        raise RecordError("file", str(error), "places as JSON", where=str(path)) from None
    if not isinstance(loaded, dict):
        raise RecordError("file", text[:40], "an object {station: [x, y]}", where=str(path))
    places = cast("Mapping[str, object]", loaded)
    return {stop: _point(stop, place, path) for stop, place in places.items()}


def _point(stop: str, place: object, path: Path) -> tuple[float, float]:
    pair = cast("list[object]", place) if isinstance(place, list) else []
    if len(pair) == 2:
        x, y = pair
        if isinstance(x, int | float) and isinstance(y, int | float):
            return float(x), float(y)
    raise RecordError(stop, str(cast("object", place)), "a place [x, y]", where=str(path))
