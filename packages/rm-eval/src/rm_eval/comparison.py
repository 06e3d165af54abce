"""Runs side by side on the same questions: what was gained, what was lost, and is it chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias

from rm_eval.errors import EvalError
from rm_eval.finished import Run, read_runs
from rm_eval.metrics import (
    GROUPS,
    Graded,
    Score,
    by_group,
    by_type,
    evaluation_weight,
    score_of,
)
from rm_eval.statistics import Pair, PairedTest, Verdict, holm, paired_test
from rm_eval.tasks import GENERAL

Family: TypeAlias = Literal["suite", "parts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One type or group of questions in all runs.

    Attributes:
        name: The type or group.
        scores: One a run, in the order given.
        difference: Accuracy of the second run less that of the first.
        gained, lost: Questions that only the second, or only the first run has right.
        p: Exact two-sided McNemar p of the first two runs.
        test: The first two runs, each question counted once.
        weighted: The same with the benchmark's weights; None outside `GROUPS`.
        family: `suite` for a benchmark as a whole, `parts` for everything else.
        adjusted: The clustered p (of `weighted` where there is one) after Holm's correction over
            the rows of its family.
        verdict: What that p says of the second run: better, worse or tie.
    """

    name: str
    scores: tuple[Score, ...]
    difference: float
    gained: int
    lost: int
    p: float
    test: PairedTest
    weighted: PairedTest | None
    family: Family
    adjusted: float
    verdict: Verdict

    @property
    def decisive(self) -> PairedTest:
        """The test that the verdict rests on."""
        return self.weighted or self.test


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Runs on the same questions. The tests are between the first two.

    Attributes:
        runs: The name of each run.
        rows: First all questions, then each type, then each benchmark.
        differing: Settings that are not the same in all runs, with the value of each.
        learned, forgotten: Ids of the questions that only the second, or only the first run has
            right, in the order of the questions.
    """

    runs: tuple[str, ...]
    rows: tuple[Row, ...]
    differing: dict[str, tuple[str, ...]]
    learned: tuple[str, ...]
    forgotten: tuple[str, ...]

    def row(self, name: str) -> Row:
        """The row of that name.

        Raises:
            KeyError: If there is none.
        """
        return {row.name: row for row in self.rows}[name]

    def perhaps_worse(self, margin: float) -> tuple[str, ...]:
        """The rows in which the second run is not shown to lose less than `margin` (a share).

        Benchmarks where there are any, otherwise all questions together.
        """
        suite = [row for row in self.rows if row.family == "suite"] or [self.rows[0]]
        return tuple(row.name for row in suite if not row.decisive.not_worse_than(margin))

    def markdown(self, *, margin: float | None = None, items: int = 10) -> str:
        """The comparison as a table.

        Args:
            margin: Also say which rows lose less than this share (non-inferiority).
            items: List so many learned and forgotten questions; the rest are counted.
        """
        from rm_eval.comparison_page import markdown  # noqa: PLC0415 - that module needs this one

        return markdown(self, margin=margin, items=items)


def compare(a: str | Path, b: str | Path, *others: str | Path) -> Comparison:
    """Compare finished runs over the same questions: `a` before, `b` after, others beside them.

    Each is a run folder, or a folder of run folders, one a benchmark, that are paired by name.

    Raises:
        EvalError: If a folder is no finished run, or the runs differ in questions or reward.
        RecordError: If a file of a run is damaged.
        OSError: If a file cannot be read.
    """
    folders = [Path(folder) for folder in (a, b, *others)]
    runs = read_runs(folders)
    for folder, run in zip(folders[1:], runs[1:], strict=True):
        _check_pair(folders[0], runs[0], folder, run)
    parts = [{"all": run.graded, **by_type(run.graded), **by_group(run.graded)} for run in runs]
    changed = [
        (one.question.id, other.reward.correct)
        for one, other in zip(runs[0].graded, runs[1].graded, strict=True)
        if one.reward.correct != other.reward.correct
    ]
    return Comparison(
        runs=tuple(run.name for run in runs),
        rows=_rows({name: [part[name] for part in parts] for name in parts[0]}),
        differing=_differing(runs),
        learned=tuple(name for name, now_right in changed if now_right),
        forgotten=tuple(name for name, now_right in changed if not now_right),
    )


def _check_pair(first: Path, a: Run, second: Path, b: Run) -> None:
    if a.manifests.keys() != b.manifests.keys():
        alone = ", ".join(sorted(a.manifests.keys() ^ b.manifests.keys()))
        raise EvalError(f"{first} and {second}: different runs inside: {alone} in one of them only")
    for name, old in a.manifests.items():
        new = b.manifests[name]
        if (old.data.fingerprint, old.data.pictures) != (new.data.fingerprint, new.data.pictures):
            raise EvalError(f"{first} and {second}: different questions: {_what_differs(a, b)}")
        if old.reward_version != new.reward_version:
            raise EvalError(
                f"{first} and {second}: graded differently: {old.reward_version} and "
                f"{new.reward_version}; run one of them with the other's --reward"
            )


def _what_differs(a: Run, b: Run) -> str:
    ids = [{one.question.id for one in run.graded} for run in (a, b)]
    alone = sorted(ids[0] ^ ids[1])
    if alone:
        shared = len(ids[0] & ids[1])
        return (
            f"{len(ids[0])} and {len(ids[1])}, {shared} of them the same id; "
            f"{alone[0]!r} is in one run only"
        )
    return "the same ids, but other texts, answers, order or pictures"


def _rows(parts: Mapping[str, Sequence[Sequence[Graded]]]) -> tuple[Row, ...]:
    tests = {name: _tested(name, *runs[:2]) for name, runs in parts.items()}
    families: dict[str, Family] = {name: _family(name) for name in parts}
    adjusted: dict[str, float] = {}
    for family in ("suite", "parts"):
        names = [name for name in parts if families[name] == family]
        ps = [(tests[name][1] or tests[name][0]).p for name in names]
        adjusted.update(zip(names, holm(ps), strict=True))
    return tuple(
        Row(
            name=name,
            scores=tuple(score_of(name, run) for run in runs),
            difference=tests[name][0].difference,
            gained=tests[name][0].gained,
            lost=tests[name][0].lost,
            p=tests[name][0].mcnemar,
            test=tests[name][0],
            weighted=tests[name][1],
            family=families[name],
            adjusted=adjusted[name],
            verdict=(tests[name][1] or tests[name][0]).verdict(adjusted[name]),
        )
        for name, runs in parts.items()
    )


def _family(name: str) -> Family:
    whole = name in GROUPS and not any(name.startswith(f"{group} ") for group in GROUPS)
    return "suite" if whole or name in GENERAL else "parts"


def _tested(
    name: str, before: Sequence[Graded], after: Sequence[Graded]
) -> tuple[PairedTest, PairedTest | None]:
    pairs = [
        Pair(
            float(a.reward.correct),
            float(b.reward.correct),
            evaluation_weight(a.question) or 1.0,
            a.cluster,
        )
        for a, b in zip(before, after, strict=True)
    ]
    plain = paired_test([replace(pair, weight=1.0) for pair in pairs])
    return plain, paired_test(pairs) if name in GROUPS else None


def _differing(runs: Sequence[Run]) -> dict[str, tuple[str, ...]]:
    held = [{**asdict(run.settings), **run.versions} for run in runs]
    columns = {name: tuple(str(one.get(name)) for one in held) for name in held[0]}
    return {name: values for name, values in columns.items() if len(set(values)) > 1}
