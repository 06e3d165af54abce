"""Many finished runs as one table: a row a model, a column a benchmark, ranks with honest ties."""

from rm_eval.leaderboard.board import Board, Row, leaderboard
from rm_eval.leaderboard.page import page
from rm_eval.leaderboard.text import FORMS, latex, markdown, table_csv, table_json

__all__ = [
    "FORMS",
    "Board",
    "Row",
    "latex",
    "leaderboard",
    "markdown",
    "page",
    "table_csv",
    "table_json",
]
