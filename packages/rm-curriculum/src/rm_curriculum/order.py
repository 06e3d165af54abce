"""Orders and fingerprints made by hashing: no generator to store, no dependence on file order.

An item's place in a shuffle is the rank of hash(seed, epoch, stage, id). The same seed therefore
gives the same order on every machine, Python version and rank, and any epoch can be planned without
having planned the ones before it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence

from rm_curriculum.schedules import Schedule


def shuffled(ids: Iterable[str], *, seed: int, epoch: int, stage: str) -> tuple[str, ...]:
    """The ids in the order of that seed, epoch and stage; the order they come in plays no part."""
    start = hashlib.blake2b(json.dumps([seed, epoch, stage]).encode(), digest_size=16)

    def rank(identity: str) -> tuple[bytes, str]:
        state = start.copy()
        state.update(identity.encode("utf-8", "surrogatepass"))
        return state.digest(), identity

    return tuple(sorted(ids, key=rank))


def dataset_fingerprint(types: Mapping[str, str]) -> str:
    """A hash over all (id, type), whatever their order: 16 hexadecimal digits."""
    return _fingerprint(sorted(types.items()))


def config_fingerprint(schedule: Schedule, seed: int) -> str:
    """A hash over what decides the order apart from the items: stages, types and seed."""
    return _fingerprint([[[s.name, *s.types] for s in schedule.stages], seed])


def _fingerprint(value: Sequence[object]) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:16]
