"""The records that pass between the packages: what is asked, what was replied, what it earned.

Standard library only. Each record checks its own values when it is made, and raises `RecordError`
with the name of the field, the value found and what was expected. On disk each record is one line
of JSON (`rm_rewards.jsonl`). Field names follow the published ReasonMap files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from math import isfinite
from typing import Any, ClassVar, Final, Literal, TypeAlias

from rm_rewards.answer_form import answer_form

Difficulty: TypeAlias = Literal["easy", "middle", "hard"]
Status: TypeAlias = Literal["ok", "unparsed", "truncated", "error"]

PLANNING: Final = "planning"
QUESTION_TYPES: Final = ("TorF1", "TorF2", "Counting1", "Counting2", "Counting3", PLANNING)
"""The published types in the order of the coarse-to-fine curriculum. Others may be registered."""

_DIFFICULTIES: Final = ("easy", "middle", "hard")
_STATUSES: Final = ("ok", "unparsed", "truncated", "error")


class RecordError(ValueError):
    """A record that cannot be used: where it stands, what was found, what was expected."""

    def __init__(self, field: str, found: object, expected: str, *, where: str = "") -> None:
        self.field = field
        self.found = found
        self.expected = expected
        self.where = where
        prefix = f"{where}: " if where else ""
        super().__init__(f"{prefix}{field}: found {_short(found)}, expected {expected}")

    def __reduce__(self) -> tuple[object, ...]:
        """So that it comes back whole from another process."""
        return _error, (self.field, self.found, self.expected, self.where)

    def at(self, where: str) -> RecordError:
        """The same error with its place (`file:line`) in front."""
        return RecordError(self.field, self.found, self.expected, where=where)


def _error(field: str, found: object, expected: str, where: str) -> RecordError:
    return RecordError(field, found, expected, where=where)


def _short(value: object, limit: int = 80) -> str:
    text = repr(value)
    return text if len(text) <= limit else f"{text[: limit - 3]}..."


def _require(condition: bool, name: str, found: object, expected: str) -> None:
    if not condition:
        raise RecordError(name, found, expected)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One ride on one line, from where it is boarded to where it is left.

    `via_stops` are the stops in between, in riding order, without the two ends; `num_via_stops`
    is their number where the names are not given (ReasonMap's long form 1).
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"strict": True}

    route_name: str
    departure_stop: str
    arrival_stop: str
    via_stops: tuple[str, ...] = ()
    num_via_stops: int | None = None


Route: TypeAlias = tuple[Leg, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question about one map, with all that is needed to grade a reply to it.

    Attributes:
        id: Unique in its file; stable for (generator version, seed).
        type: One of `QUESTION_TYPES`, or a type registered by name.
        question: The whole prompt text, format instructions included.
        answer: TorF 1 = yes / 0 = no; Counting1 the index 0-3 of the right letter; Counting2 and
            Counting3 the number; planning None.
        figure: Path of the picture, relative to the questions file.
        network: Path of the network file, relative to the questions file.
        json: ReasonMap's own network column: a path, or the network inline as
            `{line: [station, ...]}`.
        station_1, station_2, line: What the question is about, where it is about that.
        options: Counting1: the four options in the order A to D.
        routes: Planning: ALL optimal routes.
        fine_grained_answer: Counting1 the via stops, TorF1 a mapping stop -> lines.
        difficulty_city, difficulty_question: Grade of the map and of the question.
        city_line_count, city_transfer_count, question_transfer_count: As in the published files;
            the last is the number of transfers (0 = direct) of the optimal route.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"strict": True}

    id: str
    type: str
    question: str
    answer: int | None = None
    figure: str | None = None
    country: str = ""
    city: str = ""
    network: str | None = None
    json: dict[str, tuple[str, ...]] | str | None = None
    station_1: str | None = None
    station_2: str | None = None
    line: str | None = None
    options: tuple[str, ...] | None = None
    routes: tuple[Route, ...] | None = None
    difficulty_city: Difficulty = "easy"
    difficulty_question: Difficulty = "easy"
    city_line_count: int = 0
    city_transfer_count: int = 0
    question_transfer_count: int = 0
    fine_grained_answer: dict[str, tuple[str, ...]] | tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        allowed = _answer_rule(self.type)
        if not (
            self.id
            and self.type
            and self.difficulty_city in _DIFFICULTIES
            and self.difficulty_question in _DIFFICULTIES
            and self.city_line_count >= 0
            and self.city_transfer_count >= 0
            and self.question_transfer_count >= 0
            and (allowed is None or self.answer in allowed[0])
        ):
            self._refuse()  # each on its own, if there is anything to refuse at all

    def _refuse(self) -> None:
        _require(bool(self.id), "id", self.id, "a text that is not empty")
        _require(bool(self.type), "type", self.type, f"one of {', '.join(QUESTION_TYPES)}")
        for name in ("difficulty_city", "difficulty_question"):
            value: object = getattr(self, name)
            _require(value in _DIFFICULTIES, name, value, "easy, middle or hard")
        for name in ("city_line_count", "city_transfer_count", "question_transfer_count"):
            count: int = getattr(self, name)
            _require(count >= 0, name, count, "a number that is not negative")
        rule = _answer_rule(self.type)
        if rule is not None:
            _require(self.answer in rule[0], "answer", self.answer, rule[1])


@cache
def _answer_rule(kind: str) -> tuple[range, str] | None:
    """What its answers may be: as those of the published type that is answered in the same form."""
    published = {"yes_no": "TorF1", "letter": "Counting1", "number": "Counting2"}
    form = answer_form(kind)
    return None if form is None else _ANSWER_RULES[published[form]]


_ANSWER_RULES: Final[Mapping[str, tuple[range, str]]] = {
    "TorF1": (range(2), "0 (no) or 1 (yes)"),
    "TorF2": (range(2), "0 (no) or 1 (yes)"),
    "Counting1": (range(4), "an index from 0 (A) to 3 (D)"),
    "Counting2": (range(1_000_000), "a number that is not negative"),
    "Counting3": (range(1_000_000), "a number that is not negative"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """One reply of a model: `sample` is its index in the group of replies to the same question."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"strict": True}

    question_id: str
    text: str
    sample: int = 0
    finish_reason: str | None = None
    tokens: int | None = None
    logprob: float | None = None
    latency_s: float | None = None

    def __post_init__(self) -> None:
        _require(bool(self.question_id), "question_id", self.question_id, "the id of a question")
        _require(self.sample >= 0, "sample", self.sample, "an index that is not negative")
        for name in ("logprob", "latency_s"):
            value: float | None = getattr(self, name)
            _require(value is None or isfinite(value), name, value, "a finite number")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reward:
    """What one reply earned, component by component. The set of keys never varies.

    Attributes:
        total: The scalar for the trainer. Unweighted, except under the spec `reference`.
        format, correctness, detail: The components, already in the units of `total`'s formula
            (`detail` before it is multiplied by alpha).
        weight: W_difficulty = W_map + W_question (RewardMap eq. 1); a number of its own.
        correct: Whether the reply is right as a whole.
        accuracy: In [0, 1], unweighted.
        parsed: What was read out of the reply, or None.
        reasons: Short codes such as `leg2:stop_not_on_line`.
        reward_version: Name, semantic version and hash of the reward specification.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"strict": True}

    question_id: str
    sample: int = 0
    total: float
    format: float
    correctness: float
    detail: float
    weight: float
    correct: bool
    accuracy: float
    parsed: str | None = None
    status: Status = "ok"
    reasons: tuple[str, ...] = field(default=())
    reward_version: str

    def __post_init__(self) -> None:
        parts = self.total + self.format + self.correctness + self.detail + self.weight
        if not (isfinite(parts) and 0.0 <= self.accuracy <= 1.0 and self.status in _STATUSES):
            self._refuse()  # each on its own, if there is anything to refuse at all

    def _refuse(self) -> None:
        for name in ("total", "format", "correctness", "detail", "weight", "accuracy"):
            value: float = getattr(self, name)
            _require(isfinite(value), name, value, "a finite number")
        _require(0.0 <= self.accuracy <= 1.0, "accuracy", self.accuracy, "a share from 0 to 1")
        _require(self.status in _STATUSES, "status", self.status, ", ".join(_STATUSES))
