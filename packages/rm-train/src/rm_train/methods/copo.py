r"""COPO: where a group's answers agree too much to teach anything, compare whole prompts instead.

    H = entropy of the group's answers in bits;  w = sigmoid(k (H - b))
    A = w * A_local + (1 - w) * A_global
    A_global(q) = (R(q) - mean R) / (std R + 1e-6) over the step's prompts, R(q) the mean reward

Source: arXiv 2508.04138 and its published code. A_local is what the run's settings make of the
rewards; under `advantage: none` A_global is not divided either, so that the two have one scale.
Unlike the published code: the default is only-soft (its soft-with-zero pushes wrong replies up in
any group above the mean), equal numbers are one answer, one prompt a step gives A_global 0 instead
of NaN, and the advantages are blended instead of two clipped losses, which is the same until a
ratio is clipped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import torch
from torch import Tensor

from rm_rewards.methods.copo import MODES, Mode, coefficient, entropy, local_share
from rm_train.config import TrainConfig
from rm_train.methods.groups import plain
from rm_train.methods.method import Method
from rm_train.methods.rollouts import Rollouts

EPSILON = 1e-6
"""Added to the deviation of the prompts' rewards; the published value."""


@dataclass
class Copo(Method):
    """Advantages blended of the group's own and those of the prompt among all of the step.

    Attributes:
        mode: How the share w of the local part is made: `only-soft` as above; `soft-with-zero` 0
            for a reply with reward 0; `only-forced` 1 where A_local is not 0, else 0;
            `only-global` 0; `no-global` 1.
        k: Slope of the sigmoid (published script 5, paper 20).
        b: Its middle, in bits (published script 1, paper 1.5).
        scaled: Whether R(q) is multiplied by 1 - H (1 - 1/G) / log2 G.
    """

    source: ClassVar[str] = "arXiv 2508.04138"

    mode: Mode = "only-soft"
    k: float = 5.0
    b: float = 1.0
    scaled: bool = False
    _divided: bool = field(default=True, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise ValueError(f"mode: expected {', '.join(MODES)}")
        local_share(0.0, k=self.k, b=self.b)

    def check(self, config: TrainConfig) -> None:
        """The global part gets the scale of the run's own advantages."""
        self._divided = config.advantage != "none"

    def acts(self) -> str:
        """The blend in a line."""
        scale = "(R - mean R) / std R" if self._divided else "R - mean R"
        return (
            f"copo {self.mode}: w times the group's advantage + (1 - w) times {scale} of the "
            f"prompt's mean reward, w = sigmoid({self.k:g} (H - {self.b:g}))"
        )

    def advantages(self, advantages: Tensor, rewards: Tensor, rollouts: Rollouts) -> Tensor:
        """The blend, (n,)."""
        bits = answer_entropy(rollouts.answers, rollouts.group).to(rewards)
        rollouts.tell("method/copo/entropy", float(bits.mean()))
        whole = prompt_advantages(
            rewards, bits, rollouts.group, divided=self._divided, scaled=self.scaled
        )
        shares = self.shares(bits).repeat_interleave(rollouts.group)
        return blended(advantages, whole, shares, rewards, self.mode)

    def shares(self, bits: Tensor) -> Tensor:
        """W of each group, (groups,), from its H in bits."""
        return bits.new_tensor([local_share(h, k=self.k, b=self.b) for h in plain(bits)])


def answer_entropy(answers: Sequence[str | None], group: int) -> Tensor:
    """H of each group in bits, (groups,), from the answers of all replies, (n,).

    Numbers count by value and words without case; replies without an answer are one kind.
    """
    starts = range(0, len(answers), group)
    return torch.tensor([entropy(answers[i : i + group]) for i in starts])


def prompt_advantages(
    rewards: Tensor, bits: Tensor, group: int, *, divided: bool = True, scaled: bool = False
) -> Tensor:
    """A_global of each reply, (n,): how much better than the step's other prompts its own fares.

    Args:
        rewards: (n,); NaN is left out, and a prompt without any reward gets 0.
        bits: H of each group, (groups,).
        group: How many replies a group has.
        divided: Whether to divide by the deviation of the prompts' mean rewards.
        scaled: Whether the entropy lessens the mean rewards.
    """
    means = rewards.view(-1, group).nanmean(dim=1)
    if scaled:
        means = means * means.new_tensor([coefficient(h, group) for h in plain(bits)])
    known = means[~means.isnan()]
    found = means - known.mean()
    if divided:
        spread = known.std() if len(known) > 1 else known.new_zeros(())
        found = found / (spread + EPSILON)
    return found.nan_to_num(nan=0.0).repeat_interleave(group)


def blended(local: Tensor, whole: Tensor, shares: Tensor, rewards: Tensor, mode: Mode) -> Tensor:
    """`w * local + (1 - w) * whole` of each reply, (n,); 0 for a reply without a reward.

    Args:
        local: The advantages within the groups.
        whole: Those of the prompts among each other.
        shares: The soft w.
        rewards: What the replies earned; NaN for none.
        mode: As in `Copo`.
    """
    w = {
        "only-soft": shares,
        "soft-with-zero": shares * (rewards != 0),
        "only-forced": (local != 0).to(shares),
        "only-global": torch.zeros_like(shares),
        "no-global": torch.ones_like(shares),
    }[mode]
    return (w * local + (1.0 - w) * whole).masked_fill(rewards.isnan(), 0.0)
