"""Do the groups of replies suit the batch and the processes?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rm_train.doctor.finding import Finding

_SMALL: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """How the replies of a step lie on the processes.

    Attributes:
        prompts: Questions in a step, over all processes.
        group: Replies to each question.
        world: Processes that train together.
        whole: Names of the methods that need each group whole on one process.
    """

    prompts: int
    group: int
    world: int = 1
    whole: tuple[str, ...] = ()


def group_findings(batch: Batch) -> Iterator[Finding]:
    """Sizes that cannot be cut, groups that are split, groups too small to compare."""
    replies = batch.prompts * batch.group
    if batch.group < 2:
        yield Finding(
            level="error",
            code="group-size",
            found=f"num_generations is {batch.group}",
            effect="a reply that is compared with itself alone has the advantage 0: nothing is "
            "learned",
            way_out="set num_generations to 8 (paper), 4 at least",
        )
    elif batch.group < _SMALL:
        yield Finding(
            level="warning",
            code="group-size",
            found=f"num_generations is {batch.group}",
            effect="most groups are all right or all wrong and teach nothing",
            way_out="set num_generations to 8 (paper), 4 at least",
        )
    if batch.prompts == 1:
        yield Finding(
            level="warning",
            code="batch-size",
            found="prompts_per_step is 1",
            effect="each step follows one question alone, and a dead group is a lost step",
            way_out="set prompts_per_step to 16 (paper)",
        )
    if replies % batch.world:
        yield Finding(
            level="error",
            code="batch-division",
            found=f"{replies} replies in a step on {batch.world} processes",
            effect="the step cannot be cut into equal parts",
            way_out=f"make prompts_per_step x num_generations a multiple of {batch.world}",
        )
    elif (replies // batch.world) % batch.group:
        yield from _split(batch)


def _split(batch: Batch) -> Iterator[Finding]:
    found = (
        f"{batch.prompts * batch.group // batch.world} replies on each of {batch.world} processes, "
        f"groups of {batch.group}: some groups lie on two processes"
    )
    way_out = f"make prompts_per_step ({batch.prompts}) a multiple of {batch.world}"
    if batch.whole:
        yield Finding(
            level="error",
            code="split-groups",
            found=found,
            effect=f"{', '.join(batch.whole)} would compare parts of groups",
            way_out=way_out,
        )
        return
    yield Finding(
        level="note",
        code="split-groups",
        found=found,
        effect="advantages are right all the same, since rewards are gathered first",
        way_out=way_out,
    )
