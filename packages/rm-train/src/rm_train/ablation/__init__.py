"""Many runs that differ in one thing, and what may be said of the difference.

The path of the data: a YAML file (`design_file`) is a design (`design`), the design is a list of
trials, each an ordinary run directory (`pool`, `worker`), each trial is measured on the same
held-out questions (`outcome`), and the outcomes are compared (`comparison`, `reaching`) and shown
(`table`, `plots`).
"""
