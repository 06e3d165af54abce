"""What makes a benchmark: where its rows come from, how they are asked, how they are counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Literal, TypeAlias, get_args

from rm_eval.extractors.extraction import Protocol
from rm_eval.intervals import wilson
from rm_eval.item import Item
from rm_eval.sources.row import Row
from rm_rewards import Question

Style: TypeAlias = Literal["vlmevalkit", "lmms-eval", "official", "own"]
STYLES: Final[tuple[Style, ...]] = get_args(Style)
"""Whose prompt it is; `own` is that of a task file."""


@dataclass(frozen=True, slots=True)
class Published:
    """A file that the publisher of the benchmark, or of a harness, offers: with its MD5."""

    url: str
    md5: str

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.url.rpartition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """A data set on Hugging Face: whose, and which part of it is the benchmark."""

    name: str
    split: str = "test"
    config: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A published score to set beside one's own: `score` in %, of the measure named `part`."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"strict": True}

    model: str
    score: float
    part: str = "all"
    source: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row made ready.

    Attributes:
        question: What is asked. `figure` is left open: the picture comes from the row.
        item: What the reply is held against; None where the question itself says it.
        stem: What permutations of one question share, and questions about one text where there is
            no picture.
    """

    question: Question
    item: Item | None
    stem: str = ""


@dataclass(frozen=True, slots=True)
class Scored:
    """An item, and whether the reply to it was right."""

    item: Item
    right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One number of a benchmark.

    Attributes:
        name: What it is taken over, such as `all` or a category.
        n: How many items.
        value: In [0, 1].
        low, high: Wilson's 95 % interval; None where the value is no plain share of items.
        parts: The items that it is taken over: the value is the mean over the parts of the share of
            items in each that is right. Intervals over clusters and paired tests rest on them.
        weighted: Whether an item counts in its part by its weight.
    """

    name: str
    n: int
    value: float
    low: float | None = None
    high: float | None = None
    parts: tuple[Sequence[Scored], ...] = field(default=(), repr=False, compare=False)
    weighted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """A benchmark.

    Attributes:
        name: As `--tasks` takes it, and the type of its questions.
        title: As papers write it.
        published: The file that the paper's harness reads; None where rows come from the hub.
        hub: The data set on Hugging Face that holds the rows; None where there is none.
        entries: A row -> what is asked of it.
        measures: The numbers of the benchmark; the first is the one that is quoted.
        styles: The prompts that it can be asked with, the paper's first.
        clusters: What makes items dependent: the `picture`, the `question` that is asked in several
            permutations, or what the item `itself` says.
        sizes: How many items the whole benchmark has, by the names of its measures.
        protocol: How replies are read and held against the answer: only in a task of one's own,
            since the built-in ones are graded by `rm_eval.extractors`.
        text_alone: The prompts with which rows that have no picture are asked as well; with any
            other they are left out, as VLMEvalKit leaves them out.
        columns: The file's name of a column by the name that `entries` knows it by.
        scores: Published scores.
    """

    name: str
    title: str
    published: Published | None
    hub: Hub | None
    entries: Callable[[Row, Style], Sequence[Entry]]
    measures: Callable[[Sequence[Scored]], Sequence[Measure]]
    styles: tuple[Style, ...] = ("vlmevalkit", "lmms-eval")
    clusters: Literal["picture", "question", "itself"] = "picture"
    sizes: Mapping[str, int] = field(default_factory=dict[str, int])
    protocol: Protocol | None = None
    text_alone: tuple[Style, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict[str, str])
    scores: tuple[Reference, ...] = ()

    def guard(self, measures: Iterable[Measure]) -> list[str]:
        """What differs from the published benchmark, in words; nothing if it is the whole one."""
        found = {measure.name: measure.n for measure in measures}
        return [
            f"{self.title} {name}: {found.get(name, 0)} items, the published benchmark has {size}"
            for name, size in self.sizes.items()
            if found.get(name, 0) != size
        ]


def share(name: str, scored: Sequence[Scored]) -> Measure:
    """The share of items that are right, with its interval."""
    right = sum(one.right for one in scored)
    low, high = wilson(right, len(scored))
    n = len(scored)
    value = right / n if n else 0.0
    return Measure(name=name, n=n, value=value, low=low, high=high, parts=(scored,))


def mean(name: str, measures: Sequence[Measure]) -> Measure:
    """The plain mean of some measures, which has no interval of its own."""
    n = sum(measure.n for measure in measures)
    total = sum(measure.value for measure in measures)
    value = total / len(measures) if measures else 0.0
    parts = tuple(part for measure in measures for part in measure.parts)
    return Measure(name=name, n=n, value=value, parts=parts)


def grouped(scored: Iterable[Scored], key: Callable[[Item], str]) -> dict[str, list[Scored]]:
    """The items by a key, in the order of its values."""
    found: dict[str, list[Scored]] = {}
    for one in scored:
        found.setdefault(key(one.item), []).append(one)
    return {name: found[name] for name in sorted(found)}


def by_category(scored: Sequence[Scored]) -> list[Measure]:
    """All items, then those of each category."""
    parts = grouped(scored, lambda item: item.category)
    return [share("all", scored), *(share(name, ones) for name, ones in parts.items())]
