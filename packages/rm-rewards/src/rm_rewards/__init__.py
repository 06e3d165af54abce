"""Score an answer about a transit map, and the records that the other packages share."""

from rm_rewards.answer_form import AnswerForm, answer_form
from rm_rewards.difficulty import difficulty_weight
from rm_rewards.gold import gold_answer, route_text
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
from rm_rewards.scoring import score, score_completion, score_group
from rm_rewards.specs import RewardSpec, reward_spec
from rm_rewards.stops import grades_stops

__all__ = [
    "PLANNING",
    "QUESTION_TYPES",
    "AnswerForm",
    "Completion",
    "Difficulty",
    "Leg",
    "Line",
    "Network",
    "Question",
    "RecordError",
    "Reward",
    "RewardSpec",
    "Route",
    "Station",
    "answer_form",
    "difficulty_weight",
    "from_published",
    "gold_answer",
    "grades_stops",
    "plain_name",
    "reward_spec",
    "route_text",
    "score",
    "score_completion",
    "score_group",
    "to_published",
]
