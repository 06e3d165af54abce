"""Give these rewards to a trainer: one file for each, and the question as one string.

Nothing here imports a trainer, except the plugin for ms-swift, which has to register itself. The
files' names are no trainer's own: ms-swift puts a plugin's folder in front of the import path.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, TypeAlias

from rm_rewards.adapters.label_scorer import LabelScorer, components
from rm_rewards.adapters.question_label import Label, decode_question, encode_question

Trainer: TypeAlias = Literal["trl", "verl", "easyr1", "ms-swift", "openrlhf", "verifiers"]

ADAPTERS: Final[Mapping[Trainer, str]] = {
    "trl": "trl_rewards.py",
    "verl": "verl_score.py",
    "easyr1": "easyr1_reward.py",
    "ms-swift": "ms_swift_plugin.py",
    "openrlhf": "openrlhf_reward.py",
    "verifiers": "verifiers_rewards.py",
}
"""The file of each trainer, in this folder."""


def adapter_path(trainer: Trainer) -> Path:
    """The file of that trainer's adapter."""
    return Path(__file__).resolve().parent / ADAPTERS[trainer]


__all__ = [
    "ADAPTERS",
    "Label",
    "LabelScorer",
    "Trainer",
    "adapter_path",
    "components",
    "decode_question",
    "encode_question",
]
