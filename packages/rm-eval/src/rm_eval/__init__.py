"""Measure a vision-language model on map questions, with intervals."""

from rm_eval.policy import Policy, PolicyError, load_policy, load_processor

__all__ = ["Policy", "PolicyError", "load_policy", "load_processor"]
