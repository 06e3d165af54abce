"""Measure a vision-language model on map questions, with intervals."""

from rm_eval.backends.server_settings import Server
from rm_eval.comparison import Comparison, compare
from rm_eval.contamination import Contamination, check_contamination
from rm_eval.custom import OwnTask, Trust, read_task
from rm_eval.errors import EvalError
from rm_eval.exporting import export
from rm_eval.intervals import mcnemar, wilson
from rm_eval.options import Options
from rm_eval.pictures import read_picture
from rm_eval.policy import Policy, PolicyError, load_policy, load_processor
from rm_eval.preparing import prepare
from rm_eval.progress import Standing
from rm_eval.published import Claim, check_claim, definitions_of, published_scores
from rm_eval.report import Report
from rm_eval.rescoring import rescore
from rm_eval.run import bench
from rm_eval.samples import Sample, read_samples
from rm_eval.statistics import Pair, PairedTest, holm, paired_test, student_quantile
from rm_eval.suite import SuiteReport, bench_suite
from rm_eval.tasks import TASKS
from rm_eval.training_time import Budget, LookPlan, Watch, look_at_policy, look_line, watch
from rm_eval.viewer import write_viewer

__all__ = [
    "TASKS",
    "Budget",
    "Claim",
    "Comparison",
    "Contamination",
    "EvalError",
    "LookPlan",
    "Options",
    "OwnTask",
    "Pair",
    "PairedTest",
    "Policy",
    "PolicyError",
    "Report",
    "Sample",
    "Server",
    "Standing",
    "SuiteReport",
    "Trust",
    "Watch",
    "bench",
    "bench_suite",
    "check_claim",
    "check_contamination",
    "compare",
    "definitions_of",
    "export",
    "holm",
    "load_policy",
    "load_processor",
    "look_at_policy",
    "look_line",
    "mcnemar",
    "paired_test",
    "prepare",
    "published_scores",
    "read_picture",
    "read_samples",
    "read_task",
    "rescore",
    "student_quantile",
    "watch",
    "wilson",
    "write_viewer",
]
