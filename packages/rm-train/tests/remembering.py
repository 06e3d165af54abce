"""A method with a state, which can end its process as `kill -9` does, at a moment of choice."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import dataclass, field
from pathlib import Path

from torch import Tensor

from rm_train.methods.method import Method
from rm_train.methods.rollouts import Rollouts
from rm_train.trainer import MapTrainer

KILL_AT = "KILL_AT"
"""The moment, as `step:3` after the third update, `save:3` in the middle of saving it, or
`rollouts:3` between sampling and learning when three updates are done."""


def die_at(moment: str, step: int) -> None:
    if os.environ.get(KILL_AT) == f"{moment}:{step}":
        os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class Remembering(Method):
    """Multiplies rewards by what it remembers of those before."""

    fade: float = 0.5
    seen: float = field(default=0.0, init=False)

    def rewards(self, rewards: Tensor, rollouts: Rollouts) -> Tensor:
        self.seen = self.fade * self.seen + float(rewards.nanmean())
        rollouts.tell("seen", self.seen)
        die_at("rollouts", rollouts.trainer.state.global_step)
        return rewards * (1.0 + self.seen)

    def after_step(self, trainer: MapTrainer, step: int) -> None:
        del trainer
        die_at("step", step)

    def save(self, trainer: MapTrainer, folder: Path) -> None:
        die_at("save", trainer.state.global_step)
        rank = trainer.accelerator.process_index
        (folder / f"remembering-{rank}.json").write_text(json.dumps(self.seen), encoding="utf-8")

    def load(self, trainer: MapTrainer, folder: Path) -> None:
        rank = trainer.accelerator.process_index
        found = (folder / f"remembering-{rank}.json").read_text(encoding="utf-8")
        self.seen = float(json.loads(found))
