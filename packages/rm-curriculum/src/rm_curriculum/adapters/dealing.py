"""Batches of full size out of a curriculum, as places in a dataset; no torch in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import islice
from typing import TypedDict, cast

from rm_curriculum.curriculum import Curriculum
from rm_curriculum.errors import CurriculumError


@dataclass(frozen=True, slots=True)
class Chunk:
    """A batch as it is asked: all of one stage, always of full size.

    Attributes:
        stage: Its stage.
        epoch: Its epoch, from 0.
        ids: What to ask; those beyond `draws` are fillers, which the stage asks besides its plan.
        draws: Names each planned asking, for `Curriculum.update`; fillers are not reported.
    """

    stage: str
    epoch: int
    ids: tuple[str, ...]
    draws: tuple[str, ...]


class Dealer:
    """Deals chunks of `size` ids, and knows where each id stands in a dataset.

    Where the curriculum deals fewer, at the end of a stage, questions of the same stage fill the
    batch up: which ones is a function of the batch alone. So no question is dropped and no batch
    mixes stages, whatever the trainer does with incomplete batches.

    Args:
        curriculum: Deals the ids.
        ids: The id of each row of the dataset.
        size: Questions a chunk.
        limits: Whether a schedule may change the number of replies, which is then lost.

    Raises:
        CurriculumError: If an id stands in the dataset twice, or one of the curriculum's items is
            not in the dataset.
    """

    def __init__(
        self, curriculum: Curriculum, ids: Sequence[str], size: int, *, limits: bool = False
    ) -> None:
        if size < 1:
            raise CurriculumError(f"batch: found {size!r}, expected 1 or more")
        self.curriculum = curriculum
        self.size = size
        self._limits = limits
        self._places = _places(ids)
        for stage in curriculum.stages:
            for one in curriculum.members(stage):
                if one not in self._places:
                    raise CurriculumError(
                        f"item {one!r} is not among the {len(ids)} rows of the dataset; give the "
                        "curriculum the questions that the dataset holds",
                        item=one,
                    )

    def deal(self) -> Chunk | None:
        """The next chunk, or None at the end of the curriculum."""
        while not self.curriculum.done:
            deal = self.curriculum.deal(self.size)
            if deal.limits is not None and not self._limits:
                raise CurriculumError(
                    f"schedule {self.curriculum.schedule.name!r} changes the number of replies and "
                    "their length as it goes, which a data loader cannot do: run one trainer a "
                    "stage, each with its own settings"
                )
            if deal.ids:
                return self._filled(Chunk(deal.stage, deal.epoch, deal.ids, deal.draws))
        return None

    def rows(self, chunk: Chunk) -> tuple[int, ...]:
        """Where its ids stand in the dataset."""
        return tuple(self._places[one] for one in chunk.ids)

    def remaining(self) -> int:
        """How many chunks are left; with a schedule that reacts to rewards, at least so many."""
        curriculum = self.curriculum
        if curriculum.schedule.adaptive:
            return -(-(curriculum.total - curriculum.drawn) // self.size)
        return sum(1 for _ in curriculum.shard(0, 1).batches(self.size))

    def _filled(self, chunk: Chunk) -> Chunk:
        missing = self.size - len(chunk.ids)
        if missing == 0:
            return chunk
        fillers = tuple(islice(self._stage_mates(chunk), missing))
        return replace(chunk, ids=(*chunk.ids, *fillers))

    def _stage_mates(self, chunk: Chunk) -> Iterator[str]:
        """Others of the stage from a place that the batch decides, and again from there on."""
        members = self.curriculum.members(self.curriculum.stage_of(chunk.ids[0]))
        others = [one for one in members if one not in chunk.ids] or list(chunk.ids)
        key = blake2b(chunk.draws[0].encode(), digest_size=8).digest()
        start = int.from_bytes(key, "big") % len(others)
        while True:
            yield from others[start:]
            yield from others[:start]


class _Saved(TypedDict):
    stage: str
    epoch: int
    ids: list[str]
    draws: list[str]


def chunk_as_json(chunk: Chunk) -> dict[str, object]:
    """As JSON; `chunk_from_json` reads it."""
    ids, draws = list(chunk.ids), list(chunk.draws)
    return {**_Saved(stage=chunk.stage, epoch=chunk.epoch, ids=ids, draws=draws)}


def chunk_from_json(value: object) -> Chunk:
    """The chunk that `chunk_as_json` gave.

    Raises:
        CurriculumError: If the value is none.
    """
    try:
        found = cast("_Saved", value)
        ids, draws = tuple(map(str, found["ids"])), tuple(map(str, found["draws"]))
        return Chunk(str(found["stage"]), int(found["epoch"]), ids, draws)
    except (KeyError, TypeError, ValueError):
        raise CurriculumError(
            f"sampler state: found the batch {value!r}, expected its ids"
        ) from None


def whole_number(state: Mapping[str, object], key: str) -> int:
    """That entry of a state.

    Raises:
        CurriculumError: If it is not a number from 0.
    """
    value = state.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise CurriculumError(f"sampler state: {key}: found {value!r}, expected a number from 0")
    return value


def _places(ids: Sequence[str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, one in enumerate(ids):
        if one in places:
            raise CurriculumError(
                f"dataset rows {places[one]} and {place} have the same id {one!r}, expected each "
                "id once",
                item=one,
            )
        places[one] = place
    return places
