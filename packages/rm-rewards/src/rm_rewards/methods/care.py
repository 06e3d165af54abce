r"""GRPO-CARE's consistency bonus: more for a right answer that follows from its own reasoning.

Source: arXiv 2506.16141, Algorithm 1 [P], and its published trainer [C]. Over one group:

    r_hat = max(mean accuracy, 0.1);  selected = accuracy >= r_hat;  p~ = min(p, 0.95)
    mu = mean of p~ over the selected - margin;  consistent = selected and p~ >= mu
    R = accuracy + format + 0.5 * accuracy * [consistent];  A = (R - mean) / (std + 1e-4)

p is the likelihood that a slow reference model gives to the ANSWER's tokens after the reply's own
reasoning; it is an input here. The paper takes the arithmetic mean of the tokens' probabilities,
the published code exp(mean log p), the geometric one, which made its tables and is the default.

Constants: bonus 0.5, cap 0.95, floor 0.1; margin 0 (SEED-Bench-R1) or 0.01 (general) [C].
Range of R with accuracy and format in [0, 1]: 0 to 2.5.

Faults of the published code, repaired by default: a reply without an answer has no tokens, and p
= exp(0) = 1 (here: no likelihood, no bonus); mean and selection run over the device's batch
(here: over the group that is passed).

Blind to: reasoning that is wrong in the same way as the reference model; a group without a right
answer (no bonus, by design); whether the reasoning looks at the picture at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, fsum, inf
from typing import Final, Literal, TypeAlias

from rm_rewards.methods.advantages import standardised
from rm_rewards.methods.inputs import at_least, finite, one_of, same_length, within
from rm_rewards.records import RecordError

__all__ = ["CareConstants", "CareGroup", "Mean", "care_group", "likelihood"]

Mean: TypeAlias = Literal["geometric", "arithmetic"]
_MEANS: Final = ("geometric", "arithmetic")


@dataclass(frozen=True, slots=True, kw_only=True)
class CareConstants:
    """The constants of Algorithm 1.

    Attributes:
        bonus: What a consistent right answer earns more.
        cap: Likelihoods above it count as it.
        floor: The least accuracy that is selected, in groups that are nearly all wrong.
        margin: How far below the mean likelihood still counts as consistent.
        eps: Added to the standard deviation.
    """

    bonus: float = 0.5
    cap: float = 0.95
    floor: float = 0.1
    margin: float = 0.0
    eps: float = 1e-4

    def __post_init__(self) -> None:
        within("cap", 0.0, 1.0, self.cap)
        within("floor", 0.0, 1.0, self.floor)
        at_least("bonus", 0.0, self.bonus)
        at_least("margin", 0.0, self.margin)
        at_least("eps", 0.0, self.eps)


@dataclass(frozen=True, slots=True, kw_only=True)
class CareGroup:
    """What one group earned; each tuple has one entry a reply.

    Attributes:
        threshold: mu; infinite if nothing was selected.
        consistent: Who is selected and at least as likely as mu.
        bonuses: bonus * accuracy for those.
        totals: R, for the trainer.
        advantages: A, from the totals.
    """

    threshold: float
    consistent: tuple[bool, ...]
    bonuses: tuple[float, ...]
    totals: tuple[float, ...]
    advantages: tuple[float, ...]


def likelihood(
    token_logprobs: Sequence[float], *, mean: Mean = "geometric", published: bool = False
) -> float | None:
    """The likelihood of an answer from the log-probabilities of its tokens, in [0, 1].

    None for an answer without tokens; with `published`, 1.0, as the published code has it.

    Raises:
        RecordError: For a log-probability that is positive or NaN, or an unknown mean.

    Example:
        >>> from math import log
        >>> [round(likelihood([log(.5), log(.9)], mean=m), 4) for m in ("geometric", "arithmetic")]
        [0.6708, 0.7]
    """
    one_of("mean", mean, _MEANS)
    within("token_logprobs", -inf, 0.0, *token_logprobs)
    if not token_logprobs:
        return 1.0 if published else None
    if mean == "geometric":
        return exp(sum(token_logprobs) / len(token_logprobs))
    return sum(map(exp, token_logprobs)) / len(token_logprobs)


def care_group(
    accuracies: Sequence[float],
    formats: Sequence[float],
    likelihoods: Sequence[float | None],
    constants: CareConstants | None = None,
) -> CareGroup:
    """The rewards of one group of replies to one question.

    Args:
        accuracies: In [0, 1], one a reply.
        formats: The format reward, one a reply.
        likelihoods: In [0, 1], one a reply; None where a reply has no answer (`likelihood`).
        constants: Those of the published scripts unless given.

    Raises:
        RecordError: For groups of different sizes, an empty one, or a value out of its range.
    """
    c = constants or CareConstants()
    if not accuracies:
        raise RecordError("accuracies", list(accuracies), "at least one reply")
    same_length(len(accuracies), formats=formats, likelihoods=likelihoods)
    within("accuracies", 0.0, 1.0, *accuracies)
    within("likelihoods", 0.0, 1.0, *(p for p in likelihoods if p is not None))
    finite("formats", *formats)
    least = max(fsum(accuracies) / len(accuracies), c.floor)
    capped = [
        min(p, c.cap) if a >= least and p is not None else None
        for a, p in zip(accuracies, likelihoods, strict=True)
    ]
    selected = [p for p in capped if p is not None]
    threshold = fsum(selected) / len(selected) - c.margin if selected else inf
    consistent = tuple(p is not None and p >= threshold - _SLACK for p in capped)
    bonuses = tuple(c.bonus * a * on for a, on in zip(accuracies, consistent, strict=True))
    totals = tuple(map(sum, zip(accuracies, formats, bonuses, strict=True)))
    return CareGroup(
        threshold=threshold,
        consistent=consistent,
        bonuses=bonuses,
        totals=totals,
        advantages=standardised(totals, eps=c.eps),
    )


_SLACK: Final = 1e-12
"""Equal likelihoods must reach their own mean, whatever the order of the sum rounds it to."""
