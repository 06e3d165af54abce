"""What a run says: `report.json` for programs, `report.md` for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from rm_eval.atomic import write_json, write_text
from rm_eval.cost import Usage, usage_of
from rm_eval.journal import Batch
from rm_eval.manifest import Manifest
from rm_eval.metrics import Graded, Score, by_group, by_type, score_of
from rm_eval.published.beside import beside
from rm_rewards import Completion


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
        types, groups: Scores by question type, and by benchmark with weighted accuracy.
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
    unparsed: float
    truncated: float
    mean_reward: float
    visual_tokens: Spread | None
    new_tokens: Spread | None
    cached: float | None
    seconds: float
    usage: Usage

    def score(self, name: str) -> Score:
        """The score of that type or group.

        Raises:
            KeyError: If there is none of that name.
        """
        return {score.name: score for score in (*self.types, *self.groups)}[name]

    def markdown(self) -> str:
        """The report as a page."""
        return _markdown(self)

    def write(self, folder: Path) -> None:
        """Write `report.json` and `report.md` into the folder."""
        write_json(asdict(self), folder / "report.json")
        write_text(self.markdown(), folder / "report.md")


def make_report(
    manifest: Manifest,
    graded: Sequence[Graded],
    completions: Sequence[Completion],
    batches: Sequence[Batch],
) -> Report:
    """The report of a finished run."""
    n = len(graded)
    return Report(
        model=manifest.model.path,
        data=manifest.data.file,
        blind=manifest.settings.blind,
        reward_version=manifest.reward_version,
        n=n,
        types=tuple(score_of(name, ones) for name, ones in by_type(graded).items()),
        groups=tuple(score_of(name, ones) for name, ones in by_group(graded).items()),
        unparsed=sum(one.reward.parsed is None for one in graded) / n,
        truncated=sum(one.finish_reason == "length" for one in completions) / n,
        mean_reward=sum(one.reward.total for one in graded) / n,
        visual_tokens=_spread([count for batch in batches for count in batch.visual_tokens]),
        new_tokens=_spread([one.tokens for one in completions if one.tokens is not None]),
        cached=_cached(batches),
        seconds=round(sum(batch.seconds for batch in batches), 3),
        usage=usage_of(
            [one.question.type for one in graded], completions, batches, manifest.settings
        ),
    )


def percent(share: float) -> str:
    """A share as it is written in tables: 12.3."""
    return f"{100 * share:.1f}"


def _cached(batches: Sequence[Batch]) -> float | None:
    told = [b for b in batches if b.prompt_tokens and b.cached_tokens is not None]
    prompts = sum(batch.prompt_tokens or 0 for batch in told)
    return sum(batch.cached_tokens or 0 for batch in told) / prompts if prompts else None


def _spread(numbers: Sequence[int]) -> Spread | None:
    if not numbers:
        return None
    return Spread(min=min(numbers), median=median(numbers), max=max(numbers))


def _markdown(report: Report) -> str:
    blind = ", blind (every picture replaced by one grey)" if report.blind else ""
    lines = [
        f"# {report.model}",
        "",
        f"{report.n} questions of {report.data}{blind}; graded by {report.reward_version}.",
        "",
        "| type | n | correct | accuracy % | 95 % interval | unparsed % |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    lines += [
        f"| {s.name} | {s.n} | {s.correct} | {percent(s.accuracy)} "
        f"| {percent(s.low)} to {percent(s.high)} | {percent(s.unparsed)} |"
        for s in report.types
    ]
    lines += [
        "",
        "| benchmark | n | maps | sum of weights | accuracy % | 95 % interval, maps "
        "| weighted accuracy % | 95 % interval, maps |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    lines += [
        f"| {s.name} | {s.n} | {s.clusters} | {s.sum_of_weights:g} | {percent(s.accuracy)} "
        f"| {percent(s.cluster_low)} to {percent(s.cluster_high)} | {percent(s.weighted_accuracy)} "
        f"| {percent(s.weighted_low)} to {percent(s.weighted_high)} |"
        for s in report.groups
        if s.sum_of_weights is not None
        and s.weighted_accuracy is not None
        and s.weighted_low is not None
        and s.weighted_high is not None
    ]
    lines += beside(report.groups)
    lines += [
        "",
        f"- no answer found in {percent(report.unparsed)} % of the replies; "
        f"{percent(report.truncated)} % were cut off at the token limit",
        f"- mean reward {report.mean_reward:.4f}",
        *_tokens("visual tokens a picture", report.visual_tokens, " (least / median / most)"),
        *_tokens("new tokens a reply", report.new_tokens),
        *_cache(report.cached),
        *report.usage.lines(),
        f"- {report.seconds:.1f} seconds of asking",
        "",
        "Intervals by type are Wilson's and take the questions for independent. Questions about one"
        " map are not quite: those by benchmark are of the cluster bootstrap over maps. Weighted"
        " accuracy follows the benchmarks: 1, 1.5, 2 for an easy, middle, hard map, and for"
        " planning 1 to 3 by map and question.",
    ]
    return "\n".join(lines) + "\n"


def _tokens(what: str, spread: Spread | None, key: str = "") -> list[str]:
    if spread is None:
        return []
    return [f"- {what}: {spread.min:g} / {spread.median:g} / {spread.max:g}{key}"]


def _cache(cached: float | None) -> list[str]:
    return [] if cached is None else [f"- {percent(cached)} % of the prompts came from the cache"]
