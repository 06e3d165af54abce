"""Parts made by Ray Data, on this machine or on many."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeAlias

from rm_data.asking.job import Job, Map
from rm_data.asking.part import Part, finished, lines_path, told_path, write_part
from rm_data.networks import read_file
from rm_rewards import RecordError

_Chunk: TypeAlias = tuple[int, Sequence[Path]]
_Row: TypeAlias = dict[str, Any]
LOCAL: Final = "local"


@contextmanager
def ray_maker(
    job: Job, folder: Path, address: str
) -> Generator[Callable[[Iterable[_Chunk]], Iterator[Part]]]:
    """What makes parts on a Ray cluster, in the order of their numbers.

    The content of the network files travels with the work, and the questions travel back, so that
    the machines need no common file system; rm-data must be installed on each. Pictures are looked
    at here. A file with types of one's own (`AskOrder.kinds`) must be at the same path everywhere.

    Args:
        job: What to ask.
        folder: Where the parts go.
        address: Of the cluster (`auto`, `ray://host:10001`), or `local` for one on this machine.

    Raises:
        RecordError: If Ray is not installed, or the cluster cannot be reached.
    """
    if find_spec("ray") is None:
        expected = "it installed: pip install 'rm-data[ray]'"
        raise RecordError("--ray", f"{address} without the package ray", expected)
    ray: Any = import_module("ray")
    data: Any = import_module("ray.data")
    begun = not ray.is_initialized()
    if begun:
        _begin(ray, address)
    context = data.DataContext.get_current()
    context.enable_progress_bars = False
    context.execution_options.preserve_order = True
    try:
        yield lambda chunks: _parts(job, folder, data, list(chunks))
    finally:
        if begun:
            ray.shutdown()


def _begin(ray: Any, address: str) -> None:  # noqa: ANN401 - Ray has no types of its own
    try:
        ray.init(
            address=address,
            include_dashboard=False,
            log_to_driver=False,
            logging_level="ERROR",
        )
    except (ConnectionError, ValueError, RuntimeError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise RecordError("--ray", address, f"the address of a Ray cluster ({first})") from None


def _parts(job: Job, folder: Path, data: Any, chunks: list[_Chunk]) -> Iterator[Part]:  # noqa: ANN401
    if not chunks:
        return
    told = replace(job, paths=())
    rows = data.from_items([_row(job, *chunk) for chunk in chunks], override_num_blocks=len(chunks))
    for row in rows.map(partial(_asked, told)).iter_rows():
        yield _kept(job, row, folder)


def _row(job: Job, number: int, paths: Sequence[Path]) -> _Row:
    """One chunk, with the content of its files."""
    maps = [job.map(path) for path in paths]
    return {
        "number": number,
        "paths": [str(path) for path in paths],
        "folders": [path.absolute().parent.name for path in paths],
        "contents": [path.read_bytes() for path in paths],
        "figures": [one.figure or "" for one in maps],
        "names": [one.name for one in maps],
    }


def _asked(job: Job, row: _Row) -> _Row:
    """On some machine: the chunk's questions, or what went wrong."""
    number = int(row["number"])
    with TemporaryDirectory(prefix="rm-data-") as place:
        folder = Path(place)
        try:
            write_part(job, number, _maps(row, folder / "networks"), folder)
        except (RecordError, OSError) as error:
            sides = {_column(side): b"" for side in job.sides.names}
            return {"number": number, "told": b"", "error": str(error), **sides}
        sides = {_column(s): lines_path(folder, number, s).read_bytes() for s in job.sides.names}
        told = told_path(folder, number).read_bytes()
        return {"number": number, "told": told, "error": "", **sides}


def _maps(row: _Row, folder: Path) -> Iterator[Map]:
    """The maps from their files, which stand as they stood: a list is known by its place."""
    columns = (row[name] for name in ("paths", "folders", "contents", "figures", "names"))
    for path, country, content, figure, name in zip(*columns, strict=True):
        place = folder / str(country) / Path(path).name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        yield Map(replace(read_file(place), path=Path(path)), str(figure) or None, str(name))


def _column(side: str) -> str:
    return f"questions {side}"


def _kept(job: Job, row: _Row, folder: Path) -> Part:
    """Here: the part as if it had been made here."""
    number = int(row["number"])
    if row["error"]:
        raise RecordError("--ray", row["error"], "work that another machine can do")
    for side in job.sides.names:
        lines_path(folder, number, side).write_bytes(row[_column(side)])
    beside = folder / f".{number:06}"
    beside.write_bytes(row["told"])
    beside.replace(told_path(folder, number))
    part = finished(folder, number)
    if part is None:
        raise RecordError("--ray", row["told"], "a part that can be read back")
    return part
