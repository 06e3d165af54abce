"""Schedules tried out on a synthetic learner, before a GPU is spent on one."""

from __future__ import annotations

from rm_curriculum.simulation.comparison import Comparison, Result, compare
from rm_curriculum.simulation.course import synthetic
from rm_curriculum.simulation.learner import Learner
from rm_curriculum.simulation.trial import Budget, Trial, run_trial

__all__ = [
    "Budget",
    "Comparison",
    "Learner",
    "Result",
    "Trial",
    "compare",
    "run_trial",
    "synthetic",
]
