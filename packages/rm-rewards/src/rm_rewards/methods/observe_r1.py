"""Observe-R1: look first, a bonus for the shortest right reply, most weight to half-hard groups.

Source: arXiv 2505.12432: format [N], bonus and weight from its published code [C].

    format 0.5: <observe> then <think> then <answer>, or <observe> inside <think>; else 0
    bonus +0.2: the shortest right reply, if it has more than 100 tokens
    d = share of right replies;  A = (r - mean) / (std + 1e-9) * 4 * sigma * d * (1 - d), sigma 1.8

Range of format + accuracy + bonus: 0 to 1.7. The weight is 0 to 1.8.

Faults, repaired by default: the published length test comes after the minimum, so that a short
right reply takes the bonus from everyone; with no right reply at all, reply 0 gets it; what is
right is told by trunc(reward), which any other scale breaks (here: told apart); its format asks
what a reply "contains", not what it is.

Blind to: what is observed (an empty remark in the tags has the form); the weight silences a group
that is all right, so that the bonus never acts there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from math import inf
from typing import Final

from rm_rewards.methods.advantages import standardised
from rm_rewards.methods.inputs import at_least, finite, same_length, within
from rm_rewards.records import RecordError

__all__ = [
    "FORMAT",
    "ObserveGroup",
    "bonuses",
    "d_weight",
    "format_reward",
    "observe_group",
    "published_format",
]

FORMAT: Final = 0.5
_TAG: Final = re.compile(r"<(/?(?:observe|think|answer))>")
_IN_ORDER: Final = ("observe", "/observe", "think", "/think", "answer", "/answer")
_NESTED: Final = ("think", "observe", "/observe", "/think", "answer", "/answer")


def published_format(reply: str) -> float:
    """0.5 if the tags occur in one of the two orders, whatever stands around them; else 0.

    Example:
        >>> published_format("Hm. <observe>a</observe><think>b</think><answer>c</answer> Bye.")
        0.5
    """
    tags = [found[1] for found in _TAG.finditer(reply)]
    return FORMAT if _contains(tags, _IN_ORDER) or _contains(tags, _NESTED) else 0.0


def _contains(tags: Sequence[str], order: Sequence[str]) -> bool:
    following = iter(tags)
    return all(tag in following for tag in order)


def format_reward(reply: str) -> float:
    """0.5 if the reply is its three parts and nothing else, none of them empty; else 0.

    Example:
        >>> format_reward("<observe>a</observe><think>b</think><answer>c</answer>")
        0.5
    """
    found = list(islice(_TAG.finditer(reply), len(_IN_ORDER) + 1))  # one too many is enough
    tags = tuple(tag[1] for tag in found)
    if tags not in (_IN_ORDER, _NESTED):
        return 0.0
    texts = [reply[a.end() : b.start()].strip() for a, b in pairwise(found)]
    inside = [texts[tags.index(name)] for name in ("observe", "answer")]
    if tags == _IN_ORDER:
        inside.append(texts[2])
        outside = [texts[1], texts[3]]
    else:
        inside.append(texts[0] + texts[2])
        outside = [texts[3]]
    outside += [reply[: found[0].start()].strip(), reply[found[-1].end() :].strip()]
    return FORMAT if all(inside) and not any(outside) else 0.0


def bonuses(
    correct: Sequence[bool],
    lengths: Sequence[int],
    *,
    bonus: float = 0.2,
    least: int = 100,
    published: bool = False,
) -> tuple[float, ...]:
    """The bonus of each reply of a group: one reply gets it, or none.

    Args:
        correct: Who is right.
        lengths: In tokens.
        bonus: What it is worth.
        least: A reply must be longer than that.
        published: The published order of the tests, with its two faults.

    Raises:
        RecordError: For groups of different sizes, or a negative length.

    Example:
        >>> bonuses([True, True, True], [300, 180, 90])
        (0.0, 0.2, 0.0)
    """
    same_length(len(correct), lengths=lengths)
    at_least("lengths", 0, *lengths)
    finite("bonus", bonus)
    if not correct:
        return ()
    masked = [
        float(length) if right and (published or length > least) else inf
        for right, length in zip(correct, lengths, strict=True)
    ]
    shortest = min(masked)
    first = masked.index(shortest)
    given = shortest > least and (published or shortest < inf)
    return tuple(bonus if given and i == first else 0.0 for i in range(len(masked)))


def d_weight(correct_share: float, *, sigma: float = 1.8) -> float:
    """4 * sigma * d * (1 - d): 0 for a group that is all right or all wrong, sigma in between.

    Raises:
        RecordError: For a share outside [0, 1].

    Example:
        >>> [round(d_weight(k / 8), 4) for k in range(5)]
        [0.0, 0.7875, 1.35, 1.6875, 1.8]
    """
    within("correct_share", 0.0, 1.0, correct_share)
    at_least("sigma", 0.0, sigma)
    return 4.0 * sigma * correct_share * (1.0 - correct_share)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObserveGroup:
    """One group: its bonuses, its weight, the rewards with the bonus, and the advantages."""

    bonuses: tuple[float, ...]
    weight: float
    rewards: tuple[float, ...]
    advantages: tuple[float, ...]


def observe_group(
    rewards: Sequence[float],
    lengths: Sequence[int],
    correct: Sequence[bool] | None = None,
    *,
    sigma: float = 1.8,
    published: bool = False,
) -> ObserveGroup:
    """The weighted advantages of a group.

    Args:
        rewards: Format + accuracy, before the bonus.
        lengths: In tokens.
        correct: Who is right; the published form reads it from the rewards, as trunc(reward) = 1.
        sigma: The greatest weight.
        published: The published bonus and reading.

    Raises:
        RecordError: For groups of different sizes, an empty one, or a missing `correct`.
    """
    finite("rewards", *rewards)
    if not rewards:
        raise RecordError("rewards", list(rewards), "at least one reply")
    if published:
        correct = [int(reward) == 1 for reward in rewards]
    elif correct is None:
        raise RecordError("correct", None, "who is right, or published=True")
    same_length(len(rewards), correct=correct)
    extra = bonuses(correct, lengths, published=published)
    weight = d_weight(sum(correct) / len(correct), sigma=sigma)
    totals = tuple(map(sum, zip(rewards, extra, strict=True)))
    advantages = tuple(a * weight for a in standardised(totals, eps=1e-9))
    return ObserveGroup(bonuses=extra, weight=weight, rewards=totals, advantages=advantages)
