"""The published ReasonMap station lists as network files of our own form."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from rm_data.importing.fixes import SHIPPED, Fixes, read_fixes
from rm_data.importing.network_files import REASONMAP, Imported, read_network_files
from rm_data.importing.writing import write_networks


def import_lists(
    source: Path,
    out: Path,
    *,
    fixes: Fixes | None = None,
    licence: str = REASONMAP.licence,
    as_lists: bool = False,
) -> Imported:
    """Write `<out>/<country>/<city>.json` for each list under `source`.

    Args:
        source: A list, a folder of `<country>/<city>.json`, or a copy of the published repository.
        out: A folder that is new or empty; it appears when all is written.
        fixes: What to repair; without, what is known of the published lists.
        licence: What to write into the field `licence`.
        as_lists: Write the published form, repaired, in place of our own.

    Raises:
        RecordError: If a file is no sound network, a fix does not apply, or `out` holds files.
        OSError: If a file cannot be read or written.
    """
    repair = read_fixes(SHIPPED) if fixes is None else fixes
    made = read_network_files(source, repair, replace(REASONMAP, licence=licence))
    write_networks(made.networks, out, as_lists=as_lists)
    return made
