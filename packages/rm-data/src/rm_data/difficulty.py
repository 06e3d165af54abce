"""Grades of maps and questions.

ReasonMap graded its maps by hand "from the number of lines and transfers"; the rule here is ours,
and agrees with the grades that can be worked out from the published sizes of its test set. The
grade of a question is the published one: the transfers of the reference route.
"""

from __future__ import annotations

from typing import Final

from rm_rewards import Difficulty, Network

QUOTA: Final[dict[Difficulty, int]] = {"easy": 20, "middle": 15, "hard": 5}
"""Planning questions of a map by their difficulty, of 40, as published."""

_FEW_LINES: Final = 3
_MANY_LINES: Final = 6
_MANY_TRANSFERS: Final = 25


def of_map(lines: int, transfer_visits: int) -> Difficulty:
    """Up to 3 lines easy; 4 or 5 middle; from 7 hard; 6 lines hard with 25 transfer visits or more.

    Args:
        lines: `city_line_count`.
        transfer_visits: `city_transfer_count`; see `transfer_visits`.
    """
    if lines <= _FEW_LINES:
        return "easy"
    if lines < _MANY_LINES or (lines == _MANY_LINES and transfer_visits < _MANY_TRANSFERS):
        return "middle"
    return "hard"


def of_route(transfers: int) -> Difficulty:
    """0 transfers easy, 1 middle, 2 and more hard."""
    return "easy" if transfers == 0 else "middle" if transfers == 1 else "hard"


def transfer_visits(network: Network) -> int:
    """The entries of the lines' lists that are interchanges: a station on 3 lines counts 3 times.

    The published `city_transfer_count` counts entries in this way (those that carry the remark
    "Transfer Station"), not stations: Singapore's 53 are 26 stations.
    """
    return sum(len(network.lines_at[stop]) for stop in network.interchanges)


def shares(count: int, allowed: set[Difficulty]) -> dict[Difficulty, int]:
    """`count` divided among the allowed difficulties as 20 : 15 : 5, by the largest remainder."""
    weights: dict[Difficulty, int] = {g: weight for g, weight in QUOTA.items() if g in allowed}
    total = sum(weights.values())
    exact: dict[Difficulty, float] = {
        grade: count * weight / total for grade, weight in weights.items()
    }
    whole: dict[Difficulty, int] = {grade: int(share) for grade, share in exact.items()}
    left = count - sum(whole.values())
    for grade in sorted(weights, key=lambda grade: whole[grade] - exact[grade])[:left]:
        whole[grade] += 1
    return whole
