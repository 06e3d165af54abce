"""Runs side by side on the same questions: what was gained, what was lost, and is it chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rm_eval.errors import EvalError
from rm_eval.intervals import mcnemar
from rm_eval.job import QUESTIONS, REWARDS
from rm_eval.manifest import Manifest, read_manifest
from rm_eval.metrics import GROUPS, Graded, Score, by_group, by_type, score_of
from rm_eval.report import percent
from rm_rewards import Question, Reward, jsonl


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run, read from its folder. `name` heads its column."""

    name: str
    manifest: Manifest
    graded: tuple[Graded, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One type or group of questions in all runs.

    Attributes:
        name: The type or group.
        scores: One a run, in the order given.
        difference: Accuracy of the second run less that of the first.
        gained, lost: Questions that only the second, or only the first run has right.
        p: Exact two-sided McNemar p of the first two runs.
    """

    name: str
    scores: tuple[Score, ...]
    difference: float
    gained: int
    lost: int
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Runs on the same questions. The tests are between the first two.

    Attributes:
        runs: The name of each run.
        rows: First all questions, then each type, then each benchmark.
        differing: Settings that are not the same in all runs, with the value of each.
    """

    runs: tuple[str, ...]
    rows: tuple[Row, ...]
    differing: dict[str, tuple[str, ...]]

    def row(self, name: str) -> Row:
        """The row of that name.

        Raises:
            KeyError: If there is none.
        """
        return {row.name: row for row in self.rows}[name]

    def markdown(self) -> str:
        """The comparison as a table."""
        return _markdown(self)


def compare(a: str | Path, b: str | Path, *others: str | Path) -> Comparison:
    """Compare finished runs over the same questions: `a` before, `b` after, others beside them.

    Raises:
        EvalError: If a folder is no finished run, or the runs differ in questions or reward.
        RecordError: If a file of a run is damaged.
        OSError: If a file cannot be read.
    """
    folders = [Path(folder) for folder in (a, b, *others)]
    runs = [
        _read(folder, name) for folder, name in zip(folders, _column_names(folders), strict=True)
    ]
    for folder, run in zip(folders[1:], runs[1:], strict=True):
        _check_pair(folders[0], runs[0], folder, run)
    parts = [{"all": run.graded, **by_type(run.graded), **by_group(run.graded)} for run in runs]
    return Comparison(
        runs=tuple(run.name for run in runs),
        rows=tuple(_row(name, [part[name] for part in parts]) for name in parts[0]),
        differing=_differing(runs),
    )


def _read(folder: Path, name: str) -> Run:
    manifest = read_manifest(folder)
    if not (folder / REWARDS).is_file():
        raise EvalError(f"{folder}: the run is not finished; go on with the same rm-eval bench")
    questions = list(jsonl.read(Question, folder / QUESTIONS))
    rewards = list(jsonl.read(Reward, folder / REWARDS))
    if [question.id for question in questions] != [reward.question_id for reward in rewards]:
        raise EvalError(f"{folder}: {QUESTIONS} and {REWARDS} do not fit together; run it anew")
    graded = (Graded(*pair) for pair in zip(questions, rewards, strict=True))
    blind = " (blind)" if manifest.settings.blind else ""
    return Run(name + blind, manifest, tuple(graded))


def _column_names(folders: Sequence[Path]) -> list[str]:
    short = [folder.resolve().name for folder in folders]
    times = Counter(short)
    return [
        name if times[name] == 1 else str(folder)
        for name, folder in zip(short, folders, strict=True)
    ]


def _check_pair(first: Path, a: Run, second: Path, b: Run) -> None:
    old, new = a.manifest, b.manifest
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


def _row(name: str, graded: Sequence[Sequence[Graded]]) -> Row:
    before, after = ([one.reward.correct for one in run] for run in graded[:2])
    pairs = Counter(zip(before, after, strict=True))
    gained, lost = pairs[False, True], pairs[True, False]
    return Row(
        name=name,
        scores=tuple(score_of(name, run) for run in graded),
        difference=(gained - lost) / len(before),
        gained=gained,
        lost=lost,
        p=mcnemar(gained, lost),
    )


def _differing(runs: Sequence[Run]) -> dict[str, tuple[str, ...]]:
    held = [{**asdict(run.manifest.settings), **run.manifest.versions} for run in runs]
    columns = {name: tuple(str(one.get(name)) for one in held) for name in held[0]}
    return {name: values for name, values in columns.items() if len(set(values)) > 1}


def _markdown(comparison: Comparison) -> str:
    heads = ["", "n", *comparison.runs, "difference", "gained", "lost", "p"]
    lines = [_line(heads), "|---" + "|--:" * (len(heads) - 1) + "|"]
    for row in comparison.rows:
        cells = [f"{percent(s.accuracy)} [{percent(s.low)}, {percent(s.high)}]" for s in row.scores]
        change = [_signed(row.difference), str(row.gained), str(row.lost), f"{row.p:.3g}"]
        lines.append(_line([row.name, str(row.scores[0].n), *cells, *change]))
        weighted = [s.weighted_accuracy for s in row.scores if s.weighted_accuracy is not None]
        if row.name in GROUPS and len(weighted) == len(row.scores):
            cells = [percent(share) for share in weighted]
            change = [_signed(weighted[1] - weighted[0]), "", "", ""]
            lines.append(_line([f"{row.name}, weighted", f"{row.scores[0].n}", *cells, *change]))
    first, second = comparison.runs[:2]
    lines += [
        "",
        f"Accuracy in %, in brackets Wilson's 95 % interval. Difference, gained and lost: {second} "
        f"against {first}; p: exact McNemar test on the paired questions, two-sided, not corrected "
        "for the number of rows.",
    ]
    lines += [
        f"Not the same in all runs: {name} ({', '.join(values)})."
        for name, values in comparison.differing.items()
    ]
    return "\n".join(lines) + "\n"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _signed(share: float) -> str:
    return f"{100 * share:+.1f}"
