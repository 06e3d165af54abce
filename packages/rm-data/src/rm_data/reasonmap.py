"""The published ReasonMap station lists as network files of our own form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from rm_data.networks import read_all
from rm_data.staging import staged_folder
from rm_rewards.jsonl import dump

SOURCE: Final = "ReasonMap station lists (arXiv 2505.18675), {country}/{city}.json"
LICENCE: Final = "MIT"
"""Of the lists. The published pictures are works of others and are not covered by it."""


def import_lists(
    source: Path,
    out: Path,
    *,
    licence: str = LICENCE,
    done: Callable[[int], object] | None = None,
) -> int:
    """Write `<out>/<country>/<city>.json` for each list under `source`; gives their number.

    Remarks in the names are dropped and lists with a branch are cut (`load_network`). The mark
    "Transfer Station" is lost, so `city_transfer_count` is counted for the files written here.

    Args:
        source: A list, a folder of `<country>/<city>.json`, or a copy of the published repository
            (its folder `stations` is taken).
        out: A folder that is new or empty; it appears when all is written.
        licence: What to write into the field `licence`.
        done: Called after each network with 1.

    Raises:
        RecordError: If a file is no network, or `out` holds files.
        OSError: If a file cannot be read or written.
    """
    inside = source / "stations"
    files = read_all([inside if inside.is_dir() else source])
    with staged_folder(out) as folder:
        for file in files:
            country, city = file.place
            origin = SOURCE.format(country=country, city=city)
            network = replace(file.network, source=origin, licence=licence)
            target = folder / country / f"{city}.json"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(dump(network) + "\n", encoding="utf-8")
            if done is not None:
                done(1)
    return len(files)
