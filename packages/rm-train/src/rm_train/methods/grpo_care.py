r"""GRPO-CARE: more for right answers that a slow copy of the policy finds likely.

    p = likelihood of the answer's tokens, given picture, question and the reply's own reasoning
    r = max(mean accuracy of the group, 0.1);  selected: accuracy >= r
    mu = mean of min(p, cap) over the selected - margin
    reward + bonus * accuracy for the selected with min(p, cap) >= mu
    every k updates: phi <- decay * phi + (1 - decay) * theta

Source: arXiv 2506.16141, Algorithm 1, and its published settings. p is the geometric mean of the
tokens' probabilities, as in the published code (which made the tables), or the arithmetic one, as
in the paper's text. Unlike the published code: the answer's tokens are exactly those that write it,
a reply without an answer has no likelihood and no bonus (there: p = 1), groups stay apart however
many lie on a device, and the slow copy is kept in float32, in which it moves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isnan, nan
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, cast, get_args

import torch
from torch import Tensor

from rm_rewards.methods.care import CareConstants, care_group, likelihood
from rm_train.config import TrainConfig
from rm_train.methods.answer_span import answer_span, answer_tokens
from rm_train.methods.groups import by_group, plain
from rm_train.methods.method import Method
from rm_train.methods.rollouts import Rollouts
from rm_train.methods.slow_copy import SlowCopy, policy_of, refuse_sharded

if TYPE_CHECKING:
    from rm_train.trainer import MapTrainer

Likelihood = Literal["geometric", "arithmetic"]
FILE: Final = "grpo_care.safetensors"
"""The slow copy in a checkpoint."""

_NOISE: Final = 1e-5
"""Equal replies may differ by so much, by where they stand in a batch; none loses its bonus."""


@dataclass
class GrpoCare(Method):
    """The consistency bonus, and the slow copy of the policy that it needs.

    Each process holds the copy: four bytes for each weight that is trained.

    Attributes:
        margin: How far below the mean likelihood still counts as consistent (0 for SEED-Bench-R1,
            0.01 elsewhere).
        cap: Likelihoods above it count as it.
        bonus: What a consistent right answer earns more.
        every: Updates of the weights between two of the copy.
        decay: How much of the copy stays at one of its updates.
        likelihood: `geometric` or `arithmetic` mean over the answer's tokens.
    """

    source: ClassVar[str] = "arXiv 2506.16141"

    margin: float = 0.0
    cap: float = 0.95
    bonus: float = 0.5
    every: int = 10
    decay: float = 0.995
    likelihood: Likelihood = "geometric"
    _copy: SlowCopy | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        CareConstants(bonus=self.bonus, cap=self.cap, margin=self.margin)
        if self.likelihood not in get_args(Likelihood):
            raise ValueError(f"likelihood: expected {' or '.join(get_args(Likelihood))}")
        if self.every < 1 or not 0.0 <= self.decay <= 1.0:
            raise ValueError("expected every of 1 or more and decay from 0 to 1")

    def check(self, config: TrainConfig) -> None:
        """Each process has to hold the whole weights."""
        del config
        refuse_sharded("grpo-care")

    def acts(self) -> str:
        """The bonus in a line."""
        return (
            f"grpo-care: +{self.bonus:g} for right answers whose {self.likelihood} likelihood is "
            f"at least the group's mean - {self.margin:g}, under a copy that keeps {self.decay:g} "
            f"of itself every {self.every} updates"
        )

    def begin(self, trainer: MapTrainer) -> None:
        """The copy is the policy at its start."""
        self._copy = SlowCopy(policy_of(trainer))

    def rewards(self, rewards: Tensor, rollouts: Rollouts) -> Tensor:
        """The rewards with the bonus."""
        found = rollouts.gather(self._likelihoods(rollouts))
        given = consistency_bonus(
            rollouts.accuracy, found, rollouts.group,
            bonus=self.bonus, cap=self.cap, margin=self.margin,
        )  # fmt: skip
        rollouts.tell("method/grpo-care/bonus", float(given.mean()))
        if not found.isnan().all():
            rollouts.tell("method/grpo-care/likelihood", float(found.nanmean()))
        return rewards + given

    def after_step(self, trainer: MapTrainer, step: int) -> None:
        """The copy follows."""
        if step % self.every == 0:
            self._slow.follow(policy_of(trainer), self.decay)

    def save(self, trainer: MapTrainer, folder: Path) -> None:
        """The copy goes into the checkpoint."""
        if cast("Any", trainer.args).should_save:
            self._slow.save(folder / FILE)

    def load(self, trainer: MapTrainer, folder: Path) -> None:
        """The copy comes back."""
        del trainer
        self._slow.load(folder / FILE)

    @property
    def _slow(self) -> SlowCopy:
        assert self._copy is not None, "begin comes first"
        return self._copy

    def _likelihoods(self, rollouts: Rollouts) -> Tensor:
        """Of this process's answers, (b,); NaN where a reply has none."""
        logps = self._slow.logps(rollouts)
        spans = answers_of(rollouts)
        values = [
            likelihood(plain(logps[i, one.start : one.stop].clamp(max=0)), mean=self.likelihood)
            for i, one in enumerate(spans)
        ]
        return torch.tensor([nan if p is None else p for p in values], device=logps.device)


def answers_of(rollouts: Rollouts) -> list[range]:
    """Which tokens of each of this process's replies are its answer, (b,); none where none is."""
    batch_decode = cast("Any", rollouts.trainer.processing_class).batch_decode
    found: list[range] = []
    for scored, ids, mask in zip(
        rollouts.scored, rollouts.own["completion_ids"], rollouts.own["completion_mask"],
        strict=True,
    ):  # fmt: skip
        tokens: list[int] = ids[mask.bool()].tolist()

        def decode(some: Any) -> str:  # noqa: ANN401 - tokens
            return batch_decode([some], skip_special_tokens=True)[0]

        span = answer_span(decode(tokens), scored.question.type)
        found.append(answer_tokens(tokens, span, decode) if span else range(0))
    return found


def consistency_bonus(
    accuracy: Tensor,
    likelihoods: Tensor,
    group: int,
    *,
    bonus: float = 0.5,
    cap: float = 0.95,
    margin: float = 0.0,
) -> Tensor:
    """What each reply earns more, (n,).

    Args:
        accuracy: (n,), in [0, 1]; the replies of a group next to each other.
        likelihoods: (n,), of the answers, in [0, 1]; NaN where a reply has none.
        group: How many replies a group has.
        bonus: What a consistent right answer earns more.
        cap: Likelihoods above it count as it.
        margin: How far below the mean still counts.
    """
    constants = CareConstants(bonus=bonus, cap=cap, margin=margin + _NOISE)
    rows = zip(by_group(accuracy, group), by_group(likelihoods, group), strict=True)
    found = [
        care_group(right, [0.0] * group, list(map(_known, likely)), constants).bonuses
        for right, likely in rows
    ]
    return torch.tensor(found, dtype=accuracy.dtype, device=accuracy.device).view(-1)


def _known(value: float) -> float | None:
    return None if isnan(value) else value
