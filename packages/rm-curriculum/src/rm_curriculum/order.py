"""Orders made by hashing: no generator to store, no dependence on file order.

An item's place in a shuffle is the rank of hash(seed, epoch, stage, id). The same seed therefore
gives the same order on every machine, Python version and rank, any epoch can be planned without
having planned the ones before it, and items that are added later do not move the others.
"""

from __future__ import annotations

import hashlib
import json
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
    fresh = hashlib.blake2b(json.dumps([seed, epoch, stage]).encode(), digest_size=16).copy
    ranked: list[tuple[bytes, str, int]] = []
    for member in members:
        state = fresh()
        identity = ids[member]
        state.update(identity.encode("utf-8", "surrogatepass"))
        ranked.append((state.digest(), identity, member))
    ranked.sort()
    return tuple([member for _, _, member in ranked])


def jitter(identity: str, *, seed: int, epoch: int, purpose: str) -> float:
    """A number in [0, 1) that belongs to the item, by hash of seed, epoch, purpose and id."""
    message = json.dumps([seed, epoch, purpose, identity]).encode()
    return int.from_bytes(hashlib.blake2b(message, digest_size=7).digest()) / 2.0**56
