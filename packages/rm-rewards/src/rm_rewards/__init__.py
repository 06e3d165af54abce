"""Score an answer about a transit map, and the records that the other packages share."""

from rm_rewards.network import Line, Network, Station, from_published, plain_name, to_published
from rm_rewards.records import (
    PLANNING,
    QUESTION_TYPES,
    Completion,
    Difficulty,
    Leg,
    Question,
    RecordError,
    Reward,
    Route,
)

__all__ = [
    "PLANNING",
    "QUESTION_TYPES",
    "Completion",
    "Difficulty",
    "Leg",
    "Line",
    "Network",
    "Question",
    "RecordError",
    "Reward",
    "Route",
    "Station",
    "from_published",
    "plain_name",
    "to_published",
]
