"""Pictures of networks: one display list, drawn as SVG and PNG, with its truth in pixels."""

from rm_data.picture.look import Look
from rm_data.picture.shapes import Conflict, Group, Scene
from rm_data.picture.truth import LabelTruth, LineTruth, PixelTruth, StationTruth

__all__ = [
    "Conflict",
    "Group",
    "LabelTruth",
    "LineTruth",
    "Look",
    "PixelTruth",
    "Scene",
    "StationTruth",
]
