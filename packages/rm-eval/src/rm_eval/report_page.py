"""The report of a run as a page of markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rm_eval.benchmark_numbers import BenchmarkNumbers, Number
from rm_eval.item import PLUS
from rm_eval.published.beside import beside
from rm_eval.report import Report, Spread, percent
from rm_eval.route_tally import MOST, RouteNumbers


def markdown(report: Report) -> str:
    """The page: what was right by type and group, then each benchmark, then the published rows."""
    blind = ", blind (every picture replaced by one grey)" if report.blind else ""
    lines = [
        f"# {report.model}",
        "",
        f"{report.n} questions of {report.data}{blind}; graded by {report.reward_version}.",
        "",
        *_types(report),
        *_groups(report),
    ]
    for benchmark in (*report.benchmarks, *report.others):
        lines += _benchmark(benchmark)
    lines += _routes(report.routes, report.without_network)
    lines += beside(report.benchmarks, report.routes, blind=report.blind)
    lines += ["", *_costs(report), "", *_legend(report)]
    return "\n".join(lines) + "\n"


def _types(report: Report) -> Iterator[str]:
    yield "| type | n | correct | accuracy % | 95 % interval | unparsed % |"
    yield "|---|--:|--:|--:|--:|--:|"
    for s in report.types:
        yield (
            f"| {s.name} | {s.n} | {s.correct} | {percent(s.accuracy)} "
            f"| {percent(s.low)} to {percent(s.high)} | {percent(s.unparsed or 0.0)} |"
        )


def _groups(report: Report) -> Iterator[str]:
    if not report.groups:
        return
    yield ""
    yield (
        "| benchmark | n | maps | sum of weights | accuracy % | 95 % interval, maps "
        "| weighted accuracy % | 95 % interval, maps |"
    )
    yield "|---|--:|--:|--:|--:|--:|--:|--:|"
    for s in report.groups:
        weighted, total = _interval(s.weighted_low, s.weighted_high), s.sum_of_weights or 0.0
        yield (
            f"| {s.name} | {s.n} | {s.clusters} | {total:g} | {percent(s.accuracy)} "
            f"| {_interval(s.cluster_low, s.cluster_high)} "
            f"| {percent(s.weighted_accuracy or 0.0)} | {weighted} |"
        )


def _benchmark(held: BenchmarkNumbers) -> Iterator[str]:
    weighted = any(one.sum_of_weights is not None for one in held.numbers)
    totals = " sum of weights |" if weighted else ""
    yield ""
    yield f"## {held.title}, read by {held.read_by}"
    yield ""
    yield f"| measure | n |{totals} % | Wilson 95 % | clusters | cluster 95 % |"
    yield "|---|--:" + ("|--:" if weighted else "") + "|--:|--:|--:|--:|"
    for one in held.numbers:
        yield _number(one, weighted=weighted)
    yield ""
    yield f"No answer was found in {percent(held.unparsed)} % of the replies."
    if held.references:
        yield ""
        yield "| published | measure | % | source |"
        yield "|---|---|--:|---|"
    for known in held.references:
        told = f"{_cell(known.model)} | {_cell(known.part)} | {known.score:g}"
        yield f"| {told} | {_cell(known.source)} |"
    yield from _guarded(held.guard)


def _number(one: Number, *, weighted: bool) -> str:
    total = "" if one.sum_of_weights is None else f"{one.sum_of_weights:g}"
    totals = f" {total} |" if weighted else ""
    clusters = "" if one.clusters is None else str(one.clusters)
    return (
        f"| {_cell(one.name)} | {one.n} |{totals} {100 * one.value:.2f} "
        f"| {_interval(one.low, one.high)} | {clusters} "
        f"| {_interval(one.cluster_low, one.cluster_high)} |"
    )


def _routes(routes: Sequence[RouteNumbers], without_network: int) -> Iterator[str]:
    if routes:
        yield ""
        yield "## ReasonMap, scored as its published code scores it"
        yield ""
        yield (
            "| form | n | sum of weights | maps | accuracy % | weighted accuracy % "
            "| cluster 95 % | map score, compat | cluster 95 % | fixed | cluster 95 % "
            "| unparsed % |"
        )
        yield "|---" + "|--:" * 11 + "|"
        yield from map(_route, routes)
    yield from _guarded([one.guard for one in routes if one.guard])
    if without_network:
        yield ""
        yield (
            f"- {without_network} planning questions have no network (`network` or `json`), which "
            "the published scorer needs; they are not in this table."
        )


def _route(one: RouteNumbers) -> str:
    scores = " | ".join(
        f"{one.map_scores[name]:.2f} of {MOST[one.form]:g} | {low:.2f} to {high:.2f}"
        for name, (low, high) in one.map_intervals.items()
    )
    return (
        f"| {one.form} | {one.n} | {one.sum_of_weights:g} | {one.clusters} "
        f"| {100 * one.accuracy:.2f} | {100 * one.weighted_accuracy:.2f} "
        f"| {_interval(one.weighted_low, one.weighted_high)} | {scores} "
        f"| {percent(one.unparsed)} |"
    )


def _guarded(guard: Sequence[str]) -> Iterator[str]:
    if guard:
        yield ""
        yield "Not the whole published benchmark:"
        yield ""
        yield from (f"- {line}" for line in guard)


def _costs(report: Report) -> Iterator[str]:
    yield (
        f"- no answer found in {percent(report.unparsed)} % of the replies; "
        f"{percent(report.truncated)} % were cut off at the token limit"
    )
    yield f"- mean reward {report.mean_reward:.4f}"
    yield from _tokens("visual tokens a picture", report.visual_tokens, " (least / median / most)")
    yield from _tokens("new tokens a reply", report.new_tokens)
    if report.cached is not None:
        yield f"- {percent(report.cached)} % of the prompts came from the cache"
    yield from report.usage.lines()
    yield f"- {report.seconds:.1f} seconds of asking"


def _tokens(what: str, found: Spread | None, key: str = "") -> Iterator[str]:
    if found is not None:
        yield f"- {what}: {found.min:g} / {found.median:g} / {found.max:g}{key}"


def _legend(report: Report) -> Iterator[str]:
    yield (
        "Intervals by type are Wilson's and take the questions for independent. Questions about one"
        " map or picture are not quite: cluster intervals are of the bootstrap over maps, pictures,"
        " or questions asked in several orders. Weighted accuracy follows the benchmarks: 1, 1.5, 2"
        " for an easy, middle, hard map, and for planning 1 to 3 by map and question."
    )
    if report.routes or any(one.task == PLUS for one in report.benchmarks):
        yield ""
        yield (
            "The tables by type and group count as right what the reward says is right, which reads"
            " more forms of an answer than the published code. The numbers to set beside the papers"
            " are those under ReasonMap and ReasonMap-Plus: accuracy there is weighted, and the map"
            " score is `compat`, with the faults of the published scorer."
        )


def _interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{percent(low)} to {percent(high)}"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())[:60]
