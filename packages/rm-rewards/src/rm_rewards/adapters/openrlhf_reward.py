"""The reward for OpenRLHF 0.11, which loads the function `reward_func` by the path of its file.

    --reward.remote_url $(rm-rewards path openrlhf) --data.label_key label

The dataset's column `label` holds what `encode_question` makes. OpenRLHF calls in threads, one
reply at a time; the reply comes behind its prompt, both decoded with their special tokens. It also
swallows every exception of a reward function (at log level INFO), so try your labels first with
`rm-rewards labels`. For another reward, write a file of your own with

    from rm_rewards.adapters.openrlhf_reward import reward_function
    reward_func = reward_function("sparse")
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from rm_rewards.adapters.label_scorer import LabelScorer, components
from rm_rewards.adapters.question_label import Label
from rm_rewards.composition import AnyReward
from rm_rewards.records import RecordError

Found: TypeAlias = dict[str, float | dict[str, float]]
RewardFunc: TypeAlias = Callable[[Sequence[str], Sequence[str], Sequence[Label]], Found]

_ENDS: Final = ("</s>", "<eos>", "<pad>", "<end_of_turn>")
_LONGEST_TOKEN: Final = 40
_SHORTEST_TAIL: Final = 8


def reward_function(
    reward: str | AnyReward = "rewardmap", *, networks: Path | str | None = None
) -> RewardFunc:
    """A `reward_func(queries, prompts, labels)` for that reward.

    It gives `rewards` (the total), `scores` (the accuracy, from 0 to 1: what dynamic filtering
    compares with its range) and `extra_logs` (each component), all as plain numbers, since OpenRLHF
    makes a tensor of `[value]`.

    Raises:
        RecordError: For an unknown reward, or one with a part that looks at whole groups; when
            called, for a label or network that cannot be used, for more than one query, or for a
            query that does not hold its prompt.
    """
    scorer = LabelScorer(reward, networks, one_by_one="OpenRLHF")

    def reward_func(
        queries: Sequence[str], prompts: Sequence[str], labels: Sequence[Label]
    ) -> Found:
        if not len(queries) == len(prompts) == len(labels) == 1:
            found = [len(queries), len(prompts), len(labels)]
            raise RecordError("queries, prompts, labels", found, "one of each, as OpenRLHF calls")
        earned = scorer(labels[0], reply_in(queries[0], prompts[0]))
        return {
            "rewards": earned.reward.total,
            "scores": earned.reward.accuracy,
            "extra_logs": components(earned),
        }

    return reward_func


def reply_in(query: str, prompt: str) -> str:
    """The reply in a query, which is prompt and reply decoded together.

    The query's beginning is not always the prompt: pictures put many tokens in the place of one,
    and a prompt that is too long loses its beginning. Its end is there, so the reply follows the
    longest end of the prompt that the query holds (halved until it is found). Special tokens after
    the reply are dropped.

    Raises:
        RecordError: If not even the last few characters of the prompt are in the query.
    """
    if query.startswith(prompt):
        return _without_end_tokens(query[len(prompt) :])
    length = len(prompt)
    while length >= _SHORTEST_TAIL:
        tail = prompt[-length:]
        end = _end_of(query, tail, times=prompt.count(tail))
        if end is not None:
            return _without_end_tokens(query[end:])
        length //= 2
    raise RecordError("queries", query[-80:], f"a text that holds the prompt {prompt[-40:]!r}")


def _end_of(text: str, part: str, *, times: int) -> int | None:
    """Where the part ends for the n-th time, not more: the reply may repeat the prompt."""
    end = 0
    for _ in range(times):
        start = text.find(part, end)
        if start < 0:
            return None
        end = start + len(part)
    return end


def _without_end_tokens(text: str) -> str:
    end = len(text)
    while True:
        while end and text[end - 1].isspace():
            end -= 1
        start = -1
        if text.endswith("|>", 0, end):
            start = text.rfind("<|", max(0, end - _LONGEST_TOKEN), end)
        elif text.endswith(_ENDS, 0, end):
            start = text.rfind("<", 0, end)
        if start < 0:
            return text[:end]
        end = start


reward_func: Final = reward_function()

__all__ = ["reply_in", "reward_func", "reward_function"]
