"""Replies drawn at random for one question: near misses of the right answer, attacks, and noise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from random import Random
from typing import Final, TypeAlias

from rm_rewards.attacks.families import HUGE_FAMILY, attacks_on
from rm_rewards.honest import honest_replies
from rm_rewards.network import Network
from rm_rewards.records import Question

_PIECES: Final = (
    *("\\boxed{", "}", "{", "\\text{", "<answer>", "</answer>", "<think>", "</think>", "**", "--"),
    *("Route Name:", "Departure Stop:", "Arrival Stop:", "Via Stops:", "->", "→", "：", "\n", " "),
    *("yes", "No", "A", "D.", "8", "-1", "3.0", "½", "ten", "The answer is", "答案是", "- ", "1. "),
    *("Line 1", "1号线", "\0", "\ud800", "\u202e", "\N{GRINNING FACE}", "é", "e\u0301", "＝", "="),
)
_LONGEST: Final = 40
_SHORTEST_HUGE: Final = 5_000

Change: TypeAlias = Callable[[str, Random], str]


def generated_replies(question: Question, network: Network | None, rng: Random) -> Iterator[str]:
    """Replies without end; the same for the same state of `rng`.

    Raises:
        RecordError: If the question has no right answer to start from.
    """
    honest = honest_replies(question, network)
    families = attacks_on(question, network)
    attacks = list(chain(*(texts for name, texts in families.items() if name != HUGE_FAMILY)))
    attacks = [text for text in attacks if len(text) < _SHORTEST_HUGE]
    while True:
        yield _reply(honest, attacks, rng)


def _reply(honest: Sequence[str], attacks: Sequence[str], rng: Random) -> str:
    kind = rng.random()
    if kind < 0.05:
        return rng.choice(honest)
    if kind < 0.5:
        return _changed(rng.choice(honest), rng)
    if kind < 0.75:
        return _changed(rng.choice(attacks), rng)
    return "".join(_noise(rng) for _ in range(rng.randrange(_LONGEST)))


def _changed(text: str, rng: Random) -> str:
    for _ in range(rng.randint(1, 3)):
        text = rng.choice(_CHANGES)(text, rng)
    return text


def _noise(rng: Random) -> str:
    return rng.choice(_PIECES) if rng.random() < 0.9 else chr(rng.randrange(0x3000))


def _cut(text: str, rng: Random) -> str:
    a, b = sorted((rng.randint(0, len(text)), rng.randint(0, len(text))))
    return text[:a] + text[b:]


def _insert(text: str, rng: Random) -> str:
    at = rng.randint(0, len(text))
    return text[:at] + _noise(rng) + text[at:]


def _swap_lines(text: str, rng: Random) -> str:
    lines = text.split("\n")
    a, b = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[a], lines[b] = lines[b], lines[a]
    return "\n".join(lines)


_CHANGES: Final[tuple[Change, ...]] = (
    _cut,
    _insert,
    _swap_lines,
    lambda text, _: text.upper(),
    lambda text, _: text.lower(),
    lambda text, _: text + "\n--\n" + text,
    lambda text, _: f"<think>{text}</think>{text}",
    lambda text, _: text.replace("\n", " "),
    lambda text, _: text.replace(" ", "  "),
    lambda text, _: f"I looked at the map.\n\n{text}\n\nI hope this helps.",
    lambda text, rng: "".join(rng.sample(text, len(text))),
)
