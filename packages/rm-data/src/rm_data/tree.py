"""The ways from one station to all others of a line that has no loop."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeAlias

Tree: TypeAlias = Mapping[str, str]
"""The station before each station on the way from the root; the nearer stations come first."""


def tree_from(near: Mapping[str, Collection[str]], root: str) -> Tree:
    """The tree of the ways from `root`, without the root itself."""
    before: dict[str, str] = {}
    here = [root]
    while here:
        behind: list[str] = []
        for stop in here:
            for there in near[stop]:
                if there != root and there not in before:
                    before[there] = stop
                    behind.append(there)
        here = behind
    return before


def way_in(tree: Tree, root: str, end: str) -> tuple[str, ...]:
    """The stations from `root` to `end`, both included; empty if the tree does not reach it."""
    if end not in tree:
        return ()
    way = [end]
    while way[-1] != root:
        way.append(tree[way[-1]])
    return tuple(way[::-1])
