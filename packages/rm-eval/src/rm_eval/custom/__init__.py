"""Tasks of one's own: a YAML file that declares one, or a Python file that defines it."""

from rm_eval.custom.own_task import (
    NO_TRUST,
    OWN,
    OwnTask,
    Trust,
    asks_again,
    carried_task,
    is_task_file,
    own_name,
    read_task,
)

__all__ = [
    "NO_TRUST",
    "OWN",
    "OwnTask",
    "Trust",
    "asks_again",
    "carried_task",
    "is_task_file",
    "own_name",
    "read_task",
]
