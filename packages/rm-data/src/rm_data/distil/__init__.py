"""Verified reasoning of a model, or the truth itself, as rows to fine-tune on."""

from rm_data.distil.chains import FILTERS, Chain, distilled
from rm_data.distil.reflections import without_reflections
from rm_data.distil.rows import FORMS, Row, row, truth

__all__ = [
    "FILTERS",
    "FORMS",
    "Chain",
    "Row",
    "distilled",
    "row",
    "truth",
    "without_reflections",
]
