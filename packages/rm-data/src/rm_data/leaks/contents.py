"""What a file of questions holds, as far as another file may hold it too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b, file_digest
from pathlib import Path

from rm_data.leaks.shape import shape
from rm_data.spelling import name_key
from rm_data.splits import Place
from rm_rewards import Network, Question, RecordError, from_published
from rm_rewards.jsonl import lines, parse, read_network


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, as it may be known from another file.

    Attributes:
        where: `file:line`.
        city: Its map.
        pair: What it is about on that map, whichever station comes first; 0 if about nothing.
        text: Its type and what it is about, by name, on any map; 0 if it names no station.
        forward: Whether its stations stand in the order of their names.
    """

    where: str
    city: Place
    pair: int
    text: int
    forward: bool


@dataclass(slots=True)
class City:
    """One map of a file.

    Attributes:
        where: The first question about it, as `file:line`.
        names: Its stations' names without case and punctuation: of the network where it is at
            hand, otherwise those that are asked about.
        shape: The shape of its network (`rm_data.leaks.shape`); empty where it is not at hand.
        picture: The hash of its picture; empty where it is not at hand.
    """

    where: str
    names: set[str] = field(default_factory=set[str])
    shape: str = ""
    picture: str = ""


def read_contents(paths: Iterable[Path], cities: dict[Place, City]) -> Iterator[Asked]:
    """The questions of the files one by one; their maps are added to `cities`.

    Raises:
        RecordError: For a line that is no question, or a network that is named and cannot be read.
        OSError: If a file cannot be opened.
    """
    for path in paths:
        for where, line in lines(path):
            question = parse(Question, line, where)
            place = (question.country, question.city)
            if place not in cities:
                cities[place] = _city(question, where, path.parent)
            if not cities[place].shape:
                cities[place].names.update(map(name_key, _stations(question)))
            yield _asked(question, where, place)


def _stations(question: Question) -> list[str]:
    return [stop for stop in (question.station_1, question.station_2) if stop is not None]


def _asked(question: Question, where: str, place: Place) -> Asked:
    stations = [name_key(stop) for stop in _stations(question)]
    line = "" if question.line is None else name_key(question.line)
    if not stations and not line:
        return Asked(where, place, 0, 0, forward=True)
    about = (*sorted(stations), line if len(stations) < 2 else "")
    pair = _number((*place, *about))
    text = _number((question.type, *about)) if stations else 0
    return Asked(where, place, pair, text, forward=stations == sorted(stations))


def _number(told: tuple[str, ...]) -> int:
    return int.from_bytes(blake2b(repr(told).encode(), digest_size=8).digest())


def _city(question: Question, where: str, base: Path) -> City:
    city = City(where)
    try:
        network = _network(question, base)
    except FileNotFoundError:
        expected = "the network file that the question names"
        raise RecordError("network", question.network, expected, where=where) from None
    if network is not None:
        city.shape = shape(network)
        city.names.update(name_key(station.name) for station in network.stations)
    picture = None if question.figure is None else base / question.figure
    if picture is not None and picture.is_file():
        with picture.open("rb") as stream:
            city.picture = file_digest(stream, "blake2b").hexdigest()
    return city


def _network(question: Question, base: Path) -> Network | None:
    if question.network is not None:
        return read_network(base / question.network)
    if isinstance(question.json, Mapping):
        return from_published(question.json, city=question.city, country=question.country)
    return None
