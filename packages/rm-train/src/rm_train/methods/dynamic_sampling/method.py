"""The method: its options, and its place in the training."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, cast

from torch import nn

from rm_train.config_error import ConfigError
from rm_train.methods.dynamic_sampling.reserve import Reserve
from rm_train.methods.dynamic_sampling.search import Search
from rm_train.methods.method import Generate, Method, Rows
from rm_train.methods.rollouts import Rollouts

if TYPE_CHECKING:
    from rm_train.trainer import MapTrainer


@dataclass
class DynamicSampling(Method):
    """Replaces groups whose rewards are all equal by live groups of the same stage.

    Attributes:
        rounds: How often further questions are asked in a step, at most; each round asks as many
            as there are dead groups.
    """

    source: ClassVar[str] = "DAPO, arXiv 2503.14476"
    whole_groups: ClassVar[bool] = True
    rounds: int = 3
    _reserve: Reserve = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if type(self.rounds) is not int or self.rounds < 0:
            raise ValueError(f"rounds: found {self.rounds!r}, expected a whole number, 0 or more")

    def acts(self) -> str:
        """As `Method.acts`."""
        return f"groups of equal rewards are replaced by live ones, in up to {self.rounds} rounds"

    def begin(self, trainer: MapTrainer) -> None:
        """As `Method.begin`."""
        side = 2 if any(method.partners() for method in trainer.methods) else 1
        held = trainer.args.per_device_train_batch_size * cast(
            "int", cast("Any", trainer.args).steps_per_generation
        )
        group = cast("int", trainer.num_generations)
        if held % (side * group):
            raise ConfigError(
                f"method: dynamic-sampling needs all {side * group} replies to a pair of questions "
                f"on one process, which holds {held}; set prompts_per_step to a multiple of {side} "
                "times the processes"
            )
        self._reserve = Reserve(cast("Any", trainer.train_dataset), side)

    def rollouts(self, rows: Rows, generate: Generate) -> Rollouts:
        """As `Method.rollouts`."""
        made = generate(rows)
        if not cast("nn.Module", made.trainer.model).training:
            return made
        search = Search(made, self._reserve)
        search.tell_before()
        for number in range(self.rounds):
            if not search.wanted:
                break
            search.ask(number, generate)
        return search.result()
