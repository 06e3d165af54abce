"""Finished runs by level: accuracy, how it drops, consistency, and runs against the first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import hypot
from pathlib import Path
from typing import Final, Literal, TypeAlias, cast

from rm_eval.errors import EvalError
from rm_eval.finished import read_runs
from rm_eval.generalisation.consistency import MATCHES, Match
from rm_eval.generalisation.levels import ASIDES, LEVELS, Aside, Level, read_training
from rm_eval.generalisation.replies import PlacedReply, placed_replies
from rm_eval.statistics import Pair, PairedTest, Verdict, cluster_interval, holm, paired_test

Where: TypeAlias = Literal["L1", "L2", "L3", "all"]

DROPS: Final[tuple[tuple[Level, Level], ...]] = (("L1", "L2"), ("L2", "L3"), ("L1", "L3"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share of some questions, with its 95 % interval by the cluster bootstrap over maps."""

    n: int
    count: int
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A run on one level.

    Attributes:
        level: The level, or `all` for the levels together.
        maps: How many maps its questions are about.
        accuracy: Right ones among its questions.
        consistency: Consistent ones among the questions of types that a rule reads; None without.
        right, wrong: The same questions by what their replies are: right ones and wrong ones.
    """

    level: Where
    maps: int
    accuracy: Share
    consistency: Share | None
    right: dict[Match, int]
    wrong: dict[Match, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """Accuracy on `end` less that on `start`, two different sets of questions.

    `low` and `high` combine the two levels' own intervals as for independent shares (Zou and Donner
    2008). L2 and L3 share their cities, for which that is on the safe side.
    """

    start: Level
    end: Level
    difference: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLevels:
    """One run: its levels that have questions, their drops."""

    name: str
    cells: tuple[Cell, ...]
    drops: tuple[Drop, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """A run against the first on one level, paired; `adjusted` is the p after Holm's correction."""

    run: str
    level: Where
    test: PairedTest
    adjusted: float
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Generalisation:
    """Runs by level.

    Attributes:
        training: The training questions' file, and `trained_on` their number.
        asides: Test questions on no level, by why.
        runs: In the order given.
        against: Each later run against the first, level by level.
    """

    training: str
    trained_on: int
    asides: dict[Aside, int]
    runs: tuple[RunLevels, ...]
    against: tuple[Against, ...]


def generalisation(training: str | Path, *runs: str | Path) -> Generalisation:
    """Put the questions of finished runs on levels, and count each run by level.

    Args:
        training: The questions that were trained on: a file, or a folder with `questions.jsonl`.
        *runs: Finished run folders over the same questions, or folders of such.

    Raises:
        EvalError: If the training file holds no question with a city, a folder is no finished run,
            or the runs differ in their questions.
        RecordError: If a line of a file is damaged.
        OSError: If a file cannot be read.
    """
    if not runs:
        raise EvalError("runs: found none, expected the folder of a finished run")
    seen = read_training(Path(training))
    folders = [Path(run) for run in runs]
    names = [run.name for run in read_runs(folders)]
    replies = [list(placed_replies(folder, seen)) for folder in folders]
    for folder, other in zip(folders[1:], replies[1:], strict=True):
        if [one.question for one in other] != [one.question for one in replies[0]]:
            raise EvalError(f"{folders[0]} and {folder}: different questions, expected the same")
    places = Counter(one.place for one in replies[0])
    return Generalisation(
        training=str(training),
        trained_on=seen.questions,
        asides={aside: places[aside] for aside in ASIDES if places[aside]},
        runs=tuple(_levels(name, ones) for name, ones in zip(names, replies, strict=True)),
        against=_against(names, replies),
    )


def _levels(name: str, replies: Sequence[PlacedReply]) -> RunLevels:
    cells = {level: _cell(level, ones) for level, ones in _by_level(replies).items() if ones}
    drops = [
        _drop(start, end, cells[start].accuracy, cells[end].accuracy)
        for start, end in DROPS
        if start in cells and end in cells
    ]
    return RunLevels(name=name, cells=tuple(cells.values()), drops=tuple(drops))


def _by_level(replies: Sequence[PlacedReply]) -> Mapping[Where, Sequence[PlacedReply]]:
    on = [one for one in replies if one.place in LEVELS]
    return {**{level: [one for one in on if one.place == level] for level in LEVELS}, "all": on}


def _cell(level: Where, replies: Sequence[PlacedReply]) -> Cell:
    clusters = [one.cluster for one in replies]
    told = [one for one in replies if one.match is not None]
    agree = [one.match == "consistent" for one in told]
    return Cell(
        level=level,
        maps=len(set(clusters)),
        accuracy=_share([one.right for one in replies], clusters),
        consistency=_share(agree, [one.cluster for one in told]) if told else None,
        right=_matches([one for one in told if one.right]),
        wrong=_matches([one for one in told if not one.right]),
    )


def _matches(replies: Sequence[PlacedReply]) -> dict[Match, int]:
    counts = Counter(cast("Match", one.match) for one in replies)
    return {match: counts[match] for match in MATCHES}


def _share(flags: Sequence[bool], clusters: Sequence[str]) -> Share:
    low, high = cluster_interval([float(flag) for flag in flags], [1.0] * len(flags), clusters)
    count = sum(flags)
    return Share(n=len(flags), count=count, value=count / len(flags), low=low, high=high)


def _drop(start: Level, end: Level, a: Share, b: Share) -> Drop:
    difference = b.value - a.value
    return Drop(
        start=start,
        end=end,
        difference=difference,
        low=max(-1.0, difference - hypot(b.value - b.low, a.high - a.value)),
        high=min(1.0, difference + hypot(b.high - b.value, a.value - a.low)),
    )


def _against(names: Sequence[str], replies: Sequence[Sequence[PlacedReply]]) -> tuple[Against, ...]:
    """Holm corrects over all levels and runs; `all`, which repeats the levels, apart."""
    tests: dict[tuple[str, Where], PairedTest] = {
        (name, level): _paired(before, after)
        for name, run in zip(names[1:], replies[1:], strict=True)
        for (level, before), after in zip(
            _by_level(replies[0]).items(), _by_level(run).values(), strict=True
        )
        if before
    }
    adjusted: dict[tuple[str, Where], float] = {}
    for whole in (False, True):
        keys = [key for key in tests if (key[1] == "all") == whole]
        adjusted.update(zip(keys, holm([tests[key].p for key in keys]), strict=True))
    return tuple(
        Against(run=key[0], level=key[1], test=test, adjusted=p, verdict=test.verdict(p))
        for key, test in tests.items()
        for p in [adjusted[key]]
    )


def _paired(before: Sequence[PlacedReply], after: Sequence[PlacedReply]) -> PairedTest:
    pairs = [
        Pair(float(a.right), float(b.right), 1.0, a.cluster)
        for a, b in zip(before, after, strict=True)
    ]
    return paired_test(pairs)
