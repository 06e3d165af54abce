"""What measured scores allow to be said: intervals, paired tests, what a test could have seen.

Pure functions of numbers; none of them knows what a benchmark is. Questions about one map or one
picture stand or fall together, so each function takes the cluster of every question.
"""

from rm_eval.statistics.bootstrap import cluster_interval
from rm_eval.statistics.clustering import Clusters, Codes, Floats, cluster_code
from rm_eval.statistics.multiplicity import holm
from rm_eval.statistics.paired import (
    ALPHA,
    Pair,
    PairedTest,
    Verdict,
    paired_columns,
    paired_test,
)
from rm_eval.statistics.permutation import Flip, sign_flip
from rm_eval.statistics.power import least_net_change
from rm_eval.statistics.student import student_cdf, student_quantile

__all__ = [
    "ALPHA",
    "Clusters",
    "Codes",
    "Flip",
    "Floats",
    "Pair",
    "PairedTest",
    "Verdict",
    "cluster_code",
    "cluster_interval",
    "holm",
    "least_net_change",
    "paired_columns",
    "paired_test",
    "sign_flip",
    "student_cdf",
    "student_quantile",
]
