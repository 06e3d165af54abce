"""What a judge changed: who decided, the accuracy without it and with it, its cost, its errors."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from rm_eval.extractors import Extractor, Verdict
from rm_eval.extractors.extraction import UNREAD
from rm_eval.intervals import wilson
from rm_eval.item import Item
from rm_eval.judging.judged import judged
from rm_eval.judging.labels import NO_ANSWER
from rm_eval.judging.selection import Sample
from rm_eval.judging.verdicts import Spent, Verdicts
from rm_eval.rescoring.saved_replies import saved_replies
from rm_eval.rescoring.scorers import Scorers
from rm_eval.rescoring.tally import Table, TaskReadings

LISTED: Final = 1_000
"""How many disagreements are listed by name; all are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """One benchmark: how many of its replies were decided by whom. The three add up to `n`.

    Attributes:
        rule: A rule of the extractor read the answer.
        judge: The judge did, or said that there is none.
        none: Neither could: wrong, never guessed.
        no_answer: Of `judge`, how often it said that the reply gives no answer.
        without, with_judge: The quoted number of the benchmark, in [0, 1].
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"strict": True}

    task: str
    title: str
    n: int
    rule: int
    judge: int
    none: int
    no_answer: int
    without: float
    with_judge: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """A reply that the rule read and in which the judge found another answer."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"strict": True}

    id: str
    rule: str
    judge: str
    rule_right: bool
    judge_right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """The judge on a sample of what the rules read.

    Attributes:
        share, seed: How the sample was drawn.
        n: How many the judge could be read on.
        unread: How many more it could not.
        disagreeing: Of `n`, how often its answer is another one.
        sides: Of those, how often one is right and the other wrong.
        low, high: Wilson's 95 % interval of `disagreeing / n`.
        listed: The first of them.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"strict": True}

    share: float
    seed: int
    n: int
    unread: int
    disagreeing: int
    sides: int
    low: float
    high: float
    listed: tuple[Disagreement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeReport:
    """What came of a judge for one extractor.

    Attributes:
        extractor: Whose unread replies it read.
        decided: By benchmark.
        spent: What was asked about unread replies.
        checking: What was asked to put the judge to the test.
        told: How often the server named the model so; empty where it does not.
        agreement: None unless a sample was asked for.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"strict": True}

    extractor: str
    decided: tuple[Decided, ...]
    spent: Spent
    checking: Spent
    told: dict[str, int]
    agreement: Agreement | None = None


def account(scorers: Scorers, verdicts: Verdicts, sample: Sample, judge: str) -> JudgeReport:
    """The report of a run whose unread replies have all been judged, for one extractor.

    Raises:
        EvalError: If they have not.
        RecordError: At a line of the run that cannot be used.
    """
    (extractor,) = scorers.extractors
    behind = judged(extractor, verdicts, judge)
    tables: dict[str, Table] = {}
    no_answer: Counter[str] = Counter()
    check = _Check(sample, verdicts)
    for saved in saved_replies(scorers.folder):
        item = saved.asked
        if not isinstance(item, Item) or not extractor.scores(item.task):
            continue
        if item.task not in tables:
            tables[item.task] = Table(scorers.benchmark(item.task), (extractor, behind))
        tables[item.task].add(item, saved.text)
        found = extractor.judge(item, saved.text)
        if found.extraction.rule not in UNREAD:
            check.add(extractor, item, saved.text, found)
        elif verdicts.verdict(item.id, saved.text) == NO_ANSWER:
            no_answer[item.task] += 1
    readings = [table.readings() for table in tables.values()]
    return JudgeReport(
        extractor=extractor.name,
        decided=tuple(_decided(one, no_answer[one.task]) for one in readings if one is not None),
        spent=verdicts.spent.get((extractor.name, "unread"), Spent()),
        checking=verdicts.spent.get((extractor.name, "check"), Spent()),
        told=dict(verdicts.told.most_common()),
        agreement=check.agreement() if sample.share else None,
    )


def _decided(readings: TaskReadings, no_answer: int) -> Decided:
    without, behind = readings.readings
    judge = behind.rules.get("judge", 0)
    none = sum(behind.rules.get(rule, 0) for rule in UNREAD)
    return Decided(
        task=readings.task,
        title=readings.title,
        n=behind.n,
        rule=behind.n - judge - none,
        judge=judge,
        none=none,
        no_answer=no_answer,
        without=without.main,
        with_judge=behind.main,
    )


class _Check:
    """The judge held against the rules."""

    def __init__(self, sample: Sample, verdicts: Verdicts) -> None:
        self._sample = sample
        self._verdicts = verdicts
        self._n = self._unread = self._disagreeing = self._sides = 0
        self._listed: list[Disagreement] = []

    def add(self, extractor: Extractor, item: Item, reply: str, found: Verdict) -> None:
        """Take a reply into account that a rule read, if it is in the sample."""
        if not self._sample.holds(item.id, reply) or not reply.strip():
            return
        said = self._verdicts.verdict(item.id, reply)
        if said is None:
            self._unread += 1
            return
        self._n += 1
        value = found.extraction.value or ""
        if _same(item, value, said):
            return
        right = said == item.answer or extractor.tasks[item.task].right(item, said)
        self._disagreeing += 1
        self._sides += right != found.right
        if len(self._listed) < LISTED:
            self._listed.append(
                Disagreement(
                    id=item.id, rule=value, judge=said, rule_right=found.right, judge_right=right
                )
            )

    def agreement(self) -> Agreement:
        low, high = wilson(self._disagreeing, self._n)
        return Agreement(
            share=self._sample.share,
            seed=self._sample.seed,
            n=self._n,
            unread=self._unread,
            disagreeing=self._disagreeing,
            sides=self._sides,
            low=low,
            high=high,
            listed=tuple(self._listed),
        )


def _same(item: Item, value: str, said: str) -> bool:
    """Whether they are one answer. Some extractors read the text of an option, not its letter."""
    named = item.options.get(said, said) if item.form == "choice" else said
    return value.strip().casefold() in (said.casefold(), named.strip().casefold())
