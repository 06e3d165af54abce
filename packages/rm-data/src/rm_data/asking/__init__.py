"""Questions about many maps: in constant memory, by many processes, resumed after a crash."""

from rm_data.asking.job import Job
from rm_data.asking.order import AskOrder
from rm_data.asking.run import Asked, side_path, write_questions
from rm_data.asking.sides import ByCity, Levels, OneFile, Sides, places_of

__all__ = [
    "AskOrder",
    "Asked",
    "ByCity",
    "Job",
    "Levels",
    "OneFile",
    "Sides",
    "places_of",
    "side_path",
    "write_questions",
]
