"""Networks as files: all of them appear, or none."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from rm_data.importing.station_lists import to_station_lists
from rm_data.staging import staged_folder
from rm_rewards import Network, RecordError
from rm_rewards.jsonl import dump


def write_networks(networks: Iterable[Network], out: Path, *, as_lists: bool = False) -> int:
    """Write `<out>/<country>/<city>.json` for each network; gives their number.

    Args:
        networks: The networks; country and city name the files.
        out: A folder that is new or empty; it appears when all is written.
        as_lists: Write the published form `{line: [station, ...]}` in place of our own.

    Raises:
        RecordError: If `out` holds files, two networks have one name, or a network cannot be told
            in the published form.
        OSError: If a file cannot be written.
    """
    count = 0
    with staged_folder(out) as folder:
        for network in networks:
            target = folder / network.country / f"{network.city}.json"
            if target.exists():
                raise RecordError("city", f"{network.country}/{network.city}", "each city once")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(_text(network, as_lists), encoding="utf-8")
            count += 1
    return count


def _text(network: Network, as_lists: bool) -> str:
    if not as_lists:
        return dump(network) + "\n"
    return json.dumps(to_station_lists(network), ensure_ascii=False, indent=2) + "\n"


def require_sound(network: Network, where: str) -> None:
    """Refuse what no network has: lines without a way to ride, names that cannot be read.

    Raises:
        RecordError: Naming line or station.
    """
    for line in network.lines:
        stops = network.stops_of(line.name)
        if len(stops) < 2:
            expected = "two stations or more; a fix of the kind `drop` leaves a line out"
            found = sorted(network.names[stop] for stop in stops)
            raise RecordError(f"lines[{line.name!r}]", found, expected, where=where)
    names = [*network.names.values(), *(line.name for line in network.lines)]
    for name, times in Counter(names).items():
        if not name.strip() or any(ord(letter) < 32 or ord(letter) == 127 for letter in name):
            raise RecordError(
                "name", name, f"a name to be read; it stands {times} times", where=where
            )
