"""The method: a second look at the map for the replies that plan a route."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import torch
from torch import Tensor

from rm_rewards.methods import vad_r1
from rm_train.config_error import ConfigError
from rm_train.fitting import fitting
from rm_train.methods.asking import ask
from rm_train.methods.method import Method
from rm_train.methods.rollouts import Rollouts
from rm_train.methods.vad_r1.pictures import LessMaps

if TYPE_CHECKING:
    from rm_train.prompts import Material
    from rm_train.rewards import NetworkOf
    from rm_train.trainer import MapTrainer

Look: TypeAlias = tuple[str, str, int]
"""A second look: the question, the line that is gone, and which of several equal ones it is."""


@dataclass
class VadR1(Method):
    """Asks for a route again, about the map without the line that the first route begins with.

    Attributes:
        share: Which share of the second looks is taken; each costs a generation.
        greedy: Whether the likeliest second route counts. Then one look serves all replies of a
            group that begin with the same line; else each reply gets a sampled look of its own.
    """

    source: ClassVar[str] = "Vad-R1, arXiv 2505.19877"
    share: float = 1.0
    greedy: bool = True
    _maps: LessMaps = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1:
            raise ValueError(f"share: found {self.share!r}, expected a share above 0, at most 1")

    def acts(self) -> str:
        """As `Method.acts`."""
        return (
            f"{self.share:.0%} of the routes are asked again without their first line: "
            f"{vad_r1.CONFIRMED:+g} if a right one changes, {vad_r1.FLIPPED:+g} if the line is "
            "ridden all the same"
        )

    def questions(self, material: Material, network_of: NetworkOf) -> Material:
        """As `Method.questions`: nothing is added, but every map has to be known how to change."""
        self._maps = LessMaps(material, network_of)
        if not self._maps.networks:
            raise ConfigError("method: vad-r1 found no planning question among those of the run")
        return material

    def begin(self, trainer: MapTrainer) -> None:
        """As `Method.begin`."""
        self._maps.fit = fitting(trainer.processing_class)  # pyright: ignore[reportArgumentType] - a processor, for pictures

    def rewards(self, rewards: Tensor, rollouts: Rollouts) -> Tensor:
        """As `Method.rewards`."""
        looks = self._looks(rollouts)
        wanted = list(dict.fromkeys(looks.values()))
        most = int(rollouts.gather(torch.tensor([len(wanted)], device=rewards.device)).max())
        own = torch.zeros(len(rollouts.rows), 2, device=rewards.device)
        if most:
            seconds = self._asked(rollouts, looks, wanted, most)
            for row, look in looks.items():
                own[row, 0], own[row, 1] = self._check(rollouts, row, look, seconds[look]), 1
        found = rollouts.gather(own)
        _tell(rollouts, found)
        return rewards + found[:, 0]

    def _looks(self, rollouts: Rollouts) -> dict[int, Look]:
        """Which replies of this process are looked at again, by row."""
        trainer = rollouts.trainer
        found: dict[int, Look] = {}
        for row, scored in enumerate(rollouts.scored):
            network = self._maps.networks.get(scored.question.id)
            route = vad_r1.titled_route(scored.text, network) if network else ()
            if network and route and route[0].route_name in {line.name for line in network.lines}:
                number = 0 if self.greedy else rollouts.place.start + row
                found[row] = (scored.question.id, route[0].route_name, number)
        step = f"vad-r1/{trainer.args.seed}/{trainer.state.global_step}"
        return {
            row: look
            for row, look in found.items()
            if Random(f"{step}/{look}").random() < self.share
        }

    def _asked(
        self, rollouts: Rollouts, looks: dict[int, Look], wanted: list[Look], count: int
    ) -> dict[Look, str]:
        """The replies to the second looks; every process asks `count` times."""
        of = {look: rollouts.rows[row] for row, look in looks.items()}
        rows: list[dict[str, Any]] = [
            {**of[look], "image": self._maps.without(look[0], look[1])} for look in wanted
        ]
        rows += [dict(rollouts.rows[0])] * (count - len(rows))
        replies = ask(rollouts.trainer, rows, greedy=self.greedy)
        return dict(zip(wanted, replies, strict=False))

    def _check(self, rollouts: Rollouts, row: int, look: Look, second: str) -> float:
        scored, network = rollouts.scored[row], self._maps.networks[look[0]]
        return vad_r1.removal_check(
            vad_r1.titled_route(scored.text, network),
            vad_r1.titled_route(second, network),
            look[1],
            correct=scored.reward.correct,
        )


def _tell(rollouts: Rollouts, found: Tensor) -> None:
    values, looked = found.unbind(dim=1)
    rollouts.tell("method/asked_again", float(looked.mean()))
    if bool(looked.any()):
        rollouts.tell("method/verified", float((values > 0).sum() / looked.sum()))
        rollouts.tell("method/ridden_without", float((values < 0).sum() / looked.sum()))
