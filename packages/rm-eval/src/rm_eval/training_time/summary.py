"""What the looks say in a few sentences: what was shown and when, and what could have been."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rm_eval.report import percent
from rm_eval.statistics import PairedTest, least_net_change
from rm_eval.training_time.curve import ALL, Curve, Part, Point
from rm_eval.training_time.spending import LEAST, Budget
from rm_eval.training_time.trajectories import Fate, Trajectory


def promise(budget: Budget) -> str:
    """What the findings hold with, in one sentence."""
    how = {
        "open": "without a plan of looks",
        "obrien-fleming": f"over {budget.looks} planned looks, most of it at the end",
        "pocock": f"over {budget.looks} planned looks, almost evenly",
    }[budget.spending]
    return (
        f"The chance of one or more wrong findings in the whole training is at most "
        f"{budget.alpha:g}, spent {how}; for all questions, and once more for the types together."
    )


def findings(curve: Curve) -> Iterator[str]:
    """When all questions, and each type, were first shown to be better or worse."""
    if len(curve.points) == 1:
        yield "- one look so far: there is nothing to hold against it yet"
        return
    for part in curve.points[-1].parts:
        name = part.score.name
        better, worse = (curve.first(finding, name) for finding in ("better", "worse"))
        told = [
            f"{said} first at step {step}"
            for said, step in (("shown to be better", better), ("shown to be worse", worse))
            if step is not None
        ]
        label = "all questions" if name == ALL else name
        said = ", ".join(told) or f"nothing shown{_few(part, curve.points[-1].level)}"
        yield f"- {label}: {said}"


def power(point: Point, budget: Budget) -> Iterator[str]:
    """What the last look could have seen, and what looking often has cost."""
    change = point.all.change
    if change is None:
        return
    test = change.test
    if point.level < LEAST:
        yield f"- step {point.step} has no share of the error level, so nothing can be shown there"
        return
    yield (
        f"- step {point.step} may be wrong with probability {point.level:.2g}, of {budget.alpha:g} "
        f"for all looks; {_least(test, budget.alpha)}"
    )
    if 2 * 0.5**test.clusters >= point.level:
        yield f"- the least p of the clustered test is {min(1.0, 2 * 0.5**test.clusters):.2g}"
    elif test.detectable is not None:
        yield (
            f"- a true difference of {percent(test.detectable)} points would be shown at such a "
            "look in 80 % of trainings"
        )


def _few(part: Part, level: float) -> str:
    if part.change is None or 2 * 0.5**part.change.test.clusters < level:
        return ""
    return f", for which {part.change.test.clusters} clusters are too few at this look's level"


def fates(items: Sequence[Trajectory]) -> Mapping[Fate, Sequence[Trajectory]]:
    """The questions by what became of them."""
    kinds: tuple[Fate, ...] = ("learned", "forgotten", "kept", "never")
    return {kind: [one for one in items if one.fate == kind] for kind in kinds}


def _least(test: PairedTest, alpha: float) -> str:
    changed = test.gained + test.lost
    if not changed:
        return "no question changed"
    few = "more than all of them"
    once = least_net_change(changed, alpha=alpha)
    return (
        f"{changed} questions changed, by {test.gained - test.lost:+d}; McNemar's test would ask "
        f"for {few if test.least_net is None else f'{test.least_net} net'} here, and for "
        f"{few if once is None else once} if this were the only look"
    )


def look_line(curve: Curve, step: int) -> str:
    """A look in one line."""
    point = next(point for point in curve.points if point.step == step)
    score, change = point.all.score, point.all.change
    line = f"step {step}: {score.correct} of {score.n} right"
    if change is None:
        return line
    test = change.test
    return (
        f"{line}, {test.gained} gained and {test.lost} lost since step {curve.points[0].step}: "
        f"{change.finding}"
    )
