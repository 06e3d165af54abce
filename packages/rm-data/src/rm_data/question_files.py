"""Question files: networks and their pictures to lines of JSON, with paths that fit the file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rm_data.networks import NetworkFile
from rm_data.pictures import picture_size
from rm_data.questions import ask
from rm_data.sheet import Report
from rm_data.splits import cities_for_test
from rm_data.staging import staged_files
from rm_rewards import Question, RecordError
from rm_rewards.jsonl import write


@dataclass(frozen=True, slots=True, kw_only=True)
class AskOrder:
    """What to ask about each map; the fields are those of `ask`."""

    types: tuple[str, ...]
    seed: int
    per_map: Mapping[str, int] | int | None = None
    transfers: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class MapFile:
    """A network file with its picture, which has been found and can be read."""

    source: NetworkFile
    picture: Path | None


def with_pictures(files: Iterable[NetworkFile], maps: Path | None) -> tuple[MapFile, ...]:
    """The networks with their pictures.

    With `maps` each must have its picture `<maps>/<country>/<city>.png`; without it, a picture
    beside the network file, of the same name, is taken if there is one.

    Raises:
        RecordError: For a picture that is missing or cannot be read.
    """
    return tuple(MapFile(file, _picture(file, maps)) for file in files)


def _picture(file: NetworkFile, maps: Path | None) -> Path | None:
    country, city = file.place
    place = file.path.with_suffix(".png") if maps is None else maps / country / f"{city}.png"
    if maps is None and not place.is_file():
        return None
    try:
        picture_size(place)
    except RecordError as error:
        raise error.at(str(file.path)) from None
    return place


def write_questions(
    files: Iterable[MapFile],
    order: AskOrder,
    out: Path,
    *,
    report: Report | None = None,
    done: Callable[[int], object] | None = None,
) -> int:
    """Write the questions about all maps into one file (`-`: standard output); gives their number.

    Raises:
        RecordError: As `ask`.
        OSError: If the file cannot be written.
    """
    base = Path.cwd() if str(out) == "-" else out.absolute().parent
    return write(_questions(files, order, base, report, done), out)


def split_paths(out: Path) -> tuple[Path, Path]:
    """Where the two sides go: `questions.jsonl` gives `questions.train.jsonl` and `.test.jsonl`."""
    return out.with_name(f"{out.stem}.train.jsonl"), out.with_name(f"{out.stem}.test.jsonl")


def write_split(
    files: Iterable[MapFile],
    order: AskOrder,
    out: Path,
    *,
    test_share: float,
    report: Report | None = None,
    done: Callable[[int], object] | None = None,
) -> tuple[int, int]:
    """Write train and test questions, split by city; gives the numbers of both.

    The two files (`split_paths`) appear together, when both are complete.

    Raises:
        RecordError: As `ask` and `cities_for_test`.
        OSError: If a file cannot be written.
    """
    known = tuple(files)
    chosen = cities_for_test(
        (file.source.place for file in known), share=test_share, seed=order.seed
    )
    base = out.absolute().parent
    counts: list[int] = []
    with staged_files(base) as folder:
        for path, is_test in zip(split_paths(out), (False, True), strict=True):
            side = [file for file in known if (file.source.place in chosen) == is_test]
            counts.append(write(_questions(side, order, base, report, done), folder / path.name))
    return counts[0], counts[1]


def _questions(
    files: Iterable[MapFile],
    order: AskOrder,
    base: Path,
    report: Report | None,
    done: Callable[[int], object] | None,
) -> Iterator[Question]:
    for file in files:
        yield from ask(
            file.source.network,
            order.types,
            order.seed,
            per_map=order.per_map,
            transfers=order.transfers,
            figure=None if file.picture is None else _relative(file.picture, base),
            network_path=_relative(file.source.path, base),
            city_transfers=file.source.city_transfers,
            report=report,
        )
        if done is not None:
            done(1)


def _relative(path: Path, base: Path) -> str:
    return Path(os.path.relpath(path.absolute(), base)).as_posix()
