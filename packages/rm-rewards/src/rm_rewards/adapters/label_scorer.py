"""From the label and the reply that a trainer hands over to a reward."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Final, TypeAlias

from rm_rewards.adapters.question_label import Label, decode_question
from rm_rewards.composition import AnyReward, Composed, Composition
from rm_rewards.composition_file import chosen_reward
from rm_rewards.jsonl import Networks
from rm_rewards.network import Network
from rm_rewards.records import Question, Reward
from rm_rewards.scoring import score_group

_KEPT: Final = 4096

Components: TypeAlias = dict[str, float]


class LabelScorer:
    """Scores replies by the label of their question; may be called from several threads.

    A label is read once, and a map once, however many replies are scored by it.

    Args:
        reward: The name of a specification, a composition as `FILE.toml`, or one of your own.
        networks: A folder of `<country>/<city>.json`, for questions whose own network file is
            named nowhere or is not there.
        folder: What paths in the labels are relative to; not needed for labels that
            `encode_question(question, folder)` made.

    Raises:
        RecordError: For an unknown reward, or a file that is not a composition.
    """

    def __init__(
        self,
        reward: str | AnyReward = "rewardmap",
        networks: Path | str | None = None,
        folder: Path | str = ".",
    ) -> None:
        self.reward = chosen_reward(reward) if isinstance(reward, str) else reward
        self._networks = Networks(Path(folder), None if networks is None else Path(networks))
        self._known: OrderedDict[str, tuple[Question, Network | None]] = OrderedDict()
        self._lock = Lock()

    def __call__(self, label: Label, text: str, *, truncated: bool = False) -> Composed:
        """What one reply earned; `truncated` says that the length limit cut it off.

        Parts of a composition that look at whole groups see a group of one.

        Raises:
            RecordError: For a label or a network that cannot be used, never because of the reply.
            OSError: If a network file cannot be read.
        """
        return self.group(label, [text], [truncated])[0]

    def group(
        self, label: Label, texts: Sequence[str], truncated: Sequence[bool]
    ) -> list[Composed]:
        """What each of a group of replies to one question earned, in order.

        Raises:
            RecordError: As a call.
            OSError: As a call.
        """
        question, network = self._found(label)
        if isinstance(self.reward, Composition):
            found = self.reward.score_group(question, texts, network=network)
        else:
            rewards = score_group(question, texts, network=network, reward=self.reward)
            found = [Composed(reward=reward, components={}) for reward in rewards]
        return [_cut(each) if cut else each for each, cut in zip(found, truncated, strict=True)]

    def question(self, label: Label) -> Question:
        """The question of a label, read once.

        Raises:
            RecordError: As a call.
        """
        return self._found(label)[0]

    def _found(self, label: Label) -> tuple[Question, Network | None]:
        with self._lock:  # maps are large: two threads must not both read the same one
            if not isinstance(label, str):
                return self._read(label)
            if label not in self._known:
                self._known[label] = self._read(label)
                while len(self._known) > _KEPT:
                    self._known.popitem(last=False)
            return self._known[label]

    def _read(self, label: Label) -> tuple[Question, Network | None]:
        question = decode_question(label)
        return question, self._networks.to_judge(question)


def _cut(found: Composed) -> Composed:
    """A reply that the length limit ended before it gave an answer is not merely unparsed."""
    if found.reward.status != "unparsed":
        return found
    return replace(found, reward=replace(found.reward, status="truncated"))


def components(found: Composed) -> Components:
    """The numbers of a reward, the same keys for every reply, each finite.

    `correct` is 0 or 1 and `accuracy` from 0 to 1, both unweighted; `unparsed` is 1 where no answer
    could be read, for whatever reason. `weight` is the difficulty weight, for use where it can act.
    A composition adds what each part gave, as `part_NAME`.
    """
    reward = found.reward
    return {
        "format": reward.format,
        "correctness": reward.correctness,
        "detail": reward.detail,
        "weight": reward.weight,
        "correct": float(reward.correct),
        "accuracy": reward.accuracy,
        "unparsed": float(reward.status != "ok"),
        **{f"part_{name}": part.given for name, part in found.components.items()},
    }


def remarks(reward: Reward) -> Mapping[str, str]:
    """The texts of a reward, the same keys for every reply, never None."""
    return {
        "pred": reward.parsed or "",
        "status": reward.status,
        "reasons": " ".join(reward.reasons),
        "reward_version": reward.reward_version,
    }


__all__ = ["Components", "LabelScorer", "components", "remarks"]
