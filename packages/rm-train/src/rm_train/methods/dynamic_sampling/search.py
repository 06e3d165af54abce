"""The search of one step for live groups: rounds of further questions."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, cast

import torch
from torch import Tensor, nan_to_num

from rm_train.methods.dynamic_sampling.joining import items_in, joined
from rm_train.methods.dynamic_sampling.reserve import Reserve, Unit
from rm_train.methods.method import Generate, Rows
from rm_train.methods.rollouts import Rollouts

if TYPE_CHECKING:
    from rm_train.trainer import MapTrainer

_EQUAL: Final = 1e-6
"""Rewards that are no farther apart are equal."""


def dead_units(made: Rollouts, side: int) -> Tensor:
    """Which units of all processes earned the same with each of their replies, (units,)."""
    rewards = made.rewards.view(-1, made.group * side)
    most = nan_to_num(rewards, nan=-torch.inf).amax(dim=1)
    least = nan_to_num(rewards, nan=torch.inf).amin(dim=1)
    return ~(most - least > _EQUAL)


class Search:
    """The generations of one step, and which of them each place of the batch is taken from.

    Every process goes through as many rounds with as many questions: it has to, since replies are
    gathered. What one process finds live it keeps; picture tensors never travel.

    Args:
        made: The replies to the step's own questions.
        reserve: Where others come from.

    Attributes:
        wanted: How many units the next round asks on each process; 0 if nothing is dead any more.
    """

    def __init__(self, made: Rollouts, reserve: Reserve) -> None:
        self._parts = [made]
        self._reserve = reserve
        self._trainer = made.trainer
        self._size = made.group * reserve.side
        self._stage: str = made.gather_objects([made.rows[0]["stage"]])[0]
        self._units = len(made.rows) // self._size
        self._from = [(0, unit) for unit in range(self._units)]
        self._dead = dead_units(made, reserve.side)
        self._empty = [i for i, dead in enumerate(self._own(self._dead, self._units)) if dead]
        self._asked: set[Unit] = set(made.gather_objects(self._own_units(made.rows)))
        self._extra = 0
        self.wanted = self._most()

    def tell_before(self) -> None:
        """Tell how many groups are dead, and of what."""
        made = self._parts[0]
        right = made.correct.view(-1, self._size).amin(dim=1) > 0
        made.tell("method/dead_before", float(self._dead.float().mean()))
        made.tell("method/all_right", float((self._dead & right).float().mean()))
        made.tell("method/all_wrong", float((self._dead & ~right).float().mean()))

    def ask(self, number: int, generate: Generate) -> None:
        """One round: every process asks as much as the one that lacks most."""
        trainer, count = self._trainer, self.wanted
        accelerator = trainer.accelerator
        key = f"dynamic-sampling/{trainer.args.seed}/{trainer.state.global_step}/{number}"
        drawn = self._reserve.drawn(
            self._stage, self._asked, count * accelerator.num_processes, key
        )
        self._asked.update(drawn)
        self._extra += len(drawn) * self._reserve.side
        first = accelerator.process_index * count
        group = self._parts[0].group
        rows = [
            row
            for unit in drawn[first : first + count]
            for row in self._reserve.rows(self._stage, unit, group)
        ]
        with _unlogged(trainer):
            made = generate(rows)
        self._parts.append(made)
        for unit, dead in enumerate(self._own(dead_units(made, self._reserve.side), count)):
            if not dead and self._empty:
                self._from[self._empty.pop(0)] = (len(self._parts) - 1, unit)
        self.wanted = self._most()

    def result(self) -> Rollouts:
        """The replies to learn from: the very first ones, if nothing was replaced."""
        first = self._parts[0]
        replaced = int(first.gather(self._number(sum(part > 0 for part, _ in self._from))).sum())
        first.tell("method/resampled", replaced)
        first.tell("method/extra_prompts", self._extra)
        return self._joined() if replaced else first

    def _joined(self) -> Rollouts:
        first, parts = self._parts[0], self._parts
        choice = [
            (part, unit * self._size + i) for part, unit in self._from for i in range(self._size)
        ]
        processor = cast("Any", self._trainer.processing_class)
        own = joined([part.own for part in parts], choice, processor.tokenizer.pad_token_id)
        own["advantages"] = torch.zeros_like(first.own["advantages"])
        own["num_items_in_batch"] = first.gather(items_in(own)).sum()
        columns = torch.stack([parts[part].columns[parts[part].place][i] for part, i in choice])
        rewards = torch.stack([parts[part].rewards[parts[part].place][i] for part, i in choice])
        return Rollouts(
            first.trainer,
            [parts[part].rows[i] for part, i in choice],
            own,
            first.gather(columns),
            first.gather(rewards),
            tuple(parts[part].scored[i] for part, i in choice),
            first.group,
        )

    def _own(self, flags: Tensor, count: int) -> list[bool]:
        start = self._trainer.accelerator.process_index * count
        return [bool(flag) for flag in flags[start : start + count]]

    def _own_units(self, rows: Rows) -> list[Unit]:
        group, side = self._parts[0].group, self._reserve.side
        numbers: Sequence[int] = [row["question"] for row in rows[::group]]
        return [tuple(numbers[i : i + side]) for i in range(0, len(numbers), side)]

    def _most(self) -> int:
        return int(self._parts[0].gather(self._number(len(self._empty))).max())

    def _number(self, value: int) -> Tensor:
        return torch.tensor([value], device=self._parts[0].columns.device)


@contextmanager
def _unlogged(trainer: MapTrainer) -> Generator[None]:
    """What is generated inside adds nothing to the step's metrics."""
    metrics: dict[str, list[float]] = cast("Any", trainer)._metrics["train"]
    before = {name: len(values) for name, values in metrics.items()}
    yield
    for name, values in metrics.items():
        del values[before.get(name, 0) :]
