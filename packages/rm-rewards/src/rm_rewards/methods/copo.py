"""COPO: where a group's answers agree too much to teach anything, compare whole prompts instead.

Source: arXiv 2508.04138 [N] and its published code [C]. For a prompt q with G replies in a batch:

    H = -sum p log2 p over the distinct answers;  w = sigmoid(k * (H - b))
    R(q) = mean reward, optionally * (1 - lam * H), lam = (1 - 1/G) / log2 G
    A_glob(q) = (R(q) - mean R) / (std R + 1e-6) over the batch;  A_loc: GRPO's, in the group
    A = w * A_loc + (1 - w) * A_glob

Constants: k 5, b 1, G 6 in the published script [C]; 20 and 1.5 in the paper [N]. Range: H in
[0, log2 G] bits, w in (0, 1), R(q) within the rewards'.

The code blends two clipped losses; blending advantages, as here, is the same at the first update
of a batch. Its default `soft-with-zero` (w = 0 for a reply whose own reward is 0) pushes WRONG
replies up in any group above the batch's mean: `only-soft` is the default here. Also repaired:
answers are brought to one form first, so that 1/2 and 0.5 are one answer; a batch of one prompt
has A_glob 0 where the code has NaN.

Blind to: right answers spelt in ways the canonical form does not join; a group that is wrong in
many ways (H is high, so w is near 1 and A_loc is 0: no gradient).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import exp, fsum, log2
from typing import Final, Literal, TypeAlias

from rm_rewards.methods.advantages import standardised
from rm_rewards.methods.inputs import finite, one_of, same_length
from rm_rewards.records import RecordError

__all__ = [
    "MODES",
    "CopoGroup",
    "Mode",
    "as_written",
    "canonical",
    "coefficient",
    "copo_batch",
    "entropy",
    "local_share",
]

Mode: TypeAlias = Literal["only-soft", "soft-with-zero", "only-forced", "only-global", "no-global"]
MODES: Final = ("only-soft", "soft-with-zero", "only-forced", "only-global", "no-global")
_LONGEST_NUMBER: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class CopoGroup:
    """One prompt of a batch.

    Attributes:
        entropy: H in bits.
        reward: R(q).
        coefficient: 1 - lam * H, which R(q) was multiplied by if that was asked for.
        global_advantage: A_glob(q), the same for each reply.
        local_advantages: A_loc, one a reply.
        weights: w, one a reply: the local part's share.
        advantages: The blend, one a reply.
    """

    entropy: float
    reward: float
    coefficient: float
    global_advantage: float
    local_advantages: tuple[float, ...]
    weights: tuple[float, ...]
    advantages: tuple[float, ...]


def canonical(answer: str) -> str:
    """One spelling for equal answers: numbers by value, other answers without case and space.

    Example:
        >>> canonical("1/2") == canonical("0.50"), canonical(" Line  1 ")
        (True, 'line 1')
    """
    plain = " ".join(answer.casefold().split())
    if len(plain) > _LONGEST_NUMBER or "e" in plain:  # 1e999999999 would fill the memory
        return plain
    try:
        return str(Fraction(plain.replace(" ", "")))
    except (ValueError, ZeroDivisionError):
        return plain


def as_written(answer: str) -> str:
    """The answer as it is: what the published code counts."""
    return answer


def entropy(answers: Sequence[str | None], *, same: Callable[[str], str] = canonical) -> float:
    """H in bits over the distinct answers of a group; replies without an answer are one kind.

    Args:
        answers: What was read out of each reply, or None.
        same: Brings equal answers to one text.

    Raises:
        RecordError: For an empty group.

    Example:
        >>> round(entropy(["7", "7", "7", "2", "5", "9"]), 4)
        1.7925
    """
    if not answers:
        raise RecordError("answers", list(answers), "at least one reply")
    counts = Counter(None if answer is None else same(answer) for answer in answers)
    shares = [count / len(answers) for count in counts.values()]
    return max(0.0, -fsum(share * log2(share) for share in shares))


def coefficient(bits: float, replies: int) -> float:
    """1 - lam * H with lam = (1 - 1/G) / log2 G; 1 for a group of one.

    From 1 where all replies agree down to 1/G where all differ.
    """
    return 1.0 - bits * (1.0 - 1.0 / replies) / log2(replies) if replies > 1 else 1.0


def local_share(bits: float, *, k: float = 5.0, b: float = 1.0) -> float:
    """W = sigmoid(k * (H - b)), the share of the local advantage.

    Raises:
        RecordError: For a number that is not finite.
    """
    finite("k, b or entropy", bits, k, b)
    x = min(700.0, max(-700.0, k * (bits - b)))
    return 1.0 / (1.0 + exp(-x))


def copo_batch(
    rewards: Sequence[Sequence[float]],
    answers: Sequence[Sequence[str | None]],
    *,
    mode: Mode = "only-soft",
    k: float = 5.0,
    b: float = 1.0,
    scaled: bool = False,
    same: Callable[[str], str] = canonical,
) -> tuple[CopoGroup, ...]:
    """The blended advantages of a batch.

    Args:
        rewards: For each prompt the rewards of its replies.
        answers: For each prompt what was read out of its replies.
        mode: How w is made: `only-soft` as above; `soft-with-zero` (published default) 0 for a
            reply with reward 0; `only-forced` 1 where A_loc is not 0, else 0; `only-global` 0;
            `no-global` 1.
        k: Slope of the sigmoid.
        b: Its middle, in bits.
        scaled: Whether R(q) is multiplied by 1 - lam * H.
        same: Brings equal answers to one text; `as_written` for the published count.

    Raises:
        RecordError: For groups of different sizes, an empty one, or numbers that are not finite.
    """
    one_of("mode", mode, MODES)
    same_length(len(rewards), answers=answers)
    for group, said in zip(rewards, answers, strict=True):
        same_length(len(group), answers=said)
        finite("rewards", *group)
    bits = [entropy(said, same=same) for said in answers]
    scale = [coefficient(h, len(group)) for h, group in zip(bits, rewards, strict=True)]
    means = [sum(group) / len(group) for group in rewards]
    if scaled:
        means = [mean * by for mean, by in zip(means, scale, strict=True)]
    whole = standardised(means)
    return tuple(
        _blend(group, h, local_share(h, k=k, b=b), mode, mean, by, a)
        for group, h, mean, by, a in zip(rewards, bits, means, scale, whole, strict=True)
    )


def _blend(
    rewards: Sequence[float],
    bits: float,
    soft: float,
    mode: Mode,
    reward: float,
    scale: float,
    whole: float,
) -> CopoGroup:
    local = standardised(rewards)
    weights = tuple(_weight(mode, soft, r, a) for r, a in zip(rewards, local, strict=True))
    return CopoGroup(
        entropy=bits,
        reward=reward,
        coefficient=scale,
        global_advantage=whole,
        local_advantages=local,
        weights=weights,
        advantages=tuple(w * a + (1.0 - w) * whole for w, a in zip(weights, local, strict=True)),
    )


def _weight(mode: Mode, soft: float, reward: float, local: float) -> float:
    if mode == "only-soft":
        return soft
    if mode == "soft-with-zero":
        return soft if reward != 0.0 else 0.0
    if mode == "only-forced":
        return float(local != 0.0)
    return float(mode == "no-global")
