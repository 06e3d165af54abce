"""A finished run, or a comparison, as a file for other programs: CSV, JSON, LaTeX, parquet."""

from rm_eval.exporting.files import FORMS, Form, export
from rm_eval.exporting.latex import comparison_table, latex_table
from rm_eval.exporting.tables import guarded

__all__ = ["FORMS", "Form", "comparison_table", "export", "guarded", "latex_table"]
