"""Runs side by side on the same questions: what was gained, what was lost, and is it chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import compress
from pathlib import Path

from rm_eval.compared_rows import Compared, Family, compared
from rm_eval.errors import EvalError
from rm_eval.finished import Run, read_runs
from rm_eval.manifest import flat
from rm_eval.metrics import Score
from rm_eval.statistics import PairedTest, Verdict, holm


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One type or group of questions in all runs.

    Attributes:
        name: The type, group or benchmark, or `benchmark / measure`.
        scores: One a run, in the order given.
        difference: Accuracy of the second run less that of the first.
        gained, lost: Questions that only the second, or only the first run has right.
        p: Exact two-sided McNemar p of the first two runs.
        test: The first two runs, each question counted once.
        weighted: The same by the benchmark's own statistic, where that counts questions unequally:
            by weight, or as a mean over categories or orders; else None.
        family: `suite` for a benchmark as a whole, `parts` for everything else.
        adjusted: The clustered p (of `weighted` where there is one) after Holm's correction over
            the rows of its family.
        verdict: What that p says of the second run: better, worse or tie.
        noise: How many of its replies would change sides in a repeat of one and the same run, by
            the noise floor of the first two runs; None where that was not measured.
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
    noise: float | None = None

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
    before, after = (run.graded.right for run in runs[:2])
    return Comparison(
        runs=tuple(run.name for run in runs),
        rows=_rows(list(compared(runs)), _noise(*runs[:2])),
        differing=_differing(runs),
        learned=tuple(compress(runs[0].question_ids(), (~before & after).tolist())),
        forgotten=tuple(compress(runs[0].question_ids(), (before & ~after).tolist())),
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
    if a.ids != b.ids:
        raise EvalError(f"{first} and {second}: different questions: {_what_differs(a, b)}")


def _what_differs(a: Run, b: Run) -> str:
    ids = [set(run.question_ids()) for run in (a, b)]
    alone = sorted(ids[0] ^ ids[1])
    if alone:
        shared = len(ids[0] & ids[1])
        return (
            f"{len(ids[0])} and {len(ids[1])}, {shared} of them the same id; "
            f"{alone[0]!r} is in one run only"
        )
    return "the same ids, but other texts, answers, order or pictures"


def _rows(parts: Sequence[Compared], noise: float | None) -> tuple[Row, ...]:
    adjusted: dict[str, float] = {}
    for family in ("suite", "parts"):
        held = [one for one in parts if one.family == family]
        ps = holm([(one.weighted or one.test).p for one in held])
        adjusted.update(zip([one.name for one in held], ps, strict=True))
    return tuple(
        Row(
            name=one.name,
            scores=one.scores,
            difference=one.test.difference,
            gained=one.test.gained,
            lost=one.test.lost,
            p=one.test.mcnemar,
            test=one.test,
            weighted=one.weighted,
            family=one.family,
            adjusted=adjusted[one.name],
            verdict=(one.weighted or one.test).verdict(adjusted[one.name]),
            noise=None if noise is None else noise * one.test.n,
        )
        for one in parts
    )


def _noise(*runs: Run) -> float | None:
    """The share of replies that flips in a repeat, over the runs where that was measured."""
    held = [run.noise for run in runs if run.noise is not None]
    n = sum(one.n for one in held)
    return sum(one.flip_rate * one.n for one in held) / n if n else None


def _differing(runs: Sequence[Run]) -> dict[str, tuple[str, ...]]:
    held = [{**dict(flat(asdict(run.settings))), **run.versions} for run in runs]
    names = dict.fromkeys(name for one in held for name in one)
    columns = {name: tuple(str(one.get(name)) for one in held) for name in names}
    return {name: values for name, values in columns.items() if len(set(values)) > 1}
