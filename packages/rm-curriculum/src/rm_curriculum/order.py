"""Orders made by hashing: no generator to store, no dependence on file order.

An item's place in a shuffle is the rank of hash(seed, epoch, stage, id). The same seed therefore
gives the same order on every machine, Python version and rank, any epoch can be planned without
having planned the ones before it, and items that are added later do not move the others.
"""

from __future__ import annotations

import hashlib
import json
import sys
from array import array
from collections.abc import Iterable, Sequence


def shuffled(
    members: Iterable[int], ids: Sequence[str], *, seed: int, epoch: int, stage: str
) -> tuple[int, ...]:
    """The items in the order of that seed, epoch and stage; the order they come in plays no part.

    Args:
        members: Indices into `ids`.
        ids: The ids of all items.
        seed: Of the run.
        epoch: From 0.
        stage: Its name.
    """
    begin, blake2b = json.dumps([seed, epoch, stage]).encode(), hashlib.blake2b
    ranked: list[tuple[bytes, str, int]] = []
    for member in members:
        identity = ids[member]
        text = identity.encode("utf-8", "surrogatepass")
        ranked.append((blake2b(begin + text, digest_size=16).digest(), identity, member))
    ranked.sort()
    return tuple([member for _, _, member in ranked])


def mixed(members: Sequence[int], *, seed: int, epoch: int, stage: str) -> tuple[int, ...]:
    """The items in an order of that seed, epoch and stage; several times as fast as `shuffled`.

    It depends on the places of the members too, so that one more moves them all.

    Args:
        members: Ascending.
        seed: Of the run.
        epoch: From 0.
        stage: Its name.
    """
    key = json.dumps([seed, epoch, stage, "mixed"]).encode()
    ranks = array("Q", hashlib.shake_128(key).digest(8 * len(members)))
    if sys.byteorder == "big":
        ranks.byteswap()
    return tuple([members[place] for place in sorted(range(len(members)), key=ranks.__getitem__)])


def jitter(identity: str, *, seed: int, epoch: int, purpose: str) -> float:
    """A number in [0, 1) that belongs to the item, by hash of seed, epoch, purpose and id."""
    message = json.dumps([seed, epoch, purpose, identity]).encode()
    return int.from_bytes(hashlib.blake2b(message, digest_size=7).digest()) / 2.0**56
