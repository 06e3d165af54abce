"""The check: pictures, maps and questions of a test set, each against a training set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rm_eval.contamination.picture_hash import BITS, hamming, perceptual_hash
from rm_eval.contamination.texts import TextIndex, shared_share
from rm_eval.dataset import Dataset, load_dataset
from rm_eval.pictures import read_picture
from rm_rewards import Network, Question, jsonl

Kind = Literal["picture", "map", "stations", "question", "words"]


@dataclass(frozen=True, slots=True)
class Leak:
    """Something of the test set that the training set holds.

    Attributes:
        kind: `picture` looks the same; `map`: the same country and city; `stations`: another city's
            network of nearly the same station names; `question`: the same words about the same
            city; `words`: many of the same telling n-grams.
        test, training: What it is in each set: a picture, a city or a question's id.
        measure: Share of bits, names or n-grams that agree, in [0, 1].
        questions: How many test questions it touches.
    """

    kind: Kind
    test: str
    training: str
    measure: float
    questions: int


@dataclass(frozen=True, slots=True)
class Contamination:
    """What a test set shares with a training set.

    Attributes:
        training, test: The files.
        questions: How many test questions there are.
        touched: How many of them one finding at least touches.
        leaks: The findings, by kind and then as the test set is ordered.
    """

    training: str
    test: str
    questions: int
    touched: int
    leaks: tuple[Leak, ...]

    def of_kind(self, kind: Kind) -> tuple[Leak, ...]:
        """The findings of one kind."""
        return tuple(leak for leak in self.leaks if leak.kind == kind)


def check_contamination(
    training: str | Path,
    test: str | Path,
    *,
    pictures: bool = True,
    bits: int = 26,
    names: float = 0.5,
    words: float = 0.5,
    n: int = 8,
) -> Contamination:
    """Look for pictures, maps and questions of a test set in a training set.

    Args:
        training: A questions file, or a folder that holds `questions.jsonl`.
        test: Likewise.
        pictures: Compare the pictures; they are opened, each once.
        bits: Pictures whose hashes differ in at most so many of 255 bits count as the same.
        names: Networks that share this part of their station names count as the same.
        words: Questions of which this part of the telling n-grams is known are reported.
        n: Words in an n-gram.

    Raises:
        EvalError: If a file holds no question, or a picture cannot be read.
        RecordError: If a line is no question, or a network no network.
        OSError: If a file cannot be read.
    """
    seen, asked = load_dataset(Path(training)), load_dataset(Path(test))
    found: list[tuple[Leak, frozenset[str]]] = [
        *(_pictures(seen, asked, bits) if pictures else ()),
        *_maps(seen, asked),
        *_networks(seen, asked, names),
        *_questions(seen, asked, words, n),
    ]
    touched = frozenset[str]().union(*(ids for _, ids in found))
    return Contamination(
        str(seen.file),
        str(asked.file),
        len(asked.questions),
        len(touched),
        tuple(leak for leak, _ in found),
    )


def _pictures(seen: Dataset, asked: Dataset, bits: int) -> Iterator[tuple[Leak, frozenset[str]]]:
    old, new = _hashes(seen), _hashes(asked)
    for figure, own in new.items():
        if not old or not own:  # empty paper looks like any other
            continue
        nearest = min(old, key=lambda name: hamming(old[name], own))
        apart = hamming(old[nearest], own)
        if apart <= bits:
            ids = frozenset(q.id for q in asked.questions if q.figure == figure)
            yield Leak("picture", figure, nearest, 1 - apart / BITS, len(ids)), ids


def _hashes(dataset: Dataset) -> dict[str, int]:
    figures = dict.fromkeys(q.figure for q in dataset.questions if q.figure is not None)
    return {name: perceptual_hash(read_picture(dataset.path(name))) for name in figures}


def _maps(seen: Dataset, asked: Dataset) -> Iterator[tuple[Leak, frozenset[str]]]:
    old = {_city(question): _place(question) for question in seen.questions if question.city}
    for city, ids in _by_city(asked).items():
        if city in old:
            place = _place(next(q for q in asked.questions if _city(q) == city))
            yield Leak("map", place, old[city], 1.0, len(ids)), ids


def _networks(seen: Dataset, asked: Dataset, names: float) -> Iterator[tuple[Leak, frozenset[str]]]:
    old, new, touched = _station_names(seen), _station_names(asked), _by_city(asked)
    for city, own in new.items():
        shares = {other: shared_share(own, held) for other, held in old.items() if other != city}
        nearest = max(shares, key=lambda other: shares[other], default=None)
        if nearest is not None and shares[nearest] >= names:
            ids = touched[city]
            yield (
                Leak("stations", "/".join(city), "/".join(nearest), shares[nearest], len(ids)),
                ids,
            )


def _station_names(dataset: Dataset) -> dict[tuple[str, str], frozenset[str]]:
    networks = jsonl.Networks(dataset.file.parent)
    found: dict[tuple[str, str], frozenset[str]] = {}
    for question in dataset.questions:
        if question.city and _city(question) not in found:
            network = networks.of(question)
            if network is not None:
                found[_city(question)] = _spelt(network)
    return found


def _spelt(network: Network) -> frozenset[str]:
    return frozenset(station.name.casefold().strip() for station in network.stations)


def _questions(
    seen: Dataset, asked: Dataset, words: float, n: int
) -> Iterator[tuple[Leak, frozenset[str]]]:
    index = TextIndex(_texts(seen), _texts(asked), n=n)
    cities = {question.id: _city(question) for question in seen.questions}
    for question in asked.questions:
        ids = frozenset({question.id})
        same = index.same(question.id)
        if same is not None and cities[same] == _city(question):
            yield Leak("question", question.id, same, 1.0, 1), ids
            continue
        share, nearest = index.overlap(question.id)
        if nearest is not None and share >= words:
            yield Leak("words", question.id, nearest, share, 1), ids


def _texts(dataset: Dataset) -> Mapping[str, str]:
    return {question.id: question.question for question in dataset.questions}


def _by_city(dataset: Dataset) -> dict[tuple[str, str], frozenset[str]]:
    found: dict[tuple[str, str], set[str]] = {}
    for question in dataset.questions:
        if question.city:
            found.setdefault(_city(question), set()).add(question.id)
    return {city: frozenset(ids) for city, ids in found.items()}


def _city(question: Question) -> tuple[str, str]:
    return question.country.casefold().strip(), question.city.casefold().strip()


def _place(question: Question) -> str:
    return f"{question.country}/{question.city}"
