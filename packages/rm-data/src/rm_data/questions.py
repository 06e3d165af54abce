"""Questions about a map, with their truth from its graph alone."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from rm_data import counting, judgements
from rm_data.kinds.registry import Maker, kinds
from rm_data.planning import ANY_TRANSFERS, plan, planning_forms
from rm_data.sheet import Report, Sheet, Shortfall, sheet_of
from rm_rewards import PLANNING, QUESTION_TYPES, Network, Question, RecordError

PER_MAP: Final[Mapping[str, int]] = {
    "TorF1": 35,
    "TorF2": 35,
    "Counting1": 35,
    "Counting2": 35,
    "Counting3": 1,
    PLANNING: 40,
}
"""Questions of each type for one map, about as many as the published sets have."""

_MAKERS: Final[Mapping[str, Maker]] = {
    "TorF1": judgements.same_line,
    "TorF2": judgements.on_line,
    "Counting1": counting.stops_between,
    "Counting2": counting.lines_through,
    "Counting3": counting.lines_in_total,
}


def ask(
    network: Network,
    types: str | Iterable[str] = "all",
    seed: int = 0,
    *,
    per_map: Mapping[str, int] | int | None = None,
    transfers: tuple[int, int] | None = None,
    planning: str = "short",
    figure: str | None = None,
    network_path: str | None = None,
    city_transfers: int | None = None,
    report: Report | None = None,
) -> Iterator[Question]:
    """Questions about `network`, type by type; the same arguments give the same questions.

    The truth comes from the graph alone. Pairs whose truth is open to dispute (two ways round a
    loop, a connection that is not known, a station with two spellings) are not asked about.

    Args:
        network: The map.
        types: `"all"` for the published six (`QUESTION_TYPES`), or the names of some types, of
            `rm_data.kinds` as well; a text may list them with commas. They come in a fixed order,
            and a type's questions do not depend on the others.
        seed: The seed.
        per_map: How many of each type; types that are left out keep their number in `PER_MAP`. One
            number stands for every type. A map has one Counting3 at the most.
        transfers: Fewest and most transfers of the planning questions.
        planning: What these ask for: a key of `rm_data.planning.PLANNING_FORMS`.
        figure: Path of the picture, as it shall stand in the questions.
        network_path: Path of the network file, as it shall stand in the questions.
        city_transfers: `city_transfer_count`, where it was read from published lists; otherwise
            it is counted (`rm_data.difficulty.transfer_visits`).
        report: Called for each type, and each difficulty of planning, of which the map gives fewer
            questions than wanted. By default these are logged at the level INFO.

    Raises:
        RecordError: For an unknown type, a negative number, or a range that is none.
    """
    chosen = chosen_types(types)
    counts = counts_of(per_map)
    span = _span(transfers)
    planning_forms(planning)
    sheet = sheet_of(network, figure=figure, network_path=network_path, transfers=city_transfers)
    return _asked(
        sheet,
        chosen,
        counts,
        lambda: plan(sheet, counts[PLANNING], seed, span, report or _log, planning),
        seed,
        report or _log,
    )


def _asked(
    sheet: Sheet,
    chosen: tuple[str, ...],
    counts: Mapping[str, int],
    planned: Callable[[], Iterator[Question]],
    seed: int,
    report: Report,
) -> Iterator[Question]:
    for kind in chosen:
        if kind == PLANNING:
            yield from planned()
            continue
        maker = _MAKERS[kind] if kind in _MAKERS else kinds()[kind].ask
        made = 0
        for question in maker(sheet, counts[kind], seed):
            made += 1
            yield question
        if made < counts[kind]:
            city = sheet.columns["city"]
            report(Shortfall(city=city, type=kind, wanted=counts[kind], made=made))


def _log(shortfall: Shortfall) -> None:
    logging.getLogger(__name__).info("%s", shortfall)


def chosen_types(types: str | Iterable[str]) -> tuple[str, ...]:
    """The types in the order of `QUESTION_TYPES`, those of `rm_data.kinds` behind them.

    Raises:
        RecordError: For a type that cannot be made, or none.
    """
    if types == "all":
        return QUESTION_TYPES
    wanted = [part.strip() for part in types.split(",")] if isinstance(types, str) else list(types)
    for kind in wanted:
        _known_type("types", kind)
    if not wanted:
        raise RecordError("types", wanted, "at least one type")
    return tuple(kind for kind in (*QUESTION_TYPES, *kinds()) if kind in wanted)


def counts_of(per_map: Mapping[str, int] | int | None) -> dict[str, int]:
    """The number of questions of every type.

    Raises:
        RecordError: For an unknown type or a negative number.
    """
    usual = {**PER_MAP, **{name: kind.per_map for name, kind in kinds().items()}}
    if isinstance(per_map, int):
        given = {kind: per_map if kind != "Counting3" else min(per_map, 1) for kind in usual}
    else:
        given = {**usual, **(per_map or {})}
    for kind, count in given.items():
        _known_type("per_map", kind)
        if count < 0:
            raise RecordError(f"per_map[{kind!r}]", count, "a number that is not negative")
    return given


def _known_type(field: str, kind: str) -> None:
    if kind not in PER_MAP and kind not in kinds():
        names = (*QUESTION_TYPES, *kinds())
        raise RecordError(field, kind, f"one of {', '.join(names)}, or all")


def _span(transfers: tuple[int, int] | None) -> tuple[int, int]:
    low, high = transfers or ANY_TRANSFERS
    if low < 0 or high < low:
        raise RecordError("transfers", transfers, "(fewest, most), not negative and in that order")
    return low, high
