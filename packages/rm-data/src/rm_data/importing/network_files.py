"""Networks from JSON, published station lists or our own form, with their defects repaired."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from rm_data.findings import of_network
from rm_data.findings.of_lists import repeated_lines
from rm_data.importing.fixes import Confirm, Cut, Fixes, Known, PlacedFix
from rm_data.importing.repair import repaired
from rm_data.importing.writing import require_sound
from rm_data.networks import NetworkFile, find_networks, published_lists, read_file
from rm_rewards import Network, RecordError
from rm_rewards.jsonl import read_network


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Where networks come from and what they may be used for; empty: as the network says itself.

    `{place}` in the source stands for `<country>/<city>`.
    """

    source: str = ""
    licence: str = ""

    def over(self, usual: Terms) -> Terms:
        """These terms, and the usual ones for what these leave open."""
        return Terms(source=self.source or usual.source, licence=self.licence or usual.licence)


REASONMAP: Final = Terms(
    source="ReasonMap station lists (arXiv 2505.18675), {place}.json", licence="MIT"
)
"""Of the lists. The published pictures are works of others and are not covered by it."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import has read.

    Attributes:
        networks: The networks, repaired.
        changes: How many fixes were made on them.
        notes: What was left out or is known to be wrong still, one line each.
    """

    networks: tuple[Network, ...]
    changes: int = 0
    notes: tuple[str, ...] = ()


def read_network_files(source: Path, fixes: Fixes, terms: Terms) -> Imported:
    """The networks of a file, or of a folder of `<country>/<city>.json`.

    Remarks in the names are dropped, fixes are made, and lists with a branch that no fix cuts are
    cut at the mark (`load_network`). The mark "Transfer Station" is lost, so
    `city_transfer_count` is counted for the networks made here.

    Args:
        source: A file, a folder of files, or a copy of the published repository (its folder
            `stations` is taken).
        fixes: What to repair; fixes of networks that are not there are passed over.
        terms: What to write into the networks.

    Raises:
        RecordError: If a file is no sound network, a link leads out of the folder, or a fix does
            not apply.
        OSError: If a file cannot be read.
    """
    inside = source / "stations"
    parts = [_read(file, fixes, terms) for file in _own(inside if inside.is_dir() else source)]
    return Imported(
        tuple(network for part in parts for network in part.networks),
        sum(part.changes for part in parts),
        tuple(note for part in parts for note in part.notes),
    )


def _own(source: Path) -> Iterator[Path]:
    """The files of a folder, none of which may be a link that leads out of it."""
    root = source.resolve()
    for file in find_networks([source]):
        if source.is_dir() and not file.resolve().is_relative_to(root):
            expected = f"a file inside {source}; this link leads to {file.resolve()}"
            raise RecordError("SRC", str(file), expected)
        yield file


def _read(path: Path, fixes: Fixes, terms: Terms) -> Imported:
    file = read_file(path)
    for found in repeated_lines(path) if published_lists(path) else ():
        raise RecordError(found.line, "a line twice", "each line once", where=str(path))
    placed = fixes.of("/".join(file.place))
    whole = _with_whole_lists(file, placed)
    return with_fixes(_termed(whole, terms), placed, fixes, str(path))


def _termed(network: Network, terms: Terms) -> Network:
    place = f"{network.country}/{network.city}"
    source = terms.source.replace("{place}", place) or network.source
    return replace(network, source=source, licence=terms.licence or network.licence)


def _with_whole_lists(file: NetworkFile, placed: Sequence[PlacedFix]) -> Network:
    """Lists that a fix cuts come as they are: it knows better than the mark where to cut."""
    cut = {one.fix.line for one in placed if isinstance(one.fix, Cut)}
    whole = {line.name: line for line in read_network(file.path).lines if line.name in cut}
    lines = tuple(whole.get(line.name, line) for line in file.network.lines)
    return replace(file.network, lines=lines)


def with_fixes(network: Network, placed: Sequence[PlacedFix], fixes: Fixes, where: str) -> Imported:
    """One network with its fixes made, checked, and named in its source.

    Raises:
        RecordError: If a fix does not apply, or the network is not sound after them.
    """
    made = repaired(network, placed)
    require_sound(made, where)
    _require_confirmed(made, placed)
    known = [one.fix for one in placed if isinstance(one.fix, Known)]
    changes = sum(not isinstance(one.fix, (Known, Confirm)) for one in placed)
    if changes:
        repairs = f"; with {changes} fixes of {Path(fixes.name).name}"
        made = replace(made, source=made.source + repairs)
    notes = tuple(f"{fix.network}: not repaired: {fix.reason}" for fix in known)
    return Imported((made,), changes, notes)


def _require_confirmed(network: Network, placed: Sequence[PlacedFix]) -> None:
    """What was confirmed must be found, or its fix is out of date."""
    confirmed = [(one.where, one.fix) for one in placed if isinstance(one.fix, Confirm)]
    found = of_network(network) if confirmed else []
    for where, fix in confirmed:
        if not any(fix.covers(one.code, one.line, one.station) for one in found):
            expected = "a code that `validate` reports there; without one this fix can go"
            raise RecordError("code", fix.code, expected, where=where)
