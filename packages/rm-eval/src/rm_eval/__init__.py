"""Measure a vision-language model on map questions, with intervals."""

from rm_eval.comparison import Comparison, compare
from rm_eval.errors import EvalError
from rm_eval.intervals import mcnemar, wilson
from rm_eval.pictures import read_picture
from rm_eval.policy import Policy, PolicyError, load_policy, load_processor
from rm_eval.report import Report
from rm_eval.run import bench
from rm_eval.tasks import TASKS

__all__ = [
    "TASKS",
    "Comparison",
    "EvalError",
    "Policy",
    "PolicyError",
    "Report",
    "bench",
    "compare",
    "load_policy",
    "load_processor",
    "mcnemar",
    "read_picture",
    "wilson",
]
