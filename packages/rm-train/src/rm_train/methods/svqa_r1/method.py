"""The method: pairs of questions in a step, a bonus where they agree, one group over both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final, Literal

import torch
from torch import Tensor

from rm_rewards import PLANNING
from rm_rewards.methods import svqa_r1
from rm_train.config_error import ConfigError
from rm_train.methods.method import Method
from rm_train.methods.rollouts import Rollouts
from rm_train.methods.svqa_r1.twins import Twin, views_of, ways_back, with_twins

if TYPE_CHECKING:
    from rm_train.config import TrainConfig
    from rm_train.prompts import Material
    from rm_train.rewards import NetworkOf, Scorer

_KINDS: Final = ("", "swap", "mirror", "rotate", "rename")
_CREDITS: Final = ("group", "pair")


@dataclass
class SvqaR1(Method):
    """Asks each question and its twin, and pays right replies for agreeing.

    It replaces the advantages by those over both views together, so it stands before methods that
    change advantages.

    Attributes:
        lam: What full agreement is worth to a right reply.
        credit: Whether a right reply earns by the agreement of its group or of its own pair.
        pairs: A `pairs.jsonl` of `rm-data views`; empty for the way back.
        kind: Which kind of view of that file; empty for any.
    """

    source: ClassVar[str] = "SVQA-R1, arXiv 2506.01371 (reconstructed)"
    lam: float = 0.5
    credit: Literal["group", "pair"] = "group"
    pairs: str = ""
    kind: str = ""
    _twins: dict[str, Twin] = field(default_factory=dict[str, Twin], init=False, repr=False)

    def __post_init__(self) -> None:
        if not (isfinite(self.lam) and self.lam >= 0):
            raise ValueError(f"lam: found {self.lam!r}, expected a number, 0 or more")
        if self.credit not in _CREDITS:
            raise ValueError(f"credit: found {self.credit!r}, expected group or pair")
        if self.kind not in _KINDS or (self.kind and not self.pairs):
            kinds = ", ".join(_KINDS[1:])
            raise ValueError(f"kind: found {self.kind!r}, expected {kinds}, beside pairs=FILE")

    def check(self, config: TrainConfig) -> None:
        """As `Method.check`."""
        if config.prompts_per_step % 2:
            raise ConfigError(
                f"prompts_per_step: found {config.prompts_per_step}, expected an even number with "
                "svqa-r1, whose questions stand in pairs"
            )

    def acts(self) -> str:
        """As `Method.acts`."""
        views = "the way back" if not self.pairs else f"{self.kind or 'a'} view of {self.pairs}"
        return (
            f"{len(self._twins)} questions are asked beside {views}, advantages over both; right "
            f"replies + {self.lam:g} x the agreement of the {self.credit}"
        )

    def questions(self, material: Material, network_of: NetworkOf) -> Material:
        """As `Method.questions`: the twins are added."""
        del network_of
        self._twins = ways_back(material)
        if self.pairs:
            file = Path(self.pairs)
            for needed in (file, file.parent / "questions.jsonl"):
                if not needed.is_file():
                    raise ConfigError(
                        f"method: svqa-r1: pairs: found {self.pairs!r}, but there is no {needed}; "
                        "expected the pairs.jsonl of `rm-data views` beside its questions.jsonl"
                    )
            material, self._twins = views_of(material, file, self.kind)
        if not self._twins:
            where = self.pairs or "none has two stations and a published text"
            raise ConfigError(f"method: svqa-r1 found no question with a twin ({where})")
        return with_twins(material, self._twins.values())

    def partners(self) -> Mapping[str, str]:
        """As `Method.partners`."""
        return {name: twin.question.id for name, twin in self._twins.items()}

    def rewards(self, rewards: Tensor, rollouts: Rollouts) -> Tensor:
        """As `Method.rewards`."""
        agree, paired = self._agreement(rollouts)
        correct = rollouts.correct.view(-1, 2, rollouts.group)
        if bool(paired.any()):
            rollouts.tell("method/consistency", float(agree[paired].mean()))
        rollouts.tell("method/paired", float(paired.float().mean()))
        earned = bonuses(agree.to(correct.device), correct, self.lam, self.credit)
        return rewards + earned.view(-1)

    def advantages(self, advantages: Tensor, rewards: Tensor, rollouts: Rollouts) -> Tensor:
        """As `Method.advantages`: over the replies to both views."""
        del advantages
        return rollouts.trainer.compared(rewards, 2 * rollouts.group)

    def _agreement(self, rollouts: Rollouts) -> tuple[Tensor, Tensor]:
        """Which pairs of replies agree, (pairs, group), and which have twins at all, (pairs,)."""
        group, scorer = rollouts.group, rollouts.trainer.scorer
        numbers: list[int] = rollouts.gather_objects(
            [int(row["question"]) for row in rollouts.rows]
        )
        texts: list[str] = rollouts.gather_objects([one.text for one in rollouts.scored])
        said = rollouts.answers
        agree = torch.zeros(len(texts) // (2 * group), group)
        paired = torch.zeros(len(agree), dtype=torch.bool)
        for pair in range(len(agree)):
            first = 2 * group * pair
            asked = numbers[first], numbers[first + group]
            twin = self._twins.get(scorer.question(asked[0]).id)
            if twin is None:
                continue
            paired[pair] = True
            for i in range(group):
                here, there = first + i, first + group + i
                if scorer.question(asked[0]).type != PLANNING:
                    same = said[here] is not None and said[here] == said[there]
                else:
                    same = _same_way(scorer, asked, twin, (texts[here], texts[there]))
                agree[pair, i] = float(same)
        return agree, paired


def bonuses(agree: Tensor, correct: Tensor, lam: float, credit: str) -> Tensor:
    """What agreement adds to each reply, (pairs, 2, group).

    Args:
        agree: Which pairs of replies agree, 0 or 1, (pairs, group).
        correct: Which replies are right, 0 or 1, (pairs, 2, group): both views.
        lam: What full agreement is worth.
        credit: `group`: by the share of the pairs that agree; `pair`: by the reply's own pair.
    """
    earned = agree if credit == "pair" else agree.mean(dim=1, keepdim=True).expand_as(agree)
    return lam * earned.unsqueeze(1) * correct


def _same_way(scorer: Scorer, asked: tuple[int, int], twin: Twin, replies: tuple[str, str]) -> bool:
    here, there = asked
    return svqa_r1.views_agree(
        scorer.question(here),
        replies[0],
        scorer.question(there),
        replies[1],
        network=scorer.network(here),
        twin_network=scorer.network(there),
        lines=twin.lines,
        back=twin.back,
    )
