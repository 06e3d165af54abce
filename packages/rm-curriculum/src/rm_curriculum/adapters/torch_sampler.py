"""A curriculum as a sampler of torch: for `DataLoader`, `StatefulDataLoader` and accelerate."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, repeat
from typing import Final, TypedDict, cast

from torch.utils.data import Sampler

from rm_curriculum.adapters.dealing import (
    Chunk,
    Dealer,
    chunk_as_json,
    chunk_from_json,
    whole_number,
)
from rm_curriculum.curriculum import Curriculum
from rm_curriculum.errors import CurriculumError

SCHEMA: Final = "rm-curriculum/sampler-1"


class SamplerState(TypedDict):
    """Where a sampler stands, as JSON values only.

    Attributes:
        schema: Version of this form.
        curriculum: The state of the curriculum.
        chunks: Batches that are over.
        yielded: Rows of the batch under way that were given out.
        again: Batches dealt but not over. They come again, unless the curriculum itself has them in
            flight and deals them again.
    """

    schema: str
    curriculum: Mapping[str, object]
    chunks: int
    yielded: int
    again: list[dict[str, object]]


class CurriculumSampler(Sampler[int]):
    """Gives places in a dataset in the order of a curriculum, which it asks as late as it can.

    Every batch of the loader is one batch of the curriculum, so of one stage; a short one is filled
    up with questions of its stage. Give the loader no `shuffle` and a batch size that times the
    number of processes is `batch`. On several processes make the sampler the same on all of them,
    and report what all of them earned: accelerate gives each process its part.

    The state is that of what the loader has given out. Where you report rewards
    (`curriculum.update`), batches dealt but not reported are dealt again after loading, so a loader
    that runs ahead loses none. Where you do not, say by how many batches the loader runs ahead.

    Args:
        curriculum: Deals the ids.
        ids: The id of each row of the dataset, in the order of its rows.
        batch: Questions a batch, over all processes.
        copies: How often each question comes, one after the other.
        rounds: How often the whole batch comes, one after the other.
        steps: How many batches to give at most; None: all there are.
        ahead: Batches that the loader has taken and not given out when the state is asked for:
            0 with torchdata's StatefulDataLoader, 1 with accelerate. Needed without reports only.
        start: A state to go on from.

    Raises:
        CurriculumError: If an id is missing or repeats, or the curriculum deals fewer than `steps`;
            when asked for rows, if its schedule changes the number of replies.

    Example:
        >>> plan = Curriculum([{"id": "a", "type": "planning"}, {"id": "b", "type": "TorF1"}])
        >>> list(CurriculumSampler(plan, ["a", "b"], batch=1, copies=2))
        [1, 1, 0, 0]
    """

    def __init__(
        self,
        curriculum: Curriculum,
        ids: Sequence[str],
        *,
        batch: int,
        copies: int = 1,
        rounds: int = 1,
        steps: int | None = None,
        ahead: int = 0,
        start: Mapping[str, object] | None = None,
    ) -> None:
        self.curriculum = curriculum
        self._dealer = Dealer(curriculum, ids, batch)
        self._copies, self._rounds, self._ahead = copies, rounds, ahead
        self._over: int = 0
        self._window: deque[Chunk] = deque()
        self._again: deque[Chunk] = deque()
        self._yielded: int = 0
        if start is not None:
            self.load_state_dict(start)
        whole = self._over + len(self._again) + self._dealer.remaining()
        if steps is not None and steps > whole and not curriculum.schedule.adaptive:
            raise CurriculumError(
                f"steps: found {steps}, but the curriculum deals {whole} batches of {batch}; "
                "raise its epochs"
            )
        self._steps, self._total = steps, whole if steps is None else steps

    def __len__(self) -> int:
        """Rows over the whole curriculum, also those given out before a state was loaded."""
        return self._total * self._chunk_rows

    def __iter__(self) -> Iterator[int]:
        """From where it stands: what an iteration that was given up had not given out comes now."""
        self._resume()
        while self._steps is None or self._dealt < self._steps:
            chunk = self._again.popleft() if self._again else self._dealer.deal()
            if chunk is None:
                return
            self._window.append(chunk)
            self._forget()
            first, self._yielded = self._yielded % self._chunk_rows, 0
            for place, row in enumerate(islice(self._laid_out(chunk), first, None), first + 1):
                self._yielded = place
                yield row

    def state_dict(self) -> SamplerState:
        """Where the next iteration would begin, if it were not for what the loader is ahead."""
        part = self._yielded % self._chunk_rows
        behind = self._ahead + (part > 0)
        under_way = list(self._window)[-behind:] if behind else []
        rows = 0 if self._ahead else part
        return self._state(self._dealt - len(under_way), rows, [*under_way, *self._again])

    def load_state_dict(self, state: Mapping[str, object]) -> None:
        """Go on from a state: the next iteration begins with what would have followed.

        Raises:
            CurriculumError: If the state is none, or of another curriculum.
        """
        self._load(state)
        if self.curriculum.in_flight:  # it deals again what was not reported: then we must not
            returned = -(-self.curriculum.in_flight // self._dealer.size)
            self._over = max(0, self._over + len(self._again) - returned)
            self._again, self._yielded = deque(), 0

    def _load(self, state: Mapping[str, object]) -> None:
        if state.get("schema") != SCHEMA:
            raise CurriculumError(
                f"sampler state: schema: found {state.get('schema')!r}, expected {SCHEMA!r}"
            )
        over, yielded = whole_number(state, "chunks"), whole_number(state, "yielded")
        again = deque(map(chunk_from_json, cast("list[object]", state.get("again") or [])))
        self.curriculum.load_state_dict(cast("Mapping[str, object]", state.get("curriculum") or {}))
        self._over, self._yielded, self._again, self._window = over, yielded, again, deque()

    @property
    def _chunk_rows(self) -> int:
        return self._dealer.size * self._copies * self._rounds

    @property
    def _dealt(self) -> int:
        return self._over + len(self._window)

    def _resume(self) -> None:
        """Put a batch that was given out in part back in front."""
        if self._yielded % self._chunk_rows and self._window:
            self._again.appendleft(self._window.pop())

    def _forget(self) -> None:
        """Keep no batch longer than the state may need it."""
        while len(self._window) > self._ahead + 1:
            self._window.popleft()
            self._over += 1

    def _state(self, chunks: int, yielded: int, again: Sequence[Chunk]) -> SamplerState:
        return SamplerState(
            schema=SCHEMA,
            curriculum=cast("Mapping[str, object]", self.curriculum.state_dict()),
            chunks=chunks,
            yielded=yielded,
            again=[chunk_as_json(chunk) for chunk in again],
        )

    def _laid_out(self, chunk: Chunk) -> Iterator[int]:
        rows = self._dealer.rows(chunk)
        for _ in range(self._rounds):
            for row in rows:
                yield from repeat(row, self._copies)
