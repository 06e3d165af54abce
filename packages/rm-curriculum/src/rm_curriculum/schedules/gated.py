"""Stages that open when the one before is learnt: a gate on the accuracy over a window.

Ours, from what users of trainers ask for and reasoning-gym's curricula do (raise the level when a
mean of the last scores passes a threshold). The gate of a stage opens when it has had at least
`min_steps` batches and the mean accuracy of its last `window` reports reaches `threshold`; after
`max_steps` batches it opens in any case, so that no run is stuck. While it goes on, a share `floor`
of the draws goes to the `last_k` stages before (see `replay`): what these still earn is the measure
of forgetting. With `demote`, if the mean of the stage before falls below `threshold - hysteresis`,
the run goes back to it and must pass its gate anew. Between the two bounds nothing happens: the
gate does not flap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import ClassVar, Final

from rm_curriculum.adaptive import Adaptive, Deck
from rm_curriculum.form import count, counts, entry, mapping, numbers
from rm_curriculum.outcome import Report, share_of
from rm_curriculum.policy import Choice, Json, Policy, Pool
from rm_curriculum.replaying import past_item, replays
from rm_curriculum.schedules.rewardmap import STAGES
from rm_curriculum.schedules.schedule import Schedule, Stage, checked


@dataclass(frozen=True, slots=True)
class Gated(Schedule):
    """Stages behind gates. The last stage goes on to the end of the run.

    Attributes:
        threshold: The mean accuracy that opens the gate.
        window: Over how many of the stage's last reports it is taken.
        min_steps: The least number of batches of a stage.
        max_steps: The number of batches after which the gate opens in any case; 0 for never.
        hysteresis: How far below the threshold a past stage may fall.
        demote: Whether the run goes back to a stage that falls further.
        floor: The share of the draws that goes to past stages.
        last_k: How many stages back they may be; 0 for all.
    """

    name: str = "gated"
    stages: tuple[Stage, ...] = STAGES
    threshold: float = 0.7
    window: int = 64
    min_steps: int = 4
    max_steps: int = 200
    hysteresis: float = 0.2
    demote: bool = True
    floor: float = 0.1
    last_k: int = 0

    adaptive: ClassVar[bool] = True
    reactive: ClassVar[bool] = True

    def __post_init__(self) -> None:
        Schedule.__post_init__(self)
        checked(
            self,
            threshold=(0 < self.threshold <= 1, "above 0, at most 1"),
            window=(self.window >= 1, "1 or more reports"),
            min_steps=(self.min_steps >= 0, "0 or more batches"),
            max_steps=(
                self.max_steps == 0 or self.max_steps >= self.min_steps,
                f"0 for never, or at least min_steps, {self.min_steps}",
            ),
            hysteresis=(0 <= self.hysteresis <= self.threshold, f"0 to {self.threshold}"),
            floor=(0 <= self.floor <= 0.9, "0 to 0.9"),
            last_k=(self.last_k >= 0, "0 or more stages"),
        )

    def start(self, pool: Pool) -> Policy:
        """Begin with the first stage."""
        return GatedStages(pool, self)


class GatedStages(Adaptive):
    """Where the gates stand: the stage, its batches and draws, and a window of each stage."""

    def __init__(self, pool: Pool, options: Gated) -> None:
        super().__init__(pool)
        self._options = options
        self._names = pool.stages()
        self._decks = {name: Deck(pool, name, members) for name, members in pool.members.items()}
        self._windows: dict[str, list[float]] = {name: [] for name in self._names}
        self._at, self._steps, self._draws, self._demotions = 0, 0, 0, 0

    def choose(self, first: int, n: int) -> Choice:
        """Move the gates by what was reported; then items of the stage, and of past ones."""
        self._move()
        names = self._names[: self._at]
        past = names[-self._options.last_k :] if self._options.last_k else names
        floor = self._options.floor if past else 0.0
        taken: set[int] = set()
        items: list[int] = []
        for draw, again in enumerate(replays(self._draws, n, floor), first):
            if again:
                items.append(past_item(self.pool, past, draw))
            else:
                items.append(self._decks[self.stage].fresh(taken))
        self._steps += 1
        self._draws += n
        return Choice(self.stage, first // self.size, items)

    def observe(self, reports: Sequence[Report]) -> None:
        """Add the accuracies to the windows of their stages."""
        for _, item, outcome in reports:
            window = self._windows[self._names[self.pool.stage_of[item]]]
            window.append(share_of(outcome))
            del window[: -self._options.window]

    def _move(self) -> None:
        options, before = self._options, self._names[self._at - 1] if self._at else None
        kept = self._mean(before) if before and options.demote else None
        if kept is not None and kept < options.threshold - options.hysteresis:
            self._demotions += 1
            self._enter(self._at - 1)
            return
        reached = self._mean(self.stage)
        learnt = reached is not None and reached >= options.threshold
        overdue = 0 < options.max_steps <= self._steps
        opens = overdue or (learnt and self._steps >= options.min_steps)
        if opens and self._at + 1 < len(self._names):
            self._enter(self._at + 1)

    def _enter(self, at: int) -> None:
        self._at, self._steps, self._draws = at, 0, 0
        self.stage = self._names[at]
        self._windows[self.stage].clear()

    def _mean(self, stage: str) -> float | None:
        window = self._windows[stage]
        return fsum(window) / len(window) if len(window) >= self._options.window else None

    def state(self) -> dict[str, Json]:
        """Stage, batches, draws, demotions; windows and places in the decks by stage."""
        return {
            "at": [self._at, self._steps, self._draws, self._demotions],
            "windows": {name: window.copy() for name, window in self._windows.items()},
            "positions": {name: deck.position for name, deck in self._decks.items()},
        }

    def restore(self, state: Mapping[str, object]) -> None:
        """Take all of it from a state."""
        self._read(state)
        positions = mapping(entry(state, "positions"), "positions")
        for name, deck in self._decks.items():
            deck.position = count(positions, name)

    def carry(self, state: Mapping[str, object], drawn: int) -> int:
        """Keep the gate and the windows; the decks start anew."""
        self._read(state)
        return super().carry(state, drawn)

    def _read(self, state: Mapping[str, object]) -> None:
        at, *others = counts(entry(state, "at"), "at", length=4)
        self._at = min(at, len(self._names) - 1)
        self._steps, self._draws, self._demotions = others
        self.stage = self._names[self._at]
        windows = mapping(entry(state, "windows"), "windows")
        self._windows = {name: numbers(windows.get(name, []), name) for name in self._names}

    def metrics(self) -> dict[str, Json]:
        """The gate: the stage's number, its batches, the mean of each full window, demotions."""
        means = {name: self._mean(name) for name in self._names}
        return {
            "gate": self._at,
            "steps": self._steps,
            "means": {name: mean for name, mean in means.items() if mean is not None},
            "demotions": self._demotions,
        }


GATED: Final = Gated()
