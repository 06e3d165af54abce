"""Other views of the same map, whose right answers follow from those of the first."""

from rm_data.views.files import write_views
from rm_data.views.view import KINDS, View, views

__all__ = ["KINDS", "View", "views", "write_views"]
