"""Tasks of one's own: a YAML file that declares one, or a Python file that defines it."""

from rm_eval.custom.own_task import OWN, OwnTask, carried_task, is_task_file, read_task

__all__ = ["OWN", "OwnTask", "carried_task", "is_task_file", "read_task"]
