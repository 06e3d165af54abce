"""The doctor: what is wrong with a run, found before its first step.

Each check is a function from plain values to findings; `examination` reads those values from the
settings, the questions, the processor and the model's configuration. None of it needs a GPU or the
model's weights.
"""
