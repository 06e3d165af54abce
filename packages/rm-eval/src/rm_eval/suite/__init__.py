"""Several models and benchmarks in one call: a folder of runs, and one table over them."""

from rm_eval.suite.measuring import bench_suite
from rm_eval.suite.plan import Planned, holds_sets, planned
from rm_eval.suite.table import Failure, SuiteReport

__all__ = ["Failure", "Planned", "SuiteReport", "bench_suite", "holds_sets", "planned"]
