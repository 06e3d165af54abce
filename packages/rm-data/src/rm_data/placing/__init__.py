"""Places on paper for networks that come without coordinates: stress layout, then a grid."""

from rm_data.placing.place import Placed, place
from rm_data.placing.proof import differences, drawn_neighbours
from rm_data.placing.render import Rendered, render

__all__ = ["Placed", "Rendered", "differences", "drawn_neighbours", "place", "render"]
