"""The curve as a page of markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rm_eval.report import percent
from rm_eval.training_time.curve import Curve, Part, Point
from rm_eval.training_time.summary import fates, findings, power, promise
from rm_eval.training_time.trajectories import Trajectory

_MOST_LISTED: Final = 10

_LEGEND: Final = (
    "Accuracy: 95 % interval of the cluster bootstrap over maps, each by itself. Difference in "
    "points, with an interval of the level of its look: all of them hold together with the promise "
    "above. McNemar p takes questions for independent; clustered p flips the sign of whole maps, "
    "and decides. Corrected p: for the looks, and by Holm for the types; better or worse where it "
    "is below the chance promised above. A finding is about this training and questions like these;"
    " whether the method does it again, only further seeds tell."
)


def markdown_text(curve: Curve, items: Sequence[Trajectory]) -> str:
    """The curve as a page."""
    first, last = curve.points[0], curve.points[-1]
    lines = [
        "# The training, look by look",
        "",
        f"{first.all.score.n} questions, the same at every look; each look is held against step "
        f"{first.step}. {promise(curve.budget)}",
        "",
        *_by_look(curve),
        "",
        *findings(curve),
        "",
        *_by_type(last),
        "",
        *(_since(curve, items) if len(curve.points) > 1 else ()),
        _LEGEND,
    ]
    return "\n".join(lines) + "\n"


def _since(curve: Curve, items: Sequence[Trajectory]) -> Iterator[str]:
    yield from _items(items)
    yield ""
    yield from power(curve.points[-1], curve.budget)
    yield ""


def _by_look(curve: Curve) -> Iterator[str]:
    yield (
        "| step | right | accuracy % | 95 % interval | difference | interval | gained | lost "
        "| McNemar p | clustered p | corrected p | finding |"
    )
    yield "|--:|--:|--:|---|--:|---|--:|--:|--:|--:|--:|---|"
    for point in curve.points:
        yield _line([str(point.step), *_cells(point.all)])


def _by_type(point: Point) -> Iterator[str]:
    yield f"By type, at step {point.step}:"
    yield ""
    yield (
        "| type | right | accuracy % | 95 % interval | difference | interval | gained | lost "
        "| McNemar p | clustered p | corrected p | finding |"
    )
    yield "|---|--:|--:|---|--:|---|--:|--:|--:|--:|--:|---|"
    for part in point.parts[1:]:
        yield _line([part.score.name, *_cells(part)])


def _cells(part: Part) -> list[str]:
    score, change = part.score, part.change
    cells = [
        f"{score.correct} of {score.n}",
        percent(score.accuracy),
        f"{percent(score.cluster_low)} to {percent(score.cluster_high)}",
    ]
    if change is None:
        return [*cells, *[""] * 8]
    test = change.test
    return [
        *cells,
        f"{100 * test.difference:+.1f}",
        f"{100 * test.low:+.1f} to {100 * test.high:+.1f}",
        str(test.gained),
        str(test.lost),
        f"{test.mcnemar:.2g}",
        f"{test.p:.2g}",
        f"{change.adjusted:.2g}",
        change.finding,
    ]


def _items(items: Sequence[Trajectory]) -> Iterator[str]:
    for fate, ones in fates(items).items():
        listed = fate in ("learned", "forgotten") and ones
        yield f"- {fate}: {len(ones)}" + (f", such as {_listed(ones)}" if listed else "")
    restless = sorted((one for one in items if one.flips > 1), key=lambda one: -one.flips)
    if restless:
        told = ", ".join(f"{_code(one.id)} ({one.flips})" for one in restless[:_MOST_LISTED])
        yield f"- changed more than once: {len(restless)}, most often {told}"


def _listed(ones: Sequence[Trajectory]) -> str:
    return ", ".join(_code(one.id) for one in ones[:_MOST_LISTED])


def _code(name: str) -> str:
    return f"`{' '.join(name.replace('`', chr(39)).split())}`"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(" ".join(cell.replace("|", "/").split()) for cell in cells) + " |"
