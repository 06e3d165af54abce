"""What scores the replies of a run: extractors and benchmarks, a task of one's own among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rm_eval.benchmarks import BENCHMARKS, Benchmark
from rm_eval.custom import NO_TRUST, Trust, carried_task
from rm_eval.errors import EvalError
from rm_eval.extractors import Extractor, extractors_named


@dataclass(frozen=True, slots=True)
class Scorers:
    """The extractors that were chosen for a run, and the benchmarks that it may hold."""

    folder: Path
    extractors: tuple[Extractor, ...]
    benchmarks: Mapping[str, Benchmark]

    def benchmark(self, task: str) -> Benchmark:
        """The benchmark of that name.

        Raises:
            EvalError: If there is none, built-in or of a task file in the folder.
        """
        if task not in self.benchmarks:
            raise EvalError(
                f"{self.folder}: holds items of {task!r}, which is no built-in task, and no "
                "source.json that names its task file"
            )
        return self.benchmarks[task]


def scorers_of(folder: Path, extractor: str, trust: Trust = NO_TRUST) -> Scorers:
    """What scores a run.

    Args:
        folder: The run.
        extractor: A name of `EXTRACTORS`, or `all`; for a task of one's own also `task-file`.
        trust: What may run of a task file that is code.

    Raises:
        EvalError: If there is no such extractor, or the task file cannot be used.
        OSError: If the task file cannot be read.
    """
    own = carried_task(folder, trust)
    if own is None:
        return Scorers(folder, extractors_named(extractor), BENCHMARKS)
    return Scorers(folder, own.readers(extractor), {**BENCHMARKS, own.name: own.benchmark})
