"""What is wrong, or doubtful, in a network file, as far as the file alone can tell.

Not detectable: a list that differs from its picture, and a loop or a branch that neither another
line nor a position gives away.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from rm_data.findings.finding import CODES, Finding
from rm_data.findings.of_lines import of_coverage, of_graph, of_paths
from rm_data.findings.of_lists import of_lists, repeated_lines
from rm_data.findings.of_names import of_names
from rm_data.findings.of_shape import of_shape
from rm_data.networks import published_lists, read_file
from rm_rewards import Network

__all__ = ["CODES", "Finding", "of_network", "validate"]


def validate(path: Path | str) -> list[Finding]:
    """The findings of one network file, those of its lines first.

    Raises:
        RecordError: If the file is no network.
        OSError: If the file cannot be opened.
    """
    file = read_file(path)
    lists = published_lists(file.path)
    if lists is None:
        found = of_network(file.network)
    else:
        found = [*repeated_lines(file.path), *of_lists(lists), *_of_any(file.network)]
    return [replace(one, file=str(path)) for one in found]


def of_network(network: Network) -> list[Finding]:
    """The findings of a network in memory; their field `file` is empty."""
    return [*of_paths(network), *_of_any(network)]


def _of_any(network: Network) -> Iterator[Finding]:
    yield from of_shape(network)
    yield from of_coverage(network)
    yield from of_graph(network)
    yield from of_names(network)
