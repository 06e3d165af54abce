"""ChartQA's relaxed accuracy: a number within 5 % of the right one, other texts letter by letter.

As VLMEvalKit counts it. A year within 5 % of the right year is right by this measure, `2%` for `2`
is wrong, and so is a number with thousands separators.
"""

from __future__ import annotations

from typing import Final

from rm_eval.extractors.extraction import UNPARSED, Extraction
from rm_eval.item import Item

TOLERANCE: Final = 0.05


def read_whole(item: Item, reply: str) -> Extraction:
    """The whole reply without blanks around it."""
    del item
    text = reply.strip()
    return Extraction(text, "whole") if text else UNPARSED


def relaxed(item: Item, value: str) -> bool:
    """Whether the value is right within the tolerance.

    Example:
        >>> item = Item(id="1", task="chartqa", form="text", answer="100")
        >>> relaxed(item, "105"), relaxed(item, "105.1")
        (True, False)
    """
    found, target = _number(value), _number(item.answer)
    if found is not None and target:
        return abs(found - target) / abs(target) <= TOLERANCE
    return value.lower() == item.answer.lower()


def _number(text: str) -> float | None:
    try:
        return float(text.rstrip("%")) / 100 if text.endswith("%") else float(text)
    except ValueError:
        return None
