"""A model measured while it learns: the same questions at every look, errors counted over all."""

from rm_eval.training_time.in_memory import look_at_policy
from rm_eval.training_time.plan import LookPlan
from rm_eval.training_time.spending import Budget
from rm_eval.training_time.summary import look_line
from rm_eval.training_time.watching import Watch, watch

__all__ = ["Budget", "LookPlan", "Watch", "look_at_policy", "look_line", "watch"]
