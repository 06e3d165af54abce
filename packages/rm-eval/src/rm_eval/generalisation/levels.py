"""How far a test question is from the training questions.

Three levels, after SEED-Bench-R1 (arXiv 2503.24376: in distribution, cross-environment,
cross-environment-task), with cities as environments and question types as tasks:

- L1: a seen city and a seen type, but a question that was not trained on;
- L2: an unseen city, a seen type;
- L3: an unseen city and an unseen type.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, TypeAlias

from rm_eval.errors import EvalError
from rm_rewards import Question, jsonl

Level: TypeAlias = Literal["L1", "L2", "L3"]
Aside: TypeAlias = Literal["same question", "same stations", "unseen type, seen city", "no city"]
"""What is on no level: the very question, or one of the same type about the same stations and line
of the city, was trained on; the type alone is new; or the question does not tell its city."""

LEVELS: Final[tuple[Level, ...]] = ("L1", "L2", "L3")
ASIDES: Final[tuple[Aside, ...]] = (
    *("same question", "same stations"),
    *("unseen type, seen city", "no city"),
)

_Facts: TypeAlias = tuple[str, str, str, str, str]


@dataclass(slots=True)
class Training:
    """What a training set holds, as far as the levels ask for it.

    Attributes:
        questions: How many.
        types: Their types.
        cities: Their cities with their countries; a country may be empty.
    """

    questions: int = 0
    types: set[str] = field(default_factory=set[str])
    cities: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    _texts: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    _facts: set[_Facts] = field(default_factory=set[_Facts])

    def add(self, question: Question) -> None:
        """Take in one training question."""
        self.questions += 1
        self.types.add(question.type)
        city = _plain(question.city)
        if city:
            self.cities.setdefault(city, set()).add(_plain(question.country))
        self._texts.add((city, _plain(question.question)))
        facts = _facts(question)
        if facts is not None:
            self._facts.add(facts)

    def place(self, question: Question) -> Level | Aside:
        """The level of a test question, or why it is on none."""
        city = _plain(question.city)
        if not city:
            return "no city"
        seen_type = question.type in self.types
        if not self._has_city(city, _plain(question.country)):
            return "L2" if seen_type else "L3"
        if (city, _plain(question.question)) in self._texts:
            return "same question"
        if _facts(question) in self._facts:
            return "same stations"
        return "L1" if seen_type else "unseen type, seen city"

    def _has_city(self, city: str, country: str) -> bool:
        """Cities of one name in two countries are two; one whose country is not told may be any."""
        countries = self.cities.get(city, set())
        return bool(countries) and (not country or "" in countries or country in countries)


def training_of(questions: Iterable[Question]) -> Training:
    """The training set of these questions."""
    made = Training()
    for question in questions:
        made.add(question)
    return made


def read_training(path: Path) -> Training:
    """The training set in a questions file, or in `questions.jsonl` of a folder; streamed.

    Raises:
        EvalError: If it holds no question, or none that tells its city.
        RecordError: At the first line that is no question.
        OSError: If the file cannot be opened.
    """
    file = path / "questions.jsonl" if path.is_dir() else path
    made = training_of(jsonl.read(Question, file))
    if not made.cities:
        found = f"{made.questions} questions, none with a city" if made.questions else "none"
        raise EvalError(f"{file}: questions: found {found}; expected those that were trained on")
    return made


def _facts(question: Question) -> _Facts | None:
    """What a question is about, however it is worded; None where only its words tell."""
    about = [_plain(one or "") for one in (question.station_1, question.station_2, question.line)]
    if not any(about):
        return None
    return (_plain(question.city), question.type, about[0], about[1], about[2])


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
