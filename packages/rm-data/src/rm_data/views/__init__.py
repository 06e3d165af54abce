"""Other views of the same map, whose right answers follow from those of the first."""

from rm_data.views.files import write_views
from rm_data.views.pairs import ViewPair, read_pairs
from rm_data.views.questions import way_back
from rm_data.views.removal import LineEraser, line_eraser
from rm_data.views.view import KINDS, View, views

__all__ = [
    "KINDS",
    "LineEraser",
    "View",
    "ViewPair",
    "line_eraser",
    "read_pairs",
    "views",
    "way_back",
    "write_views",
]
