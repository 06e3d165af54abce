"""The sampler of a trainer that counts its batches and skips those of before when it resumes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, repeat

from rm_curriculum.adapters.dealing import Chunk
from rm_curriculum.adapters.torch_sampler import CurriculumSampler, SamplerState
from rm_curriculum.errors import CurriculumError


class CountedSampler(CurriculumSampler):
    """A `CurriculumSampler` whose batches are told apart by number, for a trainer that knows it.

    The Trainer of transformers takes batches ahead of training on them, keeps no sampler's state,
    and goes over all rows of before when it resumes. So this sampler keeps the batches under way
    until it is told that they are `over`, tells its state for any place among them, and after
    loading gives as many rows to go over as were used before (row 0; no data is read for them).
    """

    _skipped = 0

    def __iter__(self) -> Iterator[int]:
        """The rows to go over, then those that follow."""
        skipped, self._skipped = self._skipped, 0
        return chain(repeat(0, skipped), super().__iter__())

    def chunk(self, number: int) -> Chunk:
        """The batch of that number, counted from 0 at the beginning of the curriculum.

        Raises:
            CurriculumError: If it is not under way.
        """
        place = number - self._over
        if not 0 <= place < len(self._window):
            raise CurriculumError(
                f"batch {number} was not asked for: the trainer took batches {self._over} to "
                f"{self._dealt - 1}; it must take them in their order, each once"
            )
        return self._window[place]

    def over(self, chunks: int) -> None:
        """The first `chunks` batches of the curriculum are over: they need not be kept."""
        while self._over < chunks and self._window:
            self._window.popleft()
            self._over += 1

    def state_after(self, rounds: int, reported: int) -> SamplerState:
        """The state of a run that has used so many rounds over batches, from the beginning.

        Args:
            rounds: How many rounds were used.
            reported: How many batches were reported. One of them whose rounds are not over comes
                again for the rest. Those not reported are in flight, and the curriculum itself
                deals them again; one that does not track its draws is spared that.
        """
        over, part = divmod(rounds, self._rounds)
        kept, told = list(self._window)[over - self._over :], max(0, reported - over)
        again = kept[:told] if self.curriculum.in_flight else kept
        rows = part * self._dealer.size * self._copies
        return self._state(over, rows, [*again, *self._again])

    def load_state_dict(self, state: Mapping[str, object]) -> None:
        """As `CurriculumSampler.load_state_dict`; the rows of before come first, to be dropped."""
        self._load(state)
        self._skipped = self._over * self._chunk_rows + self._yielded

    def _forget(self) -> None:
        """Nothing: `over` tells what is not needed any more."""
