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
from rm_rewards.parts import Aside
from rm_rewards.records import Question, RecordError, Reward
from rm_rewards.scoring import score_group

_KEPT: Final = 4096

Components: TypeAlias = dict[str, float]


class LabelScorer:
    """Scores replies by the label of their question; may be called from several threads.

    A label is read once, and a map once, however many replies are scored by it.

    A part of a composition that needs what no trainer hands over (a likelihood, a second reply) is
    refused, and so is one that looks at whole groups where a trainer hands over single replies.

    Args:
        reward: The name of a specification, a composition as `FILE.toml` or `.yaml`, or one of
            your own.
        networks: A folder of `<country>/<city>.json`, for questions whose own network file is
            named nowhere or is not there.
        folder: What paths in the labels are relative to; not needed for labels that
            `encode_question(question, folder)` made.
        one_by_one: The name of the trainer, if it hands over one reply at a time.

    Raises:
        RecordError: For an unknown reward, a file that is not a composition, or a part that the
            trainer cannot use.
    """

    def __init__(
        self,
        reward: str | AnyReward = "rewardmap",
        networks: Path | str | None = None,
        folder: Path | str = ".",
        *,
        one_by_one: str = "",
    ) -> None:
        self.reward = chosen_reward(reward) if isinstance(reward, str) else reward
        if isinstance(self.reward, Composition):
            _refuse(self.reward, one_by_one)
        self._networks = Networks(Path(folder), None if networks is None else Path(networks))
        self._known: OrderedDict[str, tuple[Question, Network | None]] = OrderedDict()
        self._lock = Lock()

    def __call__(self, label: Label, text: str, *, truncated: bool = False) -> Composed:
        """What one reply earned; `truncated` says that the length limit cut it off.

        Raises:
            RecordError: For a label or a network that cannot be used, never because of the reply.
            OSError: If a network file cannot be read.
        """
        return self.group(label, [text], [truncated])[0]

    def group(
        self,
        label: Label,
        texts: Sequence[str],
        truncated: Sequence[bool],
        tokens: Sequence[int | None] | None = None,
    ) -> list[Composed]:
        """What each of a group of replies to one question earned, in order.

        Args:
            label: The question's label.
            texts: The replies, all those of the group if a part looks at it.
            truncated: Which of them the length limit cut off.
            tokens: Their lengths, where they are known.

        Raises:
            RecordError: As a call.
            OSError: As a call.
        """
        question, network = self._found(label)
        if isinstance(self.reward, Composition):
            asides = None if tokens is None else [Aside(tokens=count) for count in tokens]
            found = self.reward.score_group(question, texts, network=network, asides=asides)
        else:
            rewards = score_group(question, texts, network=network, reward=self.reward)
            found = [Composed(reward=reward, components={}) for reward in rewards]
        return [_cut(each) if cut else each for each, cut in zip(found, truncated, strict=True)]

    def batch(
        self,
        labels: Sequence[Label],
        texts: Sequence[str],
        tokens: Sequence[int | None] | None = None,
    ) -> list[Composed]:
        """What the replies of a whole batch earned, in order; equal labels make one group.

        Raises:
            RecordError: As a call.
            OSError: As a call.
        """
        counts = [None] * len(labels) if tokens is None else tokens
        rows = list(zip(labels, texts, counts, strict=True))
        groups: dict[str, list[int]] = {}
        for i, label in enumerate(labels):
            groups.setdefault(label if isinstance(label, str) else repr(label), []).append(i)
        found: dict[int, Composed] = {}
        for members in groups.values():
            said, lengths = [rows[i][1] for i in members], [rows[i][2] for i in members]
            earned = self.group(rows[members[0]][0], said, [False] * len(members), lengths)
            found.update(zip(members, earned, strict=True))
        return [found[i] for i in range(len(rows))]

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


def _refuse(reward: Composition, one_by_one: str) -> None:
    for part in reward.parts:
        if part.kind.needs:
            expected = (
                "parts that need nothing but the reply: no trainer hands over its "
                f"{' and '.join(part.kind.needs)}; call Composition.score_group(asides=...)"
            )
            raise RecordError(f"parts.{part.name}", part.kind.name, expected)
        if part.kind.whole and one_by_one:
            expected = (
                f"parts that look at one reply: {one_by_one} hands over one at a time, not the "
                "group; leave the part out, or use TRL, ms-swift or EasyR1"
            )
            raise RecordError(f"parts.{part.name}", part.kind.name, expected)


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
