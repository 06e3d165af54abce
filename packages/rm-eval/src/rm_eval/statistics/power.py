"""What a comparison could have seen at all."""

from __future__ import annotations

from rm_eval.intervals import mcnemar


def least_net_change(changed: int, *, alpha: float = 0.05) -> int | None:
    """The least gained minus lost that McNemar's exact test calls significant.

    Args:
        changed: How many questions only one of the two runs has right.
        alpha: The level.

    Returns:
        The least such difference, or None where even an all-gained change is none: below six
        changed questions at 5 %.

    Example:
        >>> least_net_change(5), least_net_change(6), least_net_change(100)
        (None, 6, 22)
    """
    if mcnemar(changed, 0) >= alpha:
        return None
    low, high = 0, changed // 2  # lost: significant at 0, perhaps no longer at `high`
    while low < high:
        lost = (low + high + 1) // 2
        low, high = (lost, high) if mcnemar(changed - lost, lost) < alpha else (low, lost - 1)
    return changed - 2 * low
