r"""ReMax: a reply is compared with the greedy reply to the same question.

    A = r(reply) - r(greedy reply of the same policy)

Source: arXiv 2310.10505, as VeRL computes it; no group and no division. The greedy replies cost one
more pass of the generator, with one reply a question, and are scored by the run's reward; what
another method adds to the rewards of the step's replies, the greedy ones do not get.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from rm_train.methods.asking import ask
from rm_train.methods.method import Method, Rows
from rm_train.methods.rollouts import Rollouts
from rm_train.rewards import COLUMN


@dataclass
class Remax(Method):
    """The greedy reply's reward as the baseline. Replaces what `advantage` and `baseline` make.

    TRL samples at least two replies to a question; the published setting is one.
    """

    source: ClassVar[str] = "arXiv 2310.10505"
    compares: ClassVar[bool] = True

    def acts(self) -> str:
        """The advantage in a line."""
        return (
            "remax: r - r of the greedy reply to the question, undivided; "
            "one more pass of the generator"
        )

    def advantages(self, advantages: Tensor, rewards: Tensor, rollouts: Rollouts) -> Tensor:
        """The differences to the greedy replies, (n,)."""
        del advantages
        greedy = rollouts.gather(self._greedy(rollouts).to(rewards))
        # a group that lies on several processes is answered on each: all take the first's
        baseline = greedy.view(-1, rollouts.group)[:, 0]
        rollouts.tell("method/remax/greedy_reward", float(baseline.mean()))
        return greedy_differences(rewards, baseline, rollouts.group)

    def _greedy(self, rollouts: Rollouts) -> Tensor:
        """The reward of the greedy reply to each row of this process, (b,)."""
        trainer, numbers = rollouts.trainer, [row[COLUMN] for row in rollouts.rows]
        different = dict(zip(numbers, rollouts.rows, strict=True))
        most = max(rollouts.gather_objects([len(different)]))
        texts = ask(trainer, _filled(list(different.values()), most), greedy=True)
        earned = {
            number: trainer.scorer.group(number, [text], None)[0].reward.total
            for number, text in zip(different, texts, strict=False)
        }
        return torch.tensor([earned[number] for number in numbers], device=rollouts.rewards.device)


def _filled(rows: Sequence[Mapping[str, Any]], count: int) -> Rows:
    """As many rows as the process with the most has: all of them ask together."""
    return [*rows, *[rows[0]] * (count - len(rows))]


def greedy_differences(rewards: Tensor, baseline: Tensor, group: int) -> Tensor:
    """Each reply's reward less that of the greedy reply, (n,); 0 for a reply without a reward.

    Args:
        rewards: (n,); NaN for none.
        baseline: What the greedy reply to each question earned, (groups,).
        group: How many replies a question has.
    """
    return (rewards - baseline.repeat_interleave(group)).nan_to_num(nan=0.0)
