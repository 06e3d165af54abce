"""The method: verdicts on the legs of each reply, laid on the tokens that write them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, Any, ClassVar, cast

from torch import Tensor

from rm_rewards import PLANNING
from rm_rewards.methods import grounded_prm
from rm_train.config_error import ConfigError
from rm_train.methods.answer_span import Decode, Span, answer_tokens
from rm_train.methods.grounded_prm.credit import CREDITS, Credit, leg_credits
from rm_train.methods.grounded_prm.legs import leg_spans
from rm_train.methods.method import Method
from rm_train.methods.rollouts import Rollouts

if TYPE_CHECKING:
    from rm_train.config import TrainConfig


@dataclass(frozen=True, slots=True)
class JudgedLegs:
    """The legs of one reply: where they stand and what the graph says of them; equally many."""

    spans: tuple[Span, ...] = ()
    verdicts: tuple[int, ...] = ()


@dataclass
class GroundedPrm(Method):
    """Adds a credit for each leg of a planned route to the advantages of the leg's tokens.

    Questions of other types, and replies whose legs cannot be told apart, keep the advantage of
    their outcome.

    Attributes:
        share: What a leg's credit is multiplied by; 0 is plain GRPO.
        credit: `step`: a leg's own verdict; `return`: with those of the legs after it.
    """

    source: ClassVar[str] = "GroundedPRM, arXiv 2510.14942"
    share: float = 0.5
    credit: Credit = "step"

    def __post_init__(self) -> None:
        if not (isfinite(self.share) and self.share >= 0):
            raise ValueError(f"share: found {self.share!r}, expected a number, 0 or more")
        if self.credit not in CREDITS:
            raise ValueError(f"credit: found {self.credit!r}, expected {' or '.join(CREDITS)}")

    def check(self, config: TrainConfig) -> None:
        """As `Method.check`."""
        if config.loss_type == "vespo":
            raise ConfigError(
                "loss_type: found 'vespo', which takes one advantage a reply; expected another one "
                "with grounded-prm, whose advantages differ from token to token"
            )

    def acts(self) -> str:
        """As `Method.acts`."""
        legs = "its own verdict" if self.credit == "step" else "its verdict and those after it"
        return f"each leg of a route is credited {self.share:g} x {legs}, on its own tokens"

    def token_advantages(self, advantages: Tensor, rollouts: Rollouts) -> Tensor:
        """As `Method.token_advantages`."""
        trainer, width = rollouts.trainer, int(rollouts.own["completion_ids"].shape[1])
        legs = [_judged(rollouts, i) for i in range(len(rollouts.rows))]
        verdicts: list[tuple[int, ...]] = rollouts.gather_objects([one.verdicts for one in legs])
        _tell(rollouts, verdicts)
        if not any(verdicts):
            return advantages
        found = leg_credits(verdicts, rollouts.group, self.credit, trainer.compared)
        own = found.to(advantages.device) * trainer.weights(rollouts).view(-1, 1)
        made = advantages.view(len(legs), -1).expand(-1, width).clone()
        decode = _decoder(trainer.processing_class)
        for row, (judged, credit) in enumerate(zip(legs, own[rollouts.place], strict=True)):
            ids = _tokens(rollouts, row)
            for span, value in zip(judged.spans, credit, strict=False):
                tokens = answer_tokens(ids, span, decode)
                made[row, tokens.start : tokens.stop] += self.share * value
        return made


def _tell(rollouts: Rollouts, verdicts: Sequence[Sequence[int]]) -> None:
    found = [verdict for one in verdicts for verdict in one]
    rollouts.tell("method/legs_judged", len(found))
    if found:
        rollouts.tell("method/legs_right", sum(v > 0 for v in found) / len(found))


def _judged(rollouts: Rollouts, row: int) -> JudgedLegs:
    """The legs of a reply of this process; none if it is not clear where each stands."""
    scored = rollouts.scored[row]
    if scored.question.type != PLANNING:
        return JudgedLegs()
    spans = leg_spans(scored.text)
    if (
        not spans
        or _decoder(rollouts.trainer.processing_class)(_tokens(rollouts, row)) != scored.text
    ):
        return JudgedLegs()
    network = rollouts.trainer.scorer.network(int(rollouts.rows[row]["question"]))
    steps = grounded_prm.step_verdicts(scored.question, scored.text, network=network).steps
    return JudgedLegs(spans, steps) if len(steps) == len(spans) else JudgedLegs()


def _tokens(rollouts: Rollouts, row: int) -> list[int]:
    """The tokens of a reply, with neither padding nor what was masked."""
    mask: Tensor = rollouts.own["completion_mask"][row].bool()
    return cast("list[int]", rollouts.own["completion_ids"][row][mask].tolist())


def _decoder(processor: object) -> Decode:
    return partial(cast("Any", processor).decode, skip_special_tokens=True)
