"""Compare the contents of two sides of a split."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rm_data.leaks.contents import Asked, City, read_contents
from rm_data.splits import Place
from rm_rewards import RecordError

CODES: Final[Mapping[str, str]] = {
    "city": "a map that is in the training too",
    "picture": "a picture that is in the training too, under another city",
    "shape": "a network that has the shape of one of the training, under other names",
    "names": "a map whose stations share their names with stations of the training",
    "pair": "a question about what the training asks about, on the same map",
    "swapped": "the same with the two stations swapped",
    "text": "a question about the same names as one of the training, on another map",
}
"""The findings by their codes."""

_SMALLEST: Final = 8
"""Stations of a network whose shape says something: many small maps look alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """Something that the test shares with the training: where it stands in each, and what it is."""

    code: str
    test: str
    train: str
    message: str

    def __str__(self) -> str:
        return f"{self.test}: {self.message} (training: {self.train}) [{self.code}]"


@dataclass(slots=True)
class _Known:
    """The training: its maps, and where what is first asked."""

    cities: dict[Place, City]
    pairs: dict[int, tuple[str, bool]]
    texts: dict[int, str]


def leaks(
    train: Iterable[Path],
    test: Iterable[Path],
    *,
    most_names: float = 0.2,
    allow: Collection[str] = (),
) -> Iterator[Leak]:
    """What the questions of `test` share with those of `train`, the questions first.

    Args:
        train: Questions files.
        test: Questions files.
        most_names: Share of a test map's station names that the training may have.
        allow: Codes that are no finding, such as `city` where a test asks about the cities of the
            training.

    Raises:
        RecordError: For an unknown code, a share that is none, or a file that cannot be used.
        OSError: If a file cannot be opened.
    """
    for code in allow:
        if code not in CODES:
            raise RecordError("allow", code, f"one of {', '.join(CODES)}")
    if not 0 <= most_names <= 1:
        raise RecordError("most_names", most_names, "a share from 0 to 1")
    found = _found(train, test, most_names)
    return (leak for leak in found if leak.code not in allow)


def _found(train: Iterable[Path], test: Iterable[Path], most_names: float) -> Iterator[Leak]:
    known = _known(train)
    cities: dict[Place, City] = {}
    for asked in read_contents(test, cities):
        yield from _of_question(asked, known)
    yield from _of_cities(cities, known.cities, most_names)


def _known(paths: Iterable[Path]) -> _Known:
    known = _Known({}, {}, {})
    for asked in read_contents(paths, known.cities):
        if asked.pair:
            known.pairs.setdefault(asked.pair, (asked.where, asked.forward))
        if asked.text:
            known.texts.setdefault(asked.text, asked.where)
    return known


def _of_question(asked: Asked, known: _Known) -> Iterator[Leak]:
    if asked.pair in known.pairs:
        where, forward = known.pairs[asked.pair]
        code = "pair" if forward == asked.forward else "swapped"
        yield Leak(code=code, test=asked.where, train=where, message=CODES[code])
    elif asked.text in known.texts:
        where = known.texts[asked.text]
        yield Leak(code="text", test=asked.where, train=where, message=CODES["text"])


def _of_cities(
    test: Mapping[Place, City], train: Mapping[Place, City], most_names: float
) -> Iterator[Leak]:
    pictures = {city.picture: city for city in train.values() if city.picture}
    shapes = {city.shape: city for city in train.values() if _tells(city)}
    names = {name: city for city in train.values() for name in city.names}
    for place, city in test.items():
        about = "/".join(filter(None, place))
        if place in train:
            yield _leak("city", city, train[place], about)
            continue
        if city.picture in pictures:
            yield _leak("picture", city, pictures[city.picture], about)
        if _tells(city) and city.shape in shapes:
            yield _leak("shape", city, shapes[city.shape], about)
        shared = sorted(city.names & names.keys())
        if shared and len(shared) > most_names * len(city.names):
            told = f"{about}, {len(shared)} of {len(city.names)}, such as {shared[0]!r}"
            yield _leak("names", city, names[shared[0]], told)


def _tells(city: City) -> bool:
    return bool(city.shape) and len(city.names) >= _SMALLEST


def _leak(code: str, test: City, train: City, about: str) -> Leak:
    message = f"{about}: {CODES[code]}"
    return Leak(code=code, test=test.where, train=train.where, message=message)
