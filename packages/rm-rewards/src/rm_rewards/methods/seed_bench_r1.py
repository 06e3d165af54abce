"""SEED-Bench-R1: accuracy by level, form, and whether the reasoning leads to the answer.

Source: arXiv 2503.24376: levels, accuracy and the judged consistency rate [P]; accuracy and
format of the published code [C]; the rule-based consistency is ours.

    accuracy 1 if the chosen letter is right;  format 1 if <think>..</think><answer>..</answer>
    consistency: the share of replies whose reasoning comes to the answer they give

Levels for maps: L1 new pairs in known cities, L2 unseen cities, L3 unseen cities and question
type. Range: 0 to 1 each. The paper's rate is judged by GPT-4.1; this one asks whether the last
route (or letter, number, yes or no) of the reasoning is that of the answer.

Faults: the published accuracy compares first characters, so that "A lot of" passes for "A"; its
format lets any text follow the last tag. Repaired (default): the answer must be the letter, and
the reply the two parts.

Blind to: whether the reasoning is true. A reply that repeats its answer in its reasoning is
consistent.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from itertools import islice
from typing import Final

from rm_rewards.methods.inputs import same_length
from rm_rewards.reading import read_answer, reader
from rm_rewards.records import PLANNING, Question
from rm_rewards.route import read_route
from rm_rewards.values import cleaned, letter

_TAG: Final = re.compile(r"<(/?(?:think|answer))>")
_ORDER: Final = ["think", "/think", "answer", "/answer"]
_LONGEST: Final = 2000
"""Characters of an answer: a longer one is no letter, and costs time to read."""


def accuracy(answer: str, gold: str, *, published: bool = False) -> float:
    """1 if the answer names the letter `gold`, else 0. No text makes it raise.

    Args:
        answer: What stands in the answer's tags.
        gold: The right letter.
        published: Compare the first characters only.

    Example:
        >>> accuracy("A lot of", "A"), accuracy("A lot of", "A", published=True)
        (0.0, 1.0)
        >>> accuracy("(A)", "A")
        1.0
    """
    if published:
        return float(answer.strip()[:1] == gold.strip()[:1] != "")
    if len(answer) > _LONGEST:
        return 0.0
    return float(letter(cleaned(answer), None) == (gold.strip().upper(),))


def format_reward(reply: str, *, published: bool = False) -> float:
    """1 if the reply is a thought and then an answer, else 0. No text makes it raise.

    Args:
        reply: The whole reply.
        published: Let any text follow.
    """
    found = list(islice(_TAG.finditer(reply), len(_ORDER) + 1))  # one too many is enough
    tags = [tag[1] for tag in found]
    if tags[:4] != _ORDER if published else tags != _ORDER:
        return 0.0
    between = reply[: found[0].start()] + reply[found[1].end() : found[2].start()]
    after = "" if published else reply[found[3].end() :]
    return float(not (between + after).strip())


def level_accuracies(levels: Sequence[str], correct: Sequence[bool]) -> Mapping[str, float]:
    """The share of right items of each level, in the order in which the levels first occur.

    Raises:
        RecordError: For lists of different sizes.

    Example:
        >>> level_accuracies(["L1", "L2", "L1"], [True, False, False])
        {'L1': 0.5, 'L2': 0.0}
    """
    same_length(len(levels), correct=correct)
    items: dict[str, list[bool]] = {}
    for level, right in zip(levels, correct, strict=True):
        items.setdefault(level, []).append(right)
    return {level: sum(rights) / len(rights) for level, rights in items.items()}


def consistency(pairs: Sequence[tuple[Hashable, Hashable]]) -> float:
    """The share of (thought, answer) that are equal; None is equal to nothing; 0 for no pairs.

    Example:
        >>> consistency([("A-B-C", "A-B-C"), ("A-B", "A-D"), ("A-C", "A-C"), (None, "A")])
        0.5
    """
    equal = sum(thought is not None and thought == said for thought, said in pairs)
    return equal / len(pairs) if pairs else 0.0


def thought_and_answer(question: Question, reply: str) -> tuple[Hashable | None, Hashable | None]:
    """What the reasoning comes to, and what the answer says; None for what was not found.

    A route is compared by the names it is written with; other answers by their value. A reply
    without `<think>` has no reasoning to compare. No text makes it raise.
    """
    before, closed, after = reply.rpartition("</think>")
    thought = before.rpartition("<think>")[2] if closed and "<think>" in before else ""
    said = after if closed else reply
    return _read(question, thought), _read(question, said)


def _read(question: Question, text: str) -> Hashable | None:
    if question.type == PLANNING:
        return (
            tuple(
                (leg.route_name, leg.departure_stop, leg.arrival_stop)
                for leg in read_route(text).legs
            )
            or None
        )
    values = reader(question.type, question.options)
    return read_answer(text, values).value if values is not None else None
