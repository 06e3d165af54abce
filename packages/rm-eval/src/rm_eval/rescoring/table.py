"""A rescored run as a page to read."""

from __future__ import annotations

from collections.abc import Iterator

from rm_eval.rescoring.scoring import Rescored
from rm_eval.rescoring.tally import TaskReadings
from rm_eval.route_tally import RouteNumbers

_SHOWN = 5  # numbers of a benchmark beside each extractor; the rest is in the JSON


def rescoring_markdown(rescored: Rescored) -> str:
    """The spread over the extractors, what each read, and what differs from the publication."""
    lines = [f"# {rescored.run}", ""]
    for task in rescored.tasks:
        lines += _task(task)
    for routes in rescored.routes:
        lines += _routes(routes)
    return "\n".join(lines).rstrip() + "\n"


def _task(task: TaskReadings) -> Iterator[str]:
    names = list(task.readings[0].measures)[:_SHOWN]
    yield f"## {task.title}"
    yield ""
    heads = " | ".join(_cell(name) for name in names)
    yield f"| extractor | n | {heads} | unparsed % | change sides | read by, % |"
    yield "|---|--:" + "|--:" * (len(names) + 2) + "|---|"
    for reading in task.readings:
        values = " | ".join(_percent(reading.measures[name]) for name in names)
        rules = ", ".join(
            f"{rule} {_percent(count / reading.n)}" for rule, count in reading.rules.items()
        )
        found = f"{_percent(reading.unparsed)} | {reading.changed} | {rules}"
        yield f"| {reading.extractor} | {reading.n} | {values} | {found} |"
    yield ""
    if len(task.readings) > 1:
        yield (
            f"Spread over the extractors: {100 * task.spread:.2f} points; {task.disagreeing} of "
            f"{task.readings[0].n} replies are right under some of them and wrong under others. "
            f"A reply changes sides where {task.reference} does not judge it so."
        )
        yield ""
    yield from _guarded(task.guard)


def _routes(routes: RouteNumbers) -> Iterator[str]:
    yield f"## ReasonMap, {routes.form} questions"
    yield ""
    yield "| n | accuracy % | weighted accuracy % | map score compat | fixed | unparsed % |"
    yield "|--:|--:|--:|--:|--:|--:|"
    shares = f"{_percent(routes.accuracy)} | {_percent(routes.weighted_accuracy)}"
    scores = f"{routes.map_scores['compat']:.2f} | {routes.map_scores['fixed']:.2f}"
    yield f"| {routes.n} | {shares} | {scores} | {_percent(routes.unparsed)} |"
    yield ""
    yield from _guarded((routes.guard,) if routes.guard else ())


def _guarded(guard: tuple[str, ...]) -> Iterator[str]:
    if guard:
        yield "Not the whole published benchmark:"
        yield ""
        yield from (f"- {line}" for line in guard)
        yield ""


def _percent(share: float) -> str:
    return f"{100 * share:.2f}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")[:60]
