"""What the benchmarks divide by: the number of questions, or the sum of their weights.

The numbers of questions are those of the published files; the sums of weights are the only ones
under which all published ReasonMap and ReasonMap-Plus accuracies are possible.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from rm_eval.errors import EvalError

HALF: Final = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Definition:
    """One score of one benchmark.

    Attributes:
        benchmark, part: Which questions; the part `overall` is all of them.
        total: The number of questions, or the sum of their weights.
        step: The smallest amount that `total` is made of: 1 question, or 0.5 of weight.
        note: What else must be known to compare with it.
    """

    benchmark: str
    part: str
    total: Fraction
    step: Fraction = Fraction(1)
    note: str = ""

    @property
    def weighted(self) -> bool:
        """Whether `total` is a sum of weights, none of which is below 1."""
        return self.step != 1

    @property
    def steps(self) -> int:
        """How many steps the total has: the denominator of every possible score."""
        return int(self.total / self.step)


def _counted(benchmark: str, note: str = "", **parts: int) -> tuple[Definition, ...]:
    return tuple(
        Definition(benchmark, part.replace("__", "-"), Fraction(n), note=note)
        for part, n in parts.items()
    )


def _weighted(benchmark: str, note: str, **parts: str) -> tuple[Definition, ...]:
    return tuple(
        Definition(benchmark, part, Fraction(total), HALF, note) for part, total in parts.items()
    )


DEFINITIONS: Final = (
    *_counted(
        "SEED-Bench-2-Plus",
        "The RewardMap paper's column is the part map.",
        overall=2277,
        chart=810,
        map=807,
        web=660,
    ),
    *_counted(
        "SpatialEval",
        "One of the three modalities.",
        overall=4635,
        spatial__map=1500,
        maze__nav=1500,
        spatial__grid=1500,
        spatial__real=135,
    ),
    *_counted("V*", overall=191, direct_attributes=115, relative_position=76),
    *_counted(
        "HRBench4K",
        "200 questions, each asked with its options in four orders.",
        overall=800,
        single=400,
        cross=400,
    ),
    *_counted(
        "HRBench8K",
        "200 questions, each asked with its options in four orders.",
        overall=800,
        single=400,
        cross=400,
    ),
    *_counted("ChartQA", overall=2500, human=1250, augmented=1250),
    *_counted("MMStar", "Over questions; the mean over the 18 leaves differs.", overall=1500)
    + tuple(
        Definition("MMStar", part, Fraction(250))
        for part in (
            *("coarse perception", "fine-grained perception", "instance reasoning"),
            *("logical reasoning", "math", "science & technology"),
        )
    ),
    *_weighted("ReasonMap", "312 questions in each form.", short="576", long="576"),
    *_weighted(
        "ReasonMap-Plus", "1,448 questions.", overall="2212", Counting="1128.5", TorF="1083.5"
    ),
)

_SPELT: Final = {
    "vstar": "V*",
    "vstarbench": "V*",
    "seedbench2": "SEED-Bench-2-Plus",
    "seed2plus": "SEED-Bench-2-Plus",
    "hrbench": "HRBench4K",
    "reasonmapplus": "ReasonMap-Plus",
}


def definitions_of(benchmark: str, part: str | None = None) -> tuple[Definition, ...]:
    """The scores of a benchmark, `overall` (or `short`) first; one of them if a part is named.

    Capitals, blanks and dashes do not matter, and `*` may be written `star`.

    Raises:
        EvalError: If there is no such benchmark or part, naming those there are.
    """
    name = benchmark_named(benchmark)
    found = [one for one in DEFINITIONS if one.benchmark == name]
    if not found:
        names = ", ".join(dict.fromkeys(one.benchmark for one in DEFINITIONS))
        raise EvalError(f"task: found {benchmark!r}, expected one of {names}")
    if part is None:
        return tuple(found)
    chosen = [one for one in found if plain(one.part) == plain(part)]
    if not chosen:
        parts = ", ".join(one.part for one in found)
        raise EvalError(f"part: found {part!r}, expected one of {parts}")
    return tuple(chosen)


def benchmark_named(text: str) -> str | None:
    """The name of the benchmark that is meant; None if none of `DEFINITIONS` is."""
    names = {plain(one.benchmark): one.benchmark for one in DEFINITIONS}
    return {**_SPELT, **names}.get(plain(text))


def plain(name: str) -> str:
    """A name without what is spelt in several ways: `V* Bench` and `vstar-bench` are the same."""
    return "".join(letter for letter in name.lower().replace("*", "star") if letter.isalnum())
