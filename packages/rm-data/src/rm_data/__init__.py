"""Transit maps, real and synthetic, to pictures and questions with exact truth."""

from rm_data.cities.city import City, city
from rm_data.cities.styles import CITY_STYLES, CityStyle
from rm_data.distil import Chain, distilled
from rm_data.draw import draw
from rm_data.exporting import export
from rm_data.findings import Finding, validate
from rm_data.importing.gtfs.feed import read_gtfs
from rm_data.importing.station_lists import to_station_lists
from rm_data.kinds import kinds, register
from rm_data.layout import Layout
from rm_data.networks import find_networks, load_network
from rm_data.pareto import pareto_front, pareto_routes
from rm_data.picture import (
    Conflict,
    Look,
    PixelTruth,
    Scene,
    load_truth,
    scene,
    scenery_for,
    to_image,
    to_png,
    to_svg,
)
from rm_data.questions import PER_MAP, ask
from rm_data.routes import min_transfers, routes
from rm_data.sheet import Shortfall
from rm_data.synthetic import STYLES, Style, generate
from rm_data.views import LineEraser, ViewPair, line_eraser, read_pairs, way_back

__all__ = [
    "CITY_STYLES",
    "PER_MAP",
    "STYLES",
    "Chain",
    "City",
    "CityStyle",
    "Conflict",
    "Finding",
    "Layout",
    "LineEraser",
    "Look",
    "PixelTruth",
    "Scene",
    "Shortfall",
    "Style",
    "ViewPair",
    "ask",
    "city",
    "distilled",
    "draw",
    "export",
    "find_networks",
    "generate",
    "kinds",
    "line_eraser",
    "load_network",
    "load_truth",
    "min_transfers",
    "pareto_front",
    "pareto_routes",
    "read_gtfs",
    "read_pairs",
    "register",
    "routes",
    "scene",
    "scenery_for",
    "to_image",
    "to_png",
    "to_station_lists",
    "to_svg",
    "validate",
    "way_back",
]
