r"""The thoughts of a reply, and what each of them does: go on, look back, or change course.

A thought is what an empty line (`\n\n`) opens; what stands before the first one is opened by
nothing and is no thought here. Only the reasoning counts: all up to `</think>`, or the whole reply.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Label: TypeAlias = Literal["execution", "reflection", "transition"]

LABELS: Final[tuple[Label, ...]] = ("execution", "reflection", "transition")

_KEYWORDS: Final[dict[Label, tuple[str, ...]]] = {  # the first label with a keyword decides
    "transition": (
        *("alternatively", "think differently", "another way", "another approach"),
        *("another method", "another solution", "another strategy", "another technique"),
    ),
    "reflection": (
        *("wait", "verify", "make sure", "hold on", "think again", "'s correct", "'s incorrect"),
        *("let me check", "seems right"),
    ),
}
_THINK_END: Final = re.compile(r"</think(?:ing)?>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Thought:
    """One thought: its text without the space around it, and its label."""

    text: str
    label: Label


def label_of(thought: str) -> Label:
    """What a thought does, by its keywords; one without any is execution.

    Keywords are looked for anywhere and in any case, those of a transition first, as in EasySteer's
    replication of SEAL. So "await" holds "wait", and other languages than English are execution.

    Example:
        >>> label_of("Wait, is that the Red Line?"), label_of("Line 2 has 7 stops.")
        ('reflection', 'execution')
    """
    plain = thought.lower().replace("\u2019", "'")
    for label, words in _KEYWORDS.items():
        if any(word in plain for word in words):
            return label
    return "execution"


def reasoning_of(reply: str) -> str:
    """The reply up to `</think>`; all of it where there is none."""
    return _THINK_END.split(reply, maxsplit=1)[0]


def has_answered(text: str) -> bool:
    """Whether the reasoning has been closed in that text."""
    return _THINK_END.search(text) is not None


def thoughts(reply: str) -> tuple[Thought, ...]:
    r"""The thoughts of a reply in order.

    Example:
        >>> [one.label for one in thoughts("A map.\n\nI count 3.\n\nWait, 4.\n\nAnother way: 4.")]
        ['execution', 'reflection', 'transition']
    """
    opened = reasoning_of(reply).split("\n\n")[1:]
    return tuple(Thought(text, label_of(text)) for one in opened if (text := one.strip()))
