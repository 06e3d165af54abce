"""What a run says: `report.json` for programs, `report.md` for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from rm_eval.atomic import write_json, write_text
from rm_eval.benchmark_numbers import BenchmarkNumbers
from rm_eval.cost import Usage
from rm_eval.metrics import Score
from rm_eval.route_tally import RouteNumbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """The least, the middle and the greatest of some numbers."""

    min: float
    median: float
    max: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The result of one run.

    Attributes:
        model, data: Where they lie.
        blind: Whether the pictures were replaced by one grey.
        reward_version: What graded the replies.
        types, groups: Scores by question type, and by benchmark with weighted accuracy: right is
            what the reward says is right.
        benchmarks: The numbers of each benchmark as its authors define them: the ones to set beside
            papers. Replies to the general benchmarks are read as the paper's harness read them, or
            as a task of one's own says; those to ReasonMap-Plus as its published code reads them.
        others: The same replies as the authors' own scorer reads them, where that is another one
            (SpatialEval, MMStar).
        routes: ReasonMap as its published code scores it, short and long.
        without_network: Planning questions that `routes` leaves out, having no network.
        unparsed: Share of all replies in which no answer was found.
        truncated: Share of all replies that were cut off at the token limit.
        mean_reward: Mean total of all replies.
        visual_tokens: Picture tokens in a prompt; None where the backend does not tell.
        new_tokens: Generated tokens in a reply, likewise.
        cached: Share of the prompts' tokens that were not computed anew, likewise.
        seconds: Wall-clock time of asking, over all sittings; loading the model not included.
        usage: Tokens in all and by type, and what they cost.
    """

    model: str
    data: str
    blind: bool
    reward_version: str
    n: int
    types: tuple[Score, ...]
    groups: tuple[Score, ...]
    benchmarks: tuple[BenchmarkNumbers, ...]
    routes: tuple[RouteNumbers, ...]
    without_network: int
    unparsed: float
    truncated: float
    mean_reward: float
    visual_tokens: Spread | None
    new_tokens: Spread | None
    cached: float | None
    seconds: float
    usage: Usage
    others: tuple[BenchmarkNumbers, ...] = ()

    def score(self, name: str) -> Score:
        """The score of that type or group.

        Raises:
            KeyError: If there is none of that name.
        """
        return {score.name: score for score in (*self.types, *self.groups)}[name]

    def benchmark(self, task: str) -> BenchmarkNumbers:
        """The numbers of that benchmark.

        Raises:
            KeyError: If the run asked nothing of it.
        """
        return {one.task: one for one in self.benchmarks}[task]

    def markdown(self) -> str:
        """The report as a page."""
        from rm_eval.report_page import markdown  # noqa: PLC0415 - that module needs this one

        return markdown(self)

    def write(self, folder: Path) -> None:
        """Write `report.json` and `report.md` into the folder."""
        write_json(asdict(self), folder / "report.json")
        write_text(self.markdown(), folder / "report.md")


def percent(share: float) -> str:
    """A share as it is written in tables: 12.3."""
    return f"{100 * share:.1f}"


def spread(numbers: Sequence[int]) -> Spread | None:
    """The spread of some numbers; None of none."""
    if not numbers:
        return None
    return Spread(min=min(numbers), median=median(numbers), max=max(numbers))
