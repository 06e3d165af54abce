"""Question files in the forms that other tools load: question -> row -> file of that tool."""

from rm_data.exporting.export import FORMS, export
from rm_data.exporting.sources import Split, splits_of

__all__ = ["FORMS", "Split", "export", "splits_of"]
