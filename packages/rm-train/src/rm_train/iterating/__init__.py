"""Several runs in a row, each from the model of one before: rounds of distilling, and phases.

A phase is an ordinary run directory, so that a kill at any point loses no more than a run would,
and the same command goes on. Nothing here imports torch before a phase begins.
"""
