"""Into which file a question goes: one for all, train and test by city, or three levels of test."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from rm_data.networks import read_file
from rm_data.splits import Place, cities_for_test
from rm_rewards import Question, RecordError


class Sides(Protocol):
    """A way of parting questions into files."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the files, as in `questions.<name>.jsonl`; one empty name: the file."""
        ...

    def types(self, place: Place, types: tuple[str, ...]) -> tuple[str, ...]:
        """The types to ask about that map, of those that were ordered."""
        ...

    def side(self, question: Question) -> str:
        """The name of the file that a question goes into."""
        ...


@dataclass(frozen=True, slots=True)
class OneFile:
    """All questions in one file."""

    names: tuple[str, ...] = ("",)

    def types(self, place: Place, types: tuple[str, ...]) -> tuple[str, ...]:
        """All types about every map."""
        del place
        return types

    def side(self, question: Question) -> str:
        """The one file."""
        del question
        return ""


@dataclass(frozen=True, slots=True)
class ByCity:
    """Train and test without a common map."""

    test: tuple[Place, ...]
    names: tuple[str, ...] = ("train", "test")
    known: frozenset[Place] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "known", frozenset(self.test))

    def types(self, place: Place, types: tuple[str, ...]) -> tuple[str, ...]:
        """All types about every map."""
        del place
        return types

    def side(self, question: Question) -> str:
        """`test` for the cities of the test."""
        return "test" if (question.country, question.city) in self.known else "train"


@dataclass(frozen=True, slots=True)
class Levels:
    """Train, and three levels of test as in SEED-Bench-R1 (arXiv 2503.24376).

    Level 1 asks new pairs about the cities of the training; level 2 asks about new cities; level 3
    asks types that the training does not have about the new cities.

    Attributes:
        test: The new cities.
        unseen: The types of level 3.
        share: Share of the pairs of a training city that is kept for level 1.
        seed: Which pairs these are.
    """

    test: tuple[Place, ...]
    unseen: tuple[str, ...]
    share: float
    seed: int
    names: tuple[str, ...] = ("train", "level1", "level2", "level3")
    known: frozenset[Place] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "known", frozenset(self.test))

    def types(self, place: Place, types: tuple[str, ...]) -> tuple[str, ...]:
        """The types of level 3 too, about new cities."""
        seen = tuple(kind for kind in types if kind not in self.unseen)
        return (*seen, *self.unseen) if place in self.known else seen

    def side(self, question: Question) -> str:
        """By city, type, and for training cities by what is asked about.

        Stations and line decide alone, whatever the type and whichever station comes first: what is
        asked about in level 1 is asked about in no question of the training.
        """
        if (question.country, question.city) in self.known:
            return "level3" if question.type in self.unseen else "level2"
        stations = sorted(filter(None, (question.station_1, question.station_2)))
        if not stations and question.line is None:
            return "train"  # asked once a map, and not about something that could be new
        key = (question.country, question.city, question.line if len(stations) < 2 else "")
        digest = sha256(repr((self.seed, *key, *stations)).encode()).digest()
        return "level1" if int.from_bytes(digest[:8]) < self.share * 2**64 else "train"


def places_of(paths: Iterable[Path], *, share: float, seed: int) -> tuple[Place, ...]:
    """The cities of the test, sorted, among those of the network files.

    Raises:
        RecordError: As `read_file` and `cities_for_test`.
        OSError: If a file cannot be read.
    """
    places = [read_file(path).place for path in paths]
    if len(set(places)) < len(places):
        again = next(place for place in places if places.count(place) > 1)
        raise RecordError("city", "/".join(again), "each city once")
    return tuple(sorted(cities_for_test(places, share=share, seed=seed)))
