"""How many questions of each type a map gets, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rm_data.difficulty import of_map, transfer_visits
from rm_data.networks import NetworkFile
from rm_rewards import PLANNING, Difficulty, RecordError

PAPER: Final[Mapping[Difficulty, Mapping[str, int]]] = {
    "easy": {"TorF1": 34, "TorF2": 28, "Counting1": 35, "Counting2": 28, "Counting3": 1},
    "middle": {"TorF1": 35, "TorF2": 31, "Counting1": 35, "Counting2": 32, "Counting3": 1},
    "hard": {"TorF1": 35, "TorF2": 34, "Counting1": 35, "Counting2": 37, "Counting3": 1},
}
"""ReasonMap-Plus: the published counts of each type by the grade of the map (1,050 Counting1 of 30
maps and so on; arXiv 2510.02240), divided by its ten maps. Planning adds 40 a map, easy : middle :
hard = 20 : 15 : 5 (arXiv 2505.18675)."""

PAPER_PLANNING: Final = 40
QUOTAS: Final = ("paper",)


def quota(
    name: str | None, file: NetworkFile, per_map: Mapping[str, int] | int | None
) -> Mapping[str, int] | int | None:
    """The numbers for one map; a `per_map` of one's own comes first.

    A map that has fewer gives fewer: a quota is never padded.

    Raises:
        RecordError: For an unknown name.
    """
    if name is None or isinstance(per_map, int):
        return per_map
    if name not in QUOTAS:
        raise RecordError("quota", name, f"one of {', '.join(QUOTAS)}")
    network = file.network
    visits = transfer_visits(network) if file.city_transfers is None else file.city_transfers
    grade = of_map(len(network.lines), visits)
    return {**PAPER[grade], PLANNING: PAPER_PLANNING, **(per_map or {})}
