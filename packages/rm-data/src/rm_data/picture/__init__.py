"""Pictures of networks: one display list, drawn as SVG and PNG, with its truth in pixels."""

from rm_data.picture.conflicts import conflicts
from rm_data.picture.fonts import FACES, missing_characters
from rm_data.picture.look import Look
from rm_data.picture.raster import BACKENDS, Backend, to_image, to_png
from rm_data.picture.scene import scene
from rm_data.picture.scenery import Scenery, scenery_for
from rm_data.picture.shapes import Conflict, Group, Noise, Scene
from rm_data.picture.svg import to_svg
from rm_data.picture.truth import (
    LabelTruth,
    LineTruth,
    PixelTruth,
    StationTruth,
    dump_truth,
    load_truth,
)

__all__ = [
    "BACKENDS",
    "FACES",
    "Backend",
    "Conflict",
    "Group",
    "LabelTruth",
    "LineTruth",
    "Look",
    "Noise",
    "PixelTruth",
    "Scene",
    "Scenery",
    "StationTruth",
    "conflicts",
    "dump_truth",
    "load_truth",
    "missing_characters",
    "scene",
    "scenery_for",
    "to_image",
    "to_png",
    "to_svg",
]
