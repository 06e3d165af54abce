"""Tasks: names for the question types that are measured together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from rm_eval.benchmarks import BENCHMARKS, SIX
from rm_eval.errors import EvalError
from rm_rewards import PLANNING, QUESTION_TYPES

PLUS_TYPES: Final = tuple(kind for kind in QUESTION_TYPES if kind != PLANNING)

GENERAL: Final = tuple(name for name in BENCHMARKS if name not in ("reasonmap", "reasonmap-plus"))
"""The benchmarks that are not about transit maps; each is the type of its questions."""

MORE_TYPES: Final = (
    *("CountingStations", "CountingTransfers", "ChoiceTerminal", "ChoiceNextStop"),
    *("ChoiceShorterRoute", "ChoiceImpossible"),
)
"""Types that rm-data asks beside the published ones, when they are named."""

RM_DATA: Final = "rm-data"

SPLITS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "rm-data-city": ".test.jsonl",
        "rm-data-level1": ".level1.jsonl",
        "rm-data-level2": ".level2.jsonl",
        "rm-data-level3": ".level3.jsonl",
    }
)
"""How the file of each test split ends that `rm-data questions --split city|levels` writes."""

_MAPS: Final = (*QUESTION_TYPES, *MORE_TYPES)

TASKS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "reasonmap-plus": PLUS_TYPES,
        "reasonmap": (PLANNING,),
        "six": SIX,
        **{kind: (kind,) for kind in (*QUESTION_TYPES, *GENERAL)},
        **dict.fromkeys((RM_DATA, *SPLITS), _MAPS),
        **{kind: (kind,) for kind in MORE_TYPES},
    }
)
"""The question types of each task: `reasonmap-plus` (reading the map), `reasonmap` (planning a
route), `six` (the general benchmarks of the paper), each published type by its own name, each
general benchmark, and the test splits of rm-data with the types that it asks."""


def types_of_tasks(tasks: Iterable[str], own: Iterable[str] = ()) -> tuple[str, ...]:
    """The question types of these tasks, each once, in the published order.

    Args:
        tasks: Names of `TASKS`.
        own: Tasks of one's own that may be named too; each is the type of its questions.

    Raises:
        EvalError: If there is no such task, or none is named.
    """
    named, mine = list(tasks), tuple(own)
    known = {**TASKS, **{name: (name,) for name in mine}}
    wrong = [name for name in named if name not in known]
    if wrong or not named:
        found = repr(wrong[0]) if wrong else "none"
        raise EvalError(f"tasks: found {found}, expected some of {', '.join(known)}")
    wanted = {kind for name in named for kind in known[name]}
    return tuple(kind for kind in (*_MAPS, *GENERAL, *mine) if kind in wanted)


def asks_maps(tasks: Iterable[str] | None) -> bool:
    """Whether one of the tasks is rm-data or a split of it, to which every map type belongs."""
    return any(name == RM_DATA or name in SPLITS for name in tasks or ())


def questions_file(path: Path, tasks: Iterable[str] | None) -> Path:
    """The questions file that is meant: the file itself, or in a folder that of the tasks.

    A test split is the one file there that ends as rm-data writes it (`OUT.test.jsonl`); all else
    is `questions.jsonl`. A file that is passed for a split must end so too: the training file is
    not asked by mistake.

    Raises:
        EvalError: If the folder holds no such file or several, or another file is passed.
    """
    splits = [name for name in tasks or () if name in SPLITS]
    if not splits:
        return path / "questions.jsonl" if path.is_dir() else path
    ending = SPLITS[splits[0]]
    found = sorted(path.glob(f"*{ending}")) if path.is_dir() else [path]
    if len(splits) > 1 or len(found) != 1 or not found[0].name.endswith(ending):
        held = ", ".join(file.name for file in found) or "none"
        raise EvalError(
            f"{path}: {', '.join(splits)}: found {held}, expected one split, and one file "
            f"*{ending} as rm-data questions --split writes it"
        )
    return found[0]
