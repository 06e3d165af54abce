"""A comparison as JSON values: every figure of the page, and the curves."""

from __future__ import annotations

from dataclasses import asdict

from rm_curriculum.simulation.comparison import (
    BASELINES,
    MEASURES,
    OVERALL,
    Comparison,
    Result,
)
from rm_curriculum.simulation.intervals import Interval, interval

SCHEMA = "rm-curriculum/simulation-1"


def record(comparison: Comparison) -> dict[str, object]:
    """Settings, and for each schedule `measures` and `curves` as [mean, low, high]."""
    return {
        "schema": SCHEMA,
        "learner": asdict(comparison.learner),
        "budget": {**asdict(comparison.budget), "questions": comparison.asked},
        "seeds": list(comparison.seeds),
        "results": [_result(comparison, one) for one in comparison.results],
        "left_out": dict(comparison.left_out),
    }


def _result(comparison: Comparison, result: Result) -> dict[str, object]:
    curves = (OVERALL, *result.families)
    bands = {name: result.band(name) for name in curves}
    differences = {name: comparison.against(result, name) for name in BASELINES}
    return {
        "schedule": result.schedule,
        "measures": {name: _ends(interval(result.values(name))) for name in (*curves, *MEASURES)},
        "against": {name: _ends(found) for name, found in differences.items() if found},
        "questions": [round(place, 1) for place in bands[OVERALL].asked],
        "curves": {name: [_ends(p) for p in band.points] for name, band in bands.items()},
        "mixture": {
            name: round(sum(trial.mixture[name] for trial in result.trials) / len(result.trials), 6)
            for name in result.families
        },
    }


def _ends(found: Interval) -> list[float]:
    return [round(value, 6) for value in (found.mean, found.low, found.high)]
