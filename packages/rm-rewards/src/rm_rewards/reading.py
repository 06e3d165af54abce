r"""Read a short answer out of a reply: from its box, its `<answer>`, its "the answer is", or bare.

The last box decides, wherever it stands; without a box the last `<answer>`, then what follows the
last "the answer is", then the reply itself. The form that is asked for is one `\boxed{}` with a
readable answer in it; an answer found elsewhere counts as an answer, in poor form. So does one that
another answer contradicts, in an earlier box or in one of those other places: it is read, and has
lost its form. The words of the question, repeated as they are, are not read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias

from rm_rewards.answer_form import answer_form
from rm_rewards.boxes import boxes
from rm_rewards.thought import Spoken, spoken, tagged
from rm_rewards.values import cleaned, letter, number, yes_no

_PHRASE: Final = re.compile(
    r"\banswer\b[\s*]*(?:(?:is|should\s+be)\b[\s*]*[:：]?|[:：])|答案(?:是|为)?[:：]?",
    re.IGNORECASE,
)
_SENTENCE_END: Final = re.compile(r"\.\s|[。\n]")
_PLAIN: Final = re.compile(
    r"\W{0,9}(?:(?:option|choice)\s)?(\S{1,20}?)"
    r"(?:[.,;:!?)]+(?!\S)|\s?$"
    r"|\s(?:because|since|so|but|and|or|(?:intermediate\s)?(?:stop|station|line)s?)\b)",
    re.IGNORECASE,
)
"""An answer that is said outright: "no.", "3 stops", "B, because"; not "no doubt" or "a ring"."""
_BOX: Final = re.compile(r"(?:\\?b|\x08)?oxed")
_SHORTEST_ECHO: Final = 20
_LONGEST_ANSWER: Final = 2_000
_MOST_BOXES: Final = 32

Values: TypeAlias = Callable[[str], tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A short answer as it was understood.

    Attributes:
        value: `yes`/`no`, `A` to `D`, a number in digits; None if no single answer was found.
        well_formed: Whether it stands in a box as asked.
        truncated: Whether the reply stops inside its reasoning without an answer.
        reasons: Codes of what is amiss with the form or the reading.
    """

    value: str | None
    well_formed: bool
    truncated: bool = False
    reasons: tuple[str, ...] = ()


def reader(kind: str, options: Sequence[str] | None = None) -> Values | None:
    """What reads the answers to that type of question, or None for an unknown type."""
    form = answer_form(kind)
    if form == "yes_no":
        return yes_no
    if form == "letter":
        return partial(letter, options=options)
    return number if form == "number" else None


def read_answer(reply: str, values: Values, *, asked: str = "") -> Reading:
    r"""The one answer that a reply gives.

    Args:
        reply: The whole reply.
        values: What reads a piece of text (`reader`).
        asked: The question; where the reply repeats it, that is not read.

    Example:
        >>> read_answer(r"I count them: \boxed{8 stations}", number).value
        '8'
    """
    if len(asked) >= _SHORTEST_ECHO and asked in reply:
        reply = reply.replace(asked, " ")
    said = spoken(reply)
    boxed = _from_boxes(said, values)
    if boxed is not None:
        return boxed
    found: tuple[str, ...] = ()
    for candidate in _candidates(said):
        found = values(cleaned(candidate))
        if len(found) == 1:
            other = "answers_disagree" if _contradicted(found, said, values) else ""
            reasons = _faults(said, "unboxed", other)
            return Reading(value=found[0], well_formed=False, reasons=reasons)
    code = "several_answers" if found else "no_answer"
    return Reading(
        value=None,
        well_formed=False,
        truncated=said.fault == "unclosed_think",
        reasons=_faults(said, "unboxed", code),
    )


def _faults(said: Spoken, *codes: str) -> tuple[str, ...]:
    return tuple(code for code in (said.fault, said.cut, *codes) if code)


def _from_boxes(said: Spoken, values: Values) -> Reading | None:
    found = boxes(said.text)[-_MOST_BOXES:]
    if not found:
        return None
    read = [values(cleaned(box.content[:_LONGEST_ANSWER])) for box in found]
    last = read[-1]
    codes: list[str] = [code for code in (said.fault, said.cut) if code]
    if not found[-1].whole:
        codes.append("box_broken")
    if any(other and other != last for other in read[:-1]):
        codes.append("boxes_disagree")
    if len(last) == 1 and _contradicted(last, said, values):
        codes.append("answers_disagree")
    if len(last) == 1:
        return Reading(value=last[0], well_formed=not codes, reasons=tuple(codes))
    codes.append("several_answers" if last else "no_answer")
    return Reading(value=None, well_formed=False, reasons=tuple(codes))


def _contradicted(found: tuple[str, ...], said: Spoken, values: Values) -> bool:
    """Whether another answer is given in `<answer>` or after the last "the answer is"."""
    return not said.fault and any(other and other != found for other in _beside(said, values))


def _beside(said: Spoken, values: Values) -> Iterator[tuple[str, ...]]:
    for text in tagged(said.text)[-_MOST_BOXES:]:
        if "oxed" not in text:
            yield values(cleaned(text[:_LONGEST_ANSWER]))
    phrases = list(_PHRASE.finditer(said.text))
    if phrases:
        rest = said.text[phrases[-1].end() :][:_LONGEST_ANSWER].lstrip()
        sentence = _SENTENCE_END.split(rest, maxsplit=1)[0]
        plain = _PLAIN.match(cleaned(_BOX.split(sentence, maxsplit=1)[0]))
        if plain and plain[1] != "a":
            yield values(plain[1])


def _candidates(said: Spoken) -> list[str]:
    """Where an answer without a box may stand, the surest place first."""
    found: list[str] = []
    if said.answer is not None:
        found.append(said.answer)
    phrases = list(_PHRASE.finditer(said.text))
    if phrases:
        rest = said.text[phrases[-1].end() :].lstrip()[:_LONGEST_ANSWER].rstrip()
        found += [_SENTENCE_END.split(rest, maxsplit=1)[0], rest.split("\n", 1)[0]]
    if said.fault:  # what stands there is a thought, not an answer
        return found
    if not (said.answer or "").strip():  # else `<answer>A or B</answer>` would be read as A
        bare = said.text.strip()
        found += [bare, bare.rsplit("\n", 1)[-1]]
    return [text for text in found if len(text) <= _LONGEST_ANSWER]
