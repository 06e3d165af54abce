"""SVQA-R1: the same question on a transformed view, and a bonus where the two answers agree.

Source: arXiv 2506.01371, abstract only [P]: mirrored question and answer pairs, a reward of
format + semantics, one group over both views. Formula and constants were not found and no code
exists: this is a RECONSTRUCTION.

    per reply: format + [answer = gold of its view] + lam * c * [right]
    c (group): the share of pairs (i, i) with answer'_i = m(answer_i)
    c (pair):  1 if the reply's own pair agrees, else 0
    m: the answer map of the transformation (mirror: left <-> right; above, near, numbers stay)

Constants: lam 0.5 (ours). Range with the format in [0, 1]: 0 to 2.5. The bonus goes to right
replies only: otherwise being consistently wrong pays. Advantages are taken over all 2G rewards
together.

On a transit map a mirrored picture mirrors its letters: use what keeps the text, such as swapping
origin and destination, where the route must come out reversed (`swapped_agree`), or draw it anew
mirrored, turned, or with lines that change names (`views_agree`).

Blind to: an answer that suits both views by chance (half of all yes/no answers); with c (group)
the bonus is one number for the whole group, so that it scales correctness and tells no two right
replies apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from rm_rewards.methods.inputs import at_least, finite, one_of, same_length
from rm_rewards.network import Network
from rm_rewards.records import Question
from rm_rewards.route import read_route
from rm_rewards.search import Ride
from rm_rewards.truth import truth_of

Credit: TypeAlias = Literal["group", "pair"]
_CREDITS: Final = ("group", "pair")
_AS_THEY_ARE: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class PairRewards:
    """What the replies to a question and to its transformed twin earn; one entry a reply.

    Attributes:
        right: Who is right about the question as it is.
        right_transformed: Who is right about the twin.
        agree: Which pairs agree under the answer map.
        consistency: The share of pairs that agree; 0 for no pairs.
        rewards, rewards_transformed: The totals.
    """

    right: tuple[bool, ...]
    right_transformed: tuple[bool, ...]
    agree: tuple[bool, ...]
    consistency: float
    rewards: tuple[float, ...]
    rewards_transformed: tuple[float, ...]


def mapped(answer: str, answer_map: Mapping[str, str]) -> str:
    """The answer that the transformed view asks for; answers that are not in the map stay."""
    return answer_map.get(answer, answer)


def pair_rewards(
    original: Sequence[str | None],
    transformed: Sequence[str | None],
    gold: str,
    answer_map: Mapping[str, str],
    *,
    formats: tuple[Sequence[float], Sequence[float]] | None = None,
    lam: float = 0.5,
    credit: Credit = "group",
) -> PairRewards:
    """The rewards of both views.

    Args:
        original: The answers about the view as it is; None where none was read.
        transformed: As many answers about the transformed view.
        gold: The right answer about the view as it is.
        answer_map: m.
        formats: The format rewards of both views; 0 without.
        lam: What a full consistency is worth.
        credit: Whether a right reply earns by the group's consistency or by its own pair's.

    Raises:
        RecordError: For views of different sizes, or a number that is not usable.

    Example:
        >>> flip = {"left": "right", "right": "left"}
        >>> found = pair_rewards(["left", "right"], ["right", "right"], "left", flip)
        >>> found.agree, found.rewards
        ((True, False), (1.25, 0.0))
    """
    one_of("credit", credit, _CREDITS)
    at_least("lam", 0.0, lam)
    same_length(len(original), transformed=transformed)
    forms = formats or ((0.0,) * len(original), (0.0,) * len(original))
    for name, form in zip(("formats[0]", "formats[1]"), forms, strict=True):
        same_length(len(original), **{name: form})
        finite(name, *form)
    agree = tuple(
        a is not None and b is not None and mapped(a, answer_map) == b
        for a, b in zip(original, transformed, strict=True)
    )
    consistency = sum(agree) / len(agree) if agree else 0.0
    earned = [lam * (consistency if credit == "group" else on) for on in agree]
    right = tuple(a == gold for a in original)
    twin = tuple(b == mapped(gold, answer_map) for b in transformed)
    return PairRewards(
        right=right,
        right_transformed=twin,
        agree=agree,
        consistency=consistency,
        rewards=_totals(forms[0], right, earned),
        rewards_transformed=_totals(forms[1], twin, earned),
    )


def _totals(
    forms: Sequence[float], right: Sequence[bool], earned: Sequence[float]
) -> tuple[float, ...]:
    return tuple(
        form + (1.0 + bonus if ok else 0.0)
        for form, ok, bonus in zip(forms, right, earned, strict=True)
    )


def swapped_agree(
    question: Question, reply: str, swapped_reply: str, *, network: Network | None = None
) -> bool:
    """Whether a reply to the way back plans the way there, reversed. No text makes it raise.

    Args:
        question: The planning question as it is.
        reply: A reply to it.
        swapped_reply: A reply to the question with origin and destination swapped.
        network: The map's network, by which names are read.

    Raises:
        RecordError: If the question has neither a network nor routes to judge by.
    """
    return views_agree(
        question, reply, question, swapped_reply, network=network, twin_network=network, back=True
    )


def views_agree(
    question: Question,
    reply: str,
    twin: Question,
    twin_reply: str,
    *,
    network: Network | None = None,
    twin_network: Network | None = None,
    lines: Mapping[str, str] = _AS_THEY_ARE,
    back: bool = False,
) -> bool:
    """Whether two replies plan the same way on two views of a map. No text makes it raise.

    Args:
        question: The planning question as it is.
        reply: A reply to it.
        twin: The question about the other view.
        twin_reply: A reply to that.
        network: The map's network, by which names are read.
        twin_network: The network of the other view.
        lines: What the lines of the first view are called on the other; the rest stay.
        back: Whether origin and destination are exchanged there: the way comes out reversed.

    Raises:
        RecordError: If a question has neither a network nor routes to judge by.
    """
    there = truth_of(question, network).rides(read_route(reply).legs)
    other = truth_of(twin, twin_network).rides(read_route(twin_reply).legs)
    wanted = tuple(Ride(mapped(line, lines), start, end) for line, start, end in there)
    if back:
        wanted = tuple(Ride(line, end, start) for line, start, end in reversed(wanted))
    return bool(there) and wanted == tuple(other)
