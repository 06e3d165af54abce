"""How the published scorer reads a reply, fault for fault.

The rules were read from the released RewardMap code (`reason_map.py`, `reasonmap_utils.py`) and are
written anew here. Every oddity is meant: results must equal the published ones. Do not repair.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Final

# In this order. `Tech.` thus becomes `Technologynology`: the second rule meets the first's result.
_REWRITES: Final = (
    *((gone, "") for gone in ("Metro", "metro", ",", "*", "\n", "'")),
    ("Univ.", "University"),
    ("Univ", "University"),
    ("Tech.", "Technology"),
    ("Tech", "Technology"),
    ("road", "lu"),
    ("Road", "lu"),
    ("Station", ""),
    ("station", ""),
    ("Asian Games Village", "yayuncun"),
)
_BRACKETS: Final = re.compile(r"[(（][^)）]*[)）]")
_GAPS: Final = re.compile(r"[\s\-]+")

LABELS: Final = ("Route Name:", "Departure Stop:", "Arrival Stop:")
_LOWER_LABELS: Final = tuple(label.lower() for label in LABELS)
_SHORTEST: Final = sum(map(len, LABELS))
_PHRASES: Final = tuple(
    chain.from_iterable(
        (phrase, phrase.replace("the", "The"))
        for phrase in (
            "the final answer is",
            "the answer is",
            "the correct answer is",
            "the answer should be",
        )
    )
)


@dataclass(frozen=True, slots=True)
class Segment:
    """One section of a reply; departure and arrival already cleaned once."""

    line: str
    departure: str
    arrival: str


@lru_cache(maxsize=16384)
def clean(name: str) -> str:
    """A station's name as the published scorer compares it. Not idempotent."""
    for old, new in _REWRITES:
        name = name.replace(old, new)
    return _GAPS.sub("", _BRACKETS.sub("", name.removesuffix("站"))).lower()


def segments(reply: str) -> tuple[list[Segment], list[Segment]]:
    """The sections between `--` that hold the three labels: as printed, and in any case.

    The published detail reward ignores case in its test for the labels only; the values are still
    looked for under the labels as printed.
    """
    printed: list[Segment] = []
    any_case: list[Segment] = []
    for section in [cut for cut in reply.split("--") if len(cut) >= _SHORTEST]:
        as_printed = _has(LABELS, section)
        if as_printed or _has(_LOWER_LABELS, section.lower()):
            any_case.append(_segment(section))
            if as_printed:
                printed.append(any_case[-1])
    return printed, any_case


def _has(labels: tuple[str, ...], text: str) -> bool:
    return labels[0] in text and labels[1] in text and labels[2] in text


def _segment(section: str) -> Segment:
    line = _until_newline(section, "Route Name: ")
    start = _until_newline(section, "Departure Stop: ")
    return Segment(
        "Wrong" if line is None else line.strip(),
        "Wrong" if start is None else clean(start),
        clean(section.rpartition("Arrival Stop:")[2].strip()),
    )


def _until_newline(section: str, label: str) -> str | None:
    _, there, rest = section.partition(label)
    value, ended, _ = rest.partition("\n")
    return value if there and ended else None


def short_answer(reply: str) -> str:
    """What the published scorer takes for the answer to a question that is not planning."""
    answer = reply
    boxed = reply.count("oxed{")
    if boxed == 0:
        for phrase in _PHRASES:
            answer = _after(answer, phrase)
    elif boxed > 1:
        answer = "\\boxed{" + reply.rpartition("oxed{")[2]
    return _plain(answer).rstrip(".").lstrip(":").strip()


def _after(answer: str, phrase: str) -> str:
    rest = answer.rpartition(phrase)[2].strip()
    return rest.split("\n")[0].split(". ")[0] if phrase in answer else rest


# Applied to the lower-cased text, in this order.
_ERASED: Final = (
    *((" ", ""), ("\\,", ""), ("∞", "\\infty"), ("+\\infty", "\\infty"), ("\\\\", "\\")),
    *(("\n", ""), ("\\text", ""), ("\\mbox", ""), ("bmatrix", "pmatrix"), ("\\left", "")),
    *(("\\right", ""), ("^{\\circ}", ""), ("^\\circ", ""), ("{m}^3", ""), ("m^3", "")),
    *(("{units}", ""), ("units", ""), ("{km}", ""), ("km", "")),
)
_STRIPPED: Final = (
    *(("\n", ""), ("\\!", ""), ("\\\\", "\\"), ("tfrac", "frac"), ("dfrac", "frac")),
    *(("\\left", ""), ("\\right", ""), ("^{\\circ}", ""), ("^\\circ", ""), ("\\$", ""), ("$", "")),
)


def _plain(text: str) -> str:
    answer = text.lower().replace("{}", "")
    opened = answer.find("oxed{")
    closed = answer.rfind("}")
    if opened >= 0 and closed >= opened + len("oxed{"):
        answer = answer[opened + len("oxed{") : closed]
    close, opening = answer.find("}"), answer.find("{")
    if close != -1 and (opening == -1 or close < opening):
        answer = answer.split("}")[0]
    answer = answer.split("=")[-1].split("\\approx")[-1]
    for old, new in _ERASED:
        answer = answer.replace(old, new)
    return _stripped(answer)


def _stripped(answer: str) -> str:
    for old, new in _STRIPPED:
        answer = answer.replace(old, new)
    answer = answer.split("\\text{ ")[0].replace("\\%", "")
    answer = answer.replace(" .", " 0.").replace("{.", "{0.")
    if answer.startswith("."):
        answer = "0" + answer
    for mark in ("=", "\\approx"):
        if answer.count(mark) == 1:
            answer = answer.split(mark)[-1]
    return answer.replace(" ", "")
