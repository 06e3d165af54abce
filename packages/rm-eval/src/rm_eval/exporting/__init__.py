"""A finished run as a file for other programs: CSV, JSON, LaTeX, parquet."""

from rm_eval.exporting.latex import latex_table
from rm_eval.exporting.tables import FORMS, Form, export, guarded

__all__ = ["FORMS", "Form", "export", "guarded", "latex_table"]
