"""Replies sampled by vLLM, and what makes sure that they are the policy's own.

The path of a step: `picture_tokens` (a prompt as vLLM wants it) -> `generation` (vLLM under TRL,
with the policy's weights by `weights`) -> `guard` (the same log-probabilities on both sides).
"""
