"""DAPO's dynamic sampling (arXiv 2503.14476): a gate that admits only groups with a difference.

A group whose replies are all right or all wrong has no advantage. DAPO throws it out and draws on
until the batch is full. So here: `Curriculum.admits(rewards, accuracy)` says why a group is
rejected, or None; the trainer keeps the admitted ones and asks `next_batch` for as many as are
missing. What is rejected is reported all the same, and counted by reason. The bounds take `low` and
`high` as EasyR1 (0.01, 0.99) and OpenRLHF do.

With `revisit` below 1 an item that was dead z times in a row is asked again with the chance
revisit^z alone, before anything is generated for it (GRESO, arXiv 2506.02177); what is passed over
is counted too. Items come in turn, shuffled.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from rm_curriculum.adaptive import Adaptive, Deck
from rm_curriculum.form import count, entry, mapping
from rm_curriculum.outcome import Outcome, Report, share_of
from rm_curriculum.packing import pack, unpack
from rm_curriculum.policy import Choice, Json, Policy, Pool
from rm_curriculum.schedules.random import ALL
from rm_curriculum.schedules.schedule import Schedule, Stage, checked

_MOST: Final = 255


@dataclass(frozen=True, slots=True)
class Dapo(Schedule):
    """Shuffled epochs behind a gate.

    Attributes:
        low: Groups of this accuracy or less are rejected.
        high: Groups of this accuracy or more are rejected.
        revisit: The chance that an item is asked again after it was dead once; squared after
            twice, and so on. 1 asks all.
    """

    name: str = "dapo"
    stages: tuple[Stage, ...] = (ALL,)
    low: float = 0.0
    high: float = 1.0
    revisit: float = 1.0

    adaptive: ClassVar[bool] = True
    reactive: ClassVar[bool] = True

    def __post_init__(self) -> None:
        Schedule.__post_init__(self)
        checked(
            self,
            stages=(self.takes_all, "one stage for all items"),
            low=(0 <= self.low < 1, "0 to below 1"),
            high=(self.low < self.high <= 1, f"above low, {self.low}, at most 1"),
            revisit=(0 < self.revisit <= 1, "above 0, at most 1"),
        )

    def admits(self, outcome: Outcome) -> str | None:
        """Why the group is rejected: dead-high, dead-low, constant, too-easy, too-hard; or None."""
        share, variance = share_of(outcome), outcome[2]
        if variance == 0.0:
            return "dead-high" if share >= 1 else "dead-low" if share <= 0 else "constant"
        return "too-easy" if share >= self.high else "too-hard" if share <= self.low else None

    def start(self, pool: Pool) -> Policy:
        """Begin with all items alike."""
        return _Gate(pool, self)


class _Gate(Adaptive):
    """A deck, how often each item was dead in a row, and what was rejected why."""

    def __init__(self, pool: Pool, options: Dapo) -> None:
        super().__init__(pool)
        self._options = options
        self._deck = Deck(pool, self.stage, pool.members[self.stage])
        self._dead = array("B", bytes(len(pool.table)))
        self._admitted, self._skipped = 0, 0
        self._rejected: dict[str, int] = {}

    def choose(self, first: int, n: int) -> Choice:
        """The next items that are not passed over; after as many tries as items, any."""
        taken: set[int] = set()
        items = [self._next(draw, taken) for draw in range(first, first + n)]
        return Choice(self.stage, first // self.size, items)

    def _next(self, draw: int, taken: set[int]) -> int:
        revisit = self._options.revisit
        for attempt in range(self.size):
            item = self._deck.fresh(taken)
            times = self._dead[item]
            if not times or revisit == 1.0:
                return item
            if self.pool.words.share(draw, attempt) < revisit**times:
                return item
            self._skipped += 1
        return self._deck.fresh(taken)

    def observe(self, reports: Sequence[Report]) -> None:
        """Count what is rejected, and how often each item was in a row."""
        for _, item, outcome in reports:
            reason = self._options.admits(outcome)
            if reason is None:
                self._admitted += 1
                self._dead[item] = 0
            else:
                self._rejected[reason] = self._rejected.get(reason, 0) + 1
                self._dead[item] = min(_MOST, self._dead[item] + 1)

    def state(self) -> dict[str, Json]:
        """Place in the deck, counts, and the dead of each item."""
        return {
            "position": self._deck.position,
            "admitted": self._admitted,
            "skipped": self._skipped,
            "rejected": dict(sorted(self._rejected.items())),
            "dead": pack(self._dead),
        }

    def restore(self, state: Mapping[str, object]) -> None:
        """Take all of it from a state."""
        size = len(self.pool.table)
        self._dead = unpack(entry(state, "dead"), "B", name="dead", length=size)
        self._deck.position = count(state, "position")
        self._admitted, self._skipped = count(state, "admitted"), count(state, "skipped")
        rejected = mapping(entry(state, "rejected"), "rejected")
        self._rejected = {reason: count(rejected, reason) for reason in rejected}

    def metrics(self) -> dict[str, Json]:
        """How many groups were admitted, rejected by reason, and passed over."""
        return {
            "admitted": self._admitted,
            "rejected": dict(sorted(self._rejected.items())),
            "skipped": self._skipped,
        }


DAPO: Final = Dapo()
