"""What the training has cost on held-out questions: before against after, type by type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rm_eval import holm
from rm_train.measured import Measured, changed, share, types_in
from rm_train.watchdog.alarm import Alarm, alarm_of
from rm_train.watchdog.reading import Reading

_P: Final = 0.01
_LEAST: Final = 0.05


def held_out_alarms(step: int, before: Measured, after: Measured) -> Iterator[Alarm]:
    """An alarm for each question type, and for all together, that lost accuracy beyond chance.

    0.05 or more, and p below 0.01 by McNemar's exact test on the questions that changed, after
    Holm's correction for the number of tests.

    Args:
        step: The last step of the training.
        before: Greedy replies of the model at the start.
        after: Those of the trained model, to the same questions.
    """
    kinds: list[str | None] = [*types_in([before]), None]
    counts = {kind: changed(before, after, kind) for kind in kinds}
    corrected = dict(zip(kinds, holm([p for _, _, p in counts.values()]), strict=True))
    for kind, (gained, lost, _) in counts.items():
        old, new = share(before, kind).accuracy, share(after, kind).accuracy
        if old - new < _LEAST or corrected[kind] >= _P:
            continue
        reading = Reading(
            code="forgetting-held-out",
            subject=kind or "",
            on=True,
            off=False,
            found=f"held-out accuracy of {kind or 'all types together'} was {old:.3g} before the "
            f"training and is {new:.3g} after it ({gained} questions gained, {lost} lost, p "
            f"{corrected[kind]:.2g})",
            values={"before": old, "after": new, "p": corrected[kind]},
        )
        yield alarm_of(step, reading)
