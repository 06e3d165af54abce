"""The scorers that the benchmarks' own authors published."""

from __future__ import annotations

import re
from typing import Final

from rm_eval.extractors.extraction import UNPARSED, Extraction
from rm_eval.item import Item

_LEADS: Final = ("", "(", "option ", "the answer is ")
_PHRASES: Final = tuple(
    spelled
    for phrase in (
        "the final answer is",
        "the answer is",
        "the correct answer is",
        "the answer should be",
    )
    for spelled in (phrase, phrase.replace("the", "The"))
)
_ERASED: Final = (
    *((" ", ""), ("\\,", ""), ("∞", "\\infty"), ("+\\infty", "\\infty"), ("\\\\", "\\")),
    *(("\n", ""), ("\\text", ""), ("\\mbox", ""), ("\\left", ""), ("\\right", "")),
    *(("^{\\circ}", ""), ("^\\circ", ""), ("{m}^3", ""), ("m^3", "")),
    *(("{units}", ""), ("units", ""), ("{km}", ""), ("km", "")),
    *(("\\!", ""), ("\\\\", "\\"), ("\\$", ""), ("$", ""), ("\\%", "")),
)
_FORMS: Final = {"yes_no": re.compile("yes|no"), "choice": re.compile("[a-d]")}


def read_mmstar(item: Item, reply: str) -> Extraction:
    """MMStar: the option's letter where one of four beginnings ends, in any case.

    Only what begins the reply counts: `B`, `(B`, `option B`,
    `the answer is B`. The article of `A man` is option A.
    """
    text = reply.lower().strip().replace("\n", " ")
    for lead in _LEADS[::-1]:
        letter = text[len(lead) : len(lead) + 1].upper()
        if text.startswith(lead) and letter and letter in (item.options or "ABCD"):
            return Extraction(letter, "letter")
    return UNPARSED


def read_plus(item: Item, reply: str) -> Extraction:
    """ReasonMap-Plus: the published answer, if it has the form that the question asks for.

    The published code compares exactly, so that an answer in another form is wrong there too.
    """
    found = _in_form(item, published_answer(reply))
    if found is None:
        return UNPARSED
    return Extraction(found, "boxed" if "oxed{" in reply else "phrase")


def _in_form(item: Item, found: str) -> str | None:
    if item.form == "number":  # whatever Python takes for one: `013`, `+13`
        try:
            return str(int(found))
        except ValueError:
            return None
    if not _FORMS[item.form].fullmatch(found):
        return None
    return found.upper() if item.form == "choice" else found


def published_answer(reply: str) -> str:
    r"""What the published ReasonMap-Plus code takes for the answer, whatever its form.

    Example:
        >>> published_answer("\\boxed{13}"), published_answer("The answer is **B**.")
        ('13', '**b**')
    """
    boxed = reply.count("oxed{")
    answer = reply
    if boxed == 0:
        for phrase in _PHRASES:
            answer = _after(answer, phrase)
    elif boxed > 1:
        answer = "\\boxed{" + reply.rpartition("oxed{")[2]
    return _plain(answer).rstrip(".").lstrip(":").strip()


def _after(answer: str, phrase: str) -> str:
    rest = answer.rpartition(phrase)[2].strip()
    return rest.split("\n")[0].split(". ")[0] if phrase in answer else rest


def _plain(text: str) -> str:
    answer = text.lower().replace("{}", "")
    _, opened, rest = answer.partition("oxed{")
    if opened and "}" in rest:
        answer = rest[: rest.rindex("}")]
    close, opening = answer.find("}"), answer.find("{")
    if close != -1 and (opening == -1 or close < opening):
        answer = answer[:close]
    answer = answer.split("=")[-1].split("\\approx")[-1]
    for old, new in _ERASED:
        answer = answer.replace(old, new)
    return answer
