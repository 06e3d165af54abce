"""What a call of several runs says: one row a model and benchmark, and the mean of the six."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rm_eval.atomic import write_json, write_text
from rm_eval.cost import Tokens
from rm_eval.leaderboard.answers import Answers, read_answers
from rm_eval.leaderboard.cells import Average, Cell, average_of, cell_of
from rm_eval.leaderboard.columns import AVERAGED, OFFICIAL, in_order, title_of
from rm_eval.report import Report, percent
from rm_eval.suite.plan import Planned

_WEIGHTED = ("reasonmap",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One benchmark of one model.

    Attributes:
        model, task: The run.
        benchmark: What the number is of; a run over several has several rows.
        n: Questions.
        accuracy: Share of them that was answered right; of HR-Bench the mean over the orders.
        weighted: The same by the benchmark's weights; None where it has none.
        low, high: 95 % interval of the weighted accuracy where there is one, else of the accuracy,
            by the cluster bootstrap.
        unparsed: Share of the replies in which no answer was found.
        warnings: What keeps it from being the published benchmark's number.
    """

    model: str
    task: str
    benchmark: str
    n: int
    accuracy: float
    weighted: float | None
    low: float
    high: float
    unparsed: float
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A run that has no result, and why, in one line."""

    model: str
    task: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteReport:
    """The result of several runs.

    Attributes:
        rows: In the order of the runs.
        averages: By model: the mean of the six benchmarks of the RewardMap paper, of
            SEED-Bench-2-Plus the maps; only where all six are there.
        failures: The runs without a result.
        tokens: Of all runs; None where a backend did not tell them.
        cost: Of all runs, by the prices that were given; None without prices.
        seconds: Of asking.
    """

    rows: tuple[Row, ...]
    averages: dict[str, Average]
    failures: tuple[Failure, ...]
    tokens: Tokens
    cost: float | None
    seconds: float

    def markdown(self) -> str:
        """The result as a page."""
        return _markdown(self)

    def write(self, folder: Path) -> None:
        """Write `report.json` and `report.md` into the folder."""
        write_json(asdict(self), folder / "report.json")
        write_text(self.markdown(), folder / "report.md")


def suite_report(
    plan: Sequence[Planned], reports: Mapping[Planned, Report], failures: Sequence[Failure]
) -> SuiteReport:
    """The table over finished runs, read from their folders.

    Raises:
        EvalError, RecordError, OSError: If the folder of one of them is damaged.
    """
    rows: list[Row] = []
    cells: dict[str, dict[str, Cell]] = {one.label: {} for one in plan}
    for one in (one for one in plan if one in reports):
        run = read_answers(one.out)
        for column in in_order({*run.answers}):
            cell = cell_of(run, None, column)
            cells[one.label][column] = cell
            rows.append(_row(one, column, cell, run.answers[column]))
    averages = {label: average_of(held) for label, held in cells.items()}
    used = [report.usage for report in reports.values()]
    costs = [usage.cost for usage in used]
    known = [cost for cost in costs if cost is not None]
    return SuiteReport(
        rows=tuple(rows),
        averages={label: found for label, found in averages.items() if found is not None},
        failures=tuple(failures),
        tokens=sum((usage.tokens for usage in used), Tokens()),
        cost=sum(known) if known and len(known) == len(costs) else None,
        seconds=round(sum(report.seconds for report in reports.values()), 3),
    )


def _row(one: Planned, column: str, cell: Cell, answers: Answers) -> Row:
    official = OFFICIAL.get(column)
    weighs = column in _WEIGHTED or (official is not None and official.weights is not None)
    plain = sum(answers.right) / len(answers.right)
    return Row(
        model=one.label,
        task=one.task,
        benchmark=title_of(column),
        n=cell.n,
        accuracy=plain if weighs else cell.value,
        weighted=cell.value if weighs else None,
        low=cell.low,
        high=cell.high,
        unparsed=cell.unparsed,
        warnings=cell.warnings,
    )


def _markdown(report: SuiteReport) -> str:
    lines = [
        "| model | set | benchmark | n | accuracy % | weighted accuracy % | 95 % interval "
        "| unparsed % |",
        "|---|---|---|--:|--:|--:|--:|--:|",
        *(_line(row) for row in report.rows),
        *(f"| {one.model} | {one.task} | | | failed | | | |" for one in report.failures),
    ]
    if report.averages:
        lines += ["", "| model | mean of the six % | 95 % interval |", "|---|--:|--:|"]
        lines += [
            f"| {label} | {100 * mean.value:.2f} | {percent(mean.low)} to {percent(mean.high)} |"
            for label, mean in report.averages.items()
        ]
    notes = [f"- {one.model} {one.task}: failed: {one.reason}" for one in report.failures]
    notes += [
        f"- {row.model} {row.task}, {row.benchmark}: {'; '.join(row.warnings)}"
        for row in report.rows
        if row.warnings
    ]
    if report.rows:
        notes += [f"- tokens: {told}"] if (told := report.tokens.told()) else []
        notes += [] if report.cost is None else [f"- cost {report.cost:.4f}"]
        notes += [f"- {report.seconds:.1f} seconds of asking"]
    return "\n".join([*lines, "", *notes, "", *_explained(report)]) + "\n"


def _line(row: Row) -> str:
    weighted = "" if row.weighted is None else percent(row.weighted)
    return (
        f"| {row.model} | {row.task} | {row.benchmark} | {row.n} | {percent(row.accuracy)} "
        f"| {weighted} | {percent(row.low)} to {percent(row.high)} | {percent(row.unparsed)} |"
    )


def _explained(report: SuiteReport) -> list[str]:
    said = [
        "Intervals are of the cluster bootstrap over pictures, maps or questions asked several "
        "times; of the weighted accuracy where there is one."
    ]
    if report.averages:
        said += [
            f"The mean of the six is that of Table 2 of the RewardMap paper: over {len(AVERAGED)} "
            "columns, of SEED-Bench-2-Plus the maps. Its interval takes them for independent."
        ]
    return said
