"""A run's saved replies scored again, without a model: how far its numbers hang on the reading."""

from rm_eval.rescoring.scoring import Rescored, rescore
from rm_eval.rescoring.tally import Reading, TaskReadings

__all__ = ["Reading", "Rescored", "TaskReadings", "rescore"]
