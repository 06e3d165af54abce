"""A batch scored once, for trainers that call one function a component: TRL, ms-swift."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any, Final, Protocol, TypeAlias, cast

from rm_rewards.composition import AnyReward, Composed, Composition
from rm_rewards.records import PLANNING, Question, RecordError
from rm_rewards.stops import grades_stops

Message: TypeAlias = Mapping[str, Any]
Reply: TypeAlias = str | Sequence[Message]
"""A reply as trainers give it: text, or the turns of a conversation."""

Scored: TypeAlias = tuple[Question, Composed]
Column: TypeAlias = Callable[[Scored], float | None]


class RewardFunction(Protocol):
    """What the trainer calls; `__name__` is the name of the column in its log."""

    __name__: str

    def __call__(self, *, completions: Sequence[Reply], **columns: Any) -> list[float | None]:  # noqa: ANN401 - the columns of the user's dataset
        """One reward a reply; None where it does not apply."""
        ...


class GroupScorer(Protocol):
    """What scores the replies to one question: `LabelScorer`, or one of your own."""

    @property
    def reward(self) -> AnyReward:
        """What it scores by."""
        ...

    def question(self, label: Any, /) -> Question:  # noqa: ANN401 - text, number: what the column holds
        """The question of a label."""
        ...

    def group(
        self,
        label: Any,  # noqa: ANN401 - as `question`
        texts: Sequence[str],
        truncated: Sequence[bool],
        tokens: Sequence[int | None] | None = None,
        /,
    ) -> Sequence[Composed]:
        """What each of a group of replies to the question earned, in order."""
        ...


class ScoredBatch:
    """The scored replies of the batch at hand, kept until another batch is asked for.

    Args:
        score: What scores them.
        column: The dataset's column with the labels, or with whatever else `score` knows them by.
        group_size: How many replies a group has: parts of groups, which a batch that is split over
            devices can leave, are then refused.
    """

    def __init__(self, score: GroupScorer, column: str, group_size: int | None = None) -> None:
        self.score = score
        self._column = column
        self._group_size = group_size
        self._last: tuple[Sequence[Reply], object, list[Scored]] | None = None

    def __call__(self, completions: Sequence[Reply], columns: Mapping[str, object]) -> list[Scored]:
        """Each reply's question and reward. The very same lists again are not scored again.

        Raises:
            KeyError: If the dataset has no such column, with what to do.
            RecordError: For a label or a network that cannot be used, or a part of a group.
        """
        labels = columns.get(self._column)
        if labels is None:
            raise KeyError(
                f"the dataset has no column {self._column!r}: add it, with the text of "
                "encode_question(question) in each row, or name yours by column=..."
            )
        last = self._last
        if last is None or last[0] is not completions or last[1] is not labels:
            self._last = last = (completions, labels, self._scored(completions, columns))
        return last[2]

    def _scored(self, completions: Sequence[Reply], columns: Mapping[str, object]) -> list[Scored]:
        labels = cast("Sequence[Any]", columns[self._column])
        cut = cast("Sequence[bool]", columns.get("is_truncated") or [False] * len(labels))
        texts, cuts = map(reply_text, completions), map(bool, cut)
        rows = list(zip(labels, texts, cuts, _lengths(columns, len(labels)), strict=True))
        found: list[Scored] = []
        for label, group in groupby(rows, key=lambda row: row[0]):
            _, said, ends, tokens = zip(*group, strict=True)
            if self._group_size and len(said) % self._group_size:
                expected = f"whole groups of {self._group_size}: give each device whole groups"
                raise RecordError(self._column, f"{len(said)} replies to one question", expected)
            question = self.score.question(label)
            found += [(question, each) for each in self.score.group(label, said, ends, tokens)]
        return found


def _lengths(columns: Mapping[str, object], count: int) -> Sequence[int | None]:
    """The lengths in tokens, as TRL (`completion_ids`) and ms-swift (`response_token_ids`) tell."""
    ids = columns.get("completion_ids") or columns.get("response_token_ids")
    if not isinstance(ids, list) or len(cast("list[object]", ids)) != count:
        return [None] * count
    return [len(each) for each in cast("list[Sequence[int]]", ids)]


def reply_text(reply: Reply) -> str:
    """The text of a reply; of a conversation, the assistant's last turn."""
    if isinstance(reply, str):
        return reply
    turns = [turn for turn in reply if turn.get("role", "assistant") == "assistant"]
    content: object = turns[-1].get("content") if turns else ""
    if isinstance(content, list | tuple):
        blocks = cast("Sequence[Message]", content)
        return "".join(block["text"] for block in blocks if block.get("type") == "text")
    return str(content or "")


def _detail(scored: Scored) -> float | None:
    question, reward = scored[0], scored[1].reward
    applies = question.type == PLANNING or grades_stops(question) or reward.detail
    return reward.detail if applies else None


_COLUMNS: Final[Mapping[str, Column]] = {
    "total": lambda scored: scored[1].reward.total,
    "format": lambda scored: scored[1].reward.format,
    "correctness": lambda scored: scored[1].reward.correctness,
    "detail": _detail,
}
"""What each column holds; `detail` is None for questions that have none."""


def columns_of(reward: AnyReward) -> list[str]:
    """The columns whose weighted sum is the total: components, or the parts of a composition.

    A reward that multiplies its total by the difficulty weight has no others.
    """
    if isinstance(reward, Composition):
        return [part.name for part in reward.parts]
    return [] if reward.weighted else ["format", "correctness", "detail"]


def _column(name: str, reward: AnyReward) -> Column:
    if name != "total" and isinstance(reward, Composition):
        return lambda scored: scored[1].components[name].given
    return _COLUMNS[name]


def reward_function(
    name: str,
    batch: ScoredBatch,
    log: Callable[[Sequence[Scored], Mapping[str, Any]], None] | None = None,
) -> RewardFunction:
    """The function of `total` or of one of `columns_of(reward)`.

    `log` is told of each batch: what was scored, and all columns, the replies among them.
    """
    column = _column(name, batch.score.reward)

    def function(*, completions: Sequence[Reply], **columns: Any) -> list[float | None]:  # noqa: ANN401 - see RewardFunction
        scored = batch(completions, columns)
        if log is not None:
            log(scored, {**columns, "completions": completions})
        return [column(each) for each in scored]

    function.__name__ = name
    return function


__all__ = [
    "GroupScorer",
    "Reply",
    "RewardFunction",
    "Scored",
    "ScoredBatch",
    "columns_of",
    "reply_text",
    "reward_function",
]
