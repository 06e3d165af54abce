"""Steering of a model's reasoning: SEAL, arXiv 2504.07986, for the transformers backend.

`thoughts` labels the thoughts of a reply; `making` takes the mean states in which a model began
them and writes their difference as a `vector`; `applying` adds it while the model replies; `effect`
tells what that changed.
"""
