"""Network files, and which of them belongs to a question."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from pydantic import TypeAdapter, ValidationError

from rm_rewards.network import Network, from_published
from rm_rewards.parsing import named, parse_object
from rm_rewards.records import PLANNING, Question, RecordError
from rm_rewards.stops import needs_network


def read_network(path: Path | str) -> Network:
    """A network file: our own form, or the published form `{line: [station, ...]}`.

    For the published form the city is the name of the file and the country that of its folder.

    Raises:
        RecordError: Naming file, field, value and what was expected.
        OSError: If the file cannot be opened.
    """
    place = Path(path)
    try:
        loaded: object = json.loads(place.read_bytes())
    except (ValueError, RecursionError) as error:  # also: too many digits, too deep
        raise RecordError("file", str(error), "a network as JSON", where=str(place)) from None
    return network_from_json(loaded, city=place.stem, country=place.parent.name, where=str(place))


def network_from_json(
    loaded: object, *, city: str = "", country: str = "", where: str = ""
) -> Network:
    """A network from a JSON value, in our own form or the published one."""
    if isinstance(loaded, dict) and "stations" in loaded and "lines" in loaded:
        return parse_object(Network, cast("object", loaded), where)
    try:
        lists = TypeAdapter(dict[str, list[str]]).validate_python(loaded, strict=True)
    except ValidationError as error:
        raise named(error).at(where) from None
    if not lists:
        raise RecordError("file", lists, "at least one line", where=where)
    try:
        return from_published(lists, city=city, country=country, source=where)
    except RecordError as error:
        raise error.at(where) from None


class Networks:
    """The networks of a file of questions, each read once.

    Looked for in this order: the file that the question names in `network`; its own `json`, inline
    or as a path; `override/<country>/<city>.json`. Paths are relative to the questions' folder.
    """

    def __init__(self, folder: Path, override: Path | None = None) -> None:
        self._folder = folder
        self._override = override
        self._read: dict[Path, Network] = {}
        self._inline: dict[str, Network] = {}

    def of(self, question: Question) -> Network | None:
        """The question's network, or None if it names none and there is no folder to look in.

        Raises:
            RecordError: If a file that is named is not there or is not a network, with its path.
            OSError: If a file cannot be read.
        """
        if isinstance(question.json, Mapping) and not question.network:
            return self._from_inline(question, question.json)
        named_path = question.network or question.json
        by_city = self._by_city(question)
        if isinstance(named_path, str) and named_path:
            path = self._folder / named_path
            if path.is_file() or by_city is None or not by_city.is_file():
                return self._from_file(path, "network" if question.network else "json", question)
        if by_city is not None:
            return self._from_file(by_city, "city", question)
        return None

    def to_judge(self, question: Question) -> Network | None:
        """The network that replies to the question are judged by; None for most types.

        A planning question cannot do without; a Counting1 without its list of stops takes it where
        it is there.

        Raises:
            RecordError: If the network of a planning question is not there, or a file is not a
                network.
            OSError: If a file cannot be read.
        """
        if PLANNING in question.type:
            return self.of(question)
        if not needs_network(question):
            return None
        named = question.network or question.json
        by_city = self._by_city(question)
        paths = [self._folder / named] if isinstance(named, str) and named else []
        paths += [by_city] if by_city is not None else []
        there = isinstance(named, Mapping) or any(path.is_file() for path in paths)
        return self.of(question) if there else None

    def _by_city(self, question: Question) -> Path | None:
        if self._override is None or not question.city:
            return None
        return self._override / question.country / f"{question.city}.json"

    def _from_file(self, path: Path, field: str, question: Question) -> Network:
        if path not in self._read:
            if not path.is_file():
                found = f"{question.country}/{question.city}" if field == "city" else str(path)
                raise RecordError(field, found, f"the network file {path} (question {question.id})")
            self._read[path] = read_network(path)
        return self._read[path]

    def _from_inline(self, question: Question, lists: Mapping[str, Sequence[str]]) -> Network:
        key = json.dumps([question.country, question.city, lists])
        if key not in self._inline:
            where = f"json of question {question.id}"
            self._inline[key] = network_from_json(
                {line: list(stops) for line, stops in lists.items()},
                city=question.city,
                country=question.country,
                where=where,
            )
        return self._inline[key]
