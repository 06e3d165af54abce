"""Score an answer about a transit map, and the records that the other packages share.

Networks, and what scores, are loaded when they are first asked for; the records are there at once.
"""

from rm_rewards.answer_form import AnswerForm, answer_form
from rm_rewards.difficulty import difficulty_weight
from rm_rewards.gold import gold_answer, route_text
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

TYPE_CHECKING = False  # as `typing` has it
if TYPE_CHECKING:
    from rm_rewards.network import (
        Line,
        Network,
        Station,
        from_published,
        plain_name,
        to_published,
    )
    from rm_rewards.route import read_route
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
    "read_route",
    "reward_spec",
    "route_text",
    "score",
    "score_completion",
    "score_group",
    "to_published",
]

_LATER = {
    "Line": "network",
    "Network": "network",
    "RewardSpec": "specs",
    "Station": "network",
    "from_published": "network",
    "grades_stops": "stops",
    "plain_name": "network",
    "read_route": "route",
    "reward_spec": "specs",
    "score": "scoring",
    "score_completion": "scoring",
    "score_group": "scoring",
    "to_published": "network",
}
"""Name -> the module that it comes from. None of these is itself the name of a module."""


if not TYPE_CHECKING:  # so that a name that is not there is found out without running

    def __getattr__(name: str) -> object:
        """Load one of the names that come later."""
        if name not in _LATER:
            message = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(message, name=name)
        from importlib import import_module  # noqa: PLC0415 - what an import need not load

        found = getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    """All names, loaded or not."""
    return sorted({*globals(), *__all__})
