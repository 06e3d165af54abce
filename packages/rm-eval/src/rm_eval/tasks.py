"""Tasks: names for the question types that are measured together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from rm_eval.benchmarks import BENCHMARKS, SIX
from rm_eval.errors import EvalError
from rm_rewards import PLANNING, QUESTION_TYPES

PLUS_TYPES: Final = tuple(kind for kind in QUESTION_TYPES if kind != PLANNING)

GENERAL: Final = tuple(name for name in BENCHMARKS if name not in ("reasonmap", "reasonmap-plus"))
"""The benchmarks that are not about transit maps; each is the type of its questions."""

TASKS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "reasonmap-plus": PLUS_TYPES,
        "reasonmap": (PLANNING,),
        "six": SIX,
        **{kind: (kind,) for kind in (*QUESTION_TYPES, *GENERAL)},
    }
)
"""The question types of each task: `reasonmap-plus` (reading the map), `reasonmap` (planning a
route), `six` (the general benchmarks of the paper), each published type by its own name, and each
general benchmark."""


def types_of_tasks(tasks: Iterable[str]) -> tuple[str, ...]:
    """The question types of these tasks, each once, in the published order.

    Raises:
        EvalError: If there is no such task, or none is named.
    """
    named = list(tasks)
    wrong = [name for name in named if name not in TASKS]
    if wrong or not named:
        found = repr(wrong[0]) if wrong else "none"
        raise EvalError(f"tasks: found {found}, expected some of {', '.join(TASKS)}")
    wanted = {kind for name in named for kind in TASKS[name]}
    return tuple(kind for kind in (*QUESTION_TYPES, *GENERAL) if kind in wanted)
