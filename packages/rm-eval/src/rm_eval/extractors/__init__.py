"""How a reply becomes an answer: the scorers in use, each at the commit that it follows.

The same replies score differently under each of them, which explains most numbers that do not
reproduce. None of them guesses: what it cannot read is said to be unread.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Final

from rm_eval.errors import EvalError
from rm_eval.extractors.boxed import read_boxed
from rm_eval.extractors.extraction import Extraction, Extractor, Protocol, Verdict
from rm_eval.extractors.lmms_eval import (
    read_first_character,
    read_ranked_choice,
    read_unstripped,
    read_vstar,
)
from rm_eval.extractors.official import read_mmstar, read_plus
from rm_eval.extractors.official_spatial import holds_answer, read_spatial
from rm_eval.extractors.relaxed import read_whole, relaxed
from rm_eval.extractors.vlmevalkit import Version, read_choice
from rm_eval.extractors.vlmevalkit_plus import read_plus as read_plus_of_vlmevalkit
from rm_eval.item import PLUS

CHOICE_TASKS: Final = (
    *("seedbench2-plus", "spatialeval", "vstar", "hrbench-4k", "hrbench-8k", "mmstar"),
)
PAPER: Final = "vlmevalkit-b862cf76"
"""VLMEvalKit on the day of the paper, whose numbers on the six general benchmarks it read."""


def _vlmevalkit(version: Version, since: str) -> Extractor:
    choice = Protocol(partial(read_choice, version=version))
    tasks = {**dict.fromkeys(CHOICE_TASKS, choice), "chartqa": Protocol(read_whole, relaxed)}
    if version == "e8e78f05":  # the class came after the other two
        tasks[PLUS] = Protocol(read_plus_of_vlmevalkit)
    return Extractor(f"vlmevalkit-{version}", f"VLMEvalKit {since}", tasks)


_OLD_CHOICE: Final = Protocol(partial(read_choice, version="before-1175"))

_ALL: Final = (
    _vlmevalkit("before-1175", "until 2025-08-04, before #1175"),
    _vlmevalkit("b862cf76", "b862cf76 of 2025-09-28, at the paper"),
    _vlmevalkit("e8e78f05", "e8e78f05 of 2026-08-18"),
    Extractor(
        "lmms-eval-75571cfe",
        "lmms-eval 75571cfe",
        {
            "seedbench2-plus": Protocol(read_first_character),
            "vstar": Protocol(read_vstar),
            "hrbench-4k": _OLD_CHOICE,
            "hrbench-8k": _OLD_CHOICE,
            "chartqa": Protocol(read_unstripped, relaxed),
            "mmstar": Protocol(read_ranked_choice),
        },
    ),
    Extractor(
        "official",
        "the scorers of the benchmarks' authors",
        {
            "mmstar": Protocol(read_mmstar),
            "spatialeval": Protocol(read_spatial, holds_answer),
            PLUS: Protocol(read_plus),
        },
    ),
    Extractor(
        "boxed",
        "the content of the last \\boxed{}",
        {
            **dict.fromkeys((*CHOICE_TASKS, PLUS), Protocol(read_boxed)),
            "chartqa": Protocol(read_boxed, relaxed),
        },
    ),
)

EXTRACTORS: Final[Mapping[str, Extractor]] = MappingProxyType({one.name: one for one in _ALL})


def extractors_named(name: str) -> tuple[Extractor, ...]:
    """The extractor of that name, or every one for `all`.

    Raises:
        EvalError: If there is none, with the names that there are.
    """
    if name == "all":
        return _ALL
    if name not in EXTRACTORS:
        names = ", ".join(("all", *EXTRACTORS))
        raise EvalError(f"extractor: found {name!r}, expected one of {names}")
    return (EXTRACTORS[name],)


__all__ = [
    "CHOICE_TASKS",
    "EXTRACTORS",
    "PAPER",
    "Extraction",
    "Extractor",
    "Protocol",
    "Verdict",
    "extractors_named",
]
