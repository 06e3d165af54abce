"""A fixed order for trainers that read a file without shuffling it, and what they make of it.

Such a trainer cuts the rows into steps of its batch size, whatever stands in them, and most drop
the last step where it is not full. So a border between stages inside a step mixes two stages, and
under a coarse-to-fine order the tail that is dropped is always the hardest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby

from rm_curriculum.adapters.dealing import Dealer
from rm_curriculum.curriculum import Curriculum
from rm_curriculum.errors import CurriculumError
from rm_curriculum.plan import Batch


@dataclass(frozen=True, slots=True)
class Cut:
    """What a trainer makes of an order.

    Attributes:
        steps: How many steps it trains.
        mixed: Numbers of the steps that hold several stages, from 0.
        dropped: Stage of each row that is dropped at the end.
        short: Rows of the last step, where it is not full and not dropped; else 0.
    """

    steps: int
    mixed: tuple[int, ...]
    dropped: tuple[str, ...]
    short: int


def batches(curriculum: Curriculum, size: int, *, fill: bool) -> Iterator[Batch]:
    """All batches of the curriculum; with `fill` every one is of full size.

    Raises:
        CurriculumError: If the schedule reacts to rewards: there is no plan then.
    """
    name = curriculum.schedule.name
    if curriculum.schedule.reactive:
        raise CurriculumError(
            f"schedule {name!r} reacts to what the questions earn, so nothing can be planned "
            "ahead; use it inside the trainer (docs/curriculum.md), or try it out with "
            "`rm-curriculum simulate`"
        )
    if not fill:
        yield from curriculum.batches(size)
        return
    ids = list(chain.from_iterable(curriculum.members(stage) for stage in curriculum.stages))
    dealer = Dealer(curriculum, ids, size, limits=True)
    number = 0
    while (chunk := dealer.deal()) is not None:
        yield Batch(number, chunk.stage, chunk.epoch, chunk.ids)
        number += 1


def cut(stages: Sequence[str], size: int, *, drop_last: bool) -> Cut:
    """Cut an order into steps as a trainer does.

    Args:
        stages: The stage of each row, in order.
        size: Questions a step.
        drop_last: Whether an incomplete last step is dropped.

    Raises:
        CurriculumError: If the size is below 1.
    """
    if size < 1:
        raise CurriculumError(f"batch: found {size!r}, expected 1 or more")
    whole = len(stages) // size * size
    rest = stages[whole:]
    kept = stages[:whole] if drop_last else stages
    steps = [kept[i : i + size] for i in range(0, len(kept), size)]
    return Cut(
        len(steps),
        tuple(number for number, step in enumerate(steps) if len(set(step)) > 1),
        tuple(rest) if drop_last else (),
        0 if drop_last else len(rest),
    )


def findings(stages: Sequence[str], size: int, *, drop_last: bool) -> list[str]:
    """What is wrong with an order for a trainer, a line each; none if nothing is."""
    made = cut(stages, size, drop_last=drop_last)
    found: list[str] = []
    if made.mixed:
        first = made.mixed[0]
        inside = ", ".join(dict.fromkeys(stages[first * size : (first + 1) * size]))
        found.append(
            f"{len(made.mixed)} of {made.steps} steps mix stages; the first is step {first} (rows "
            f"{first * size} to {(first + 1) * size - 1}): {inside}"
        )
    if made.dropped:
        counts = ", ".join(f"{len(list(run))} {name}" for name, run in groupby(made.dropped))
        found.append(
            f"the last {len(made.dropped)} of {len(stages)} rows do not fill a step of {size} and "
            f"are dropped: {counts}"
        )
    return found


def stages_of(made: Iterable[Batch]) -> list[str]:
    """The stage of each row of these batches, one after the other."""
    return [batch.stage for batch in made for _ in batch.ids]
