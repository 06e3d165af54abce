"""The questions of one run, or of two side by side, as the page's script takes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Final

from rm_eval.errors import EvalError
from rm_eval.extractors import EXTRACTORS, PAPER
from rm_eval.item import ITEMS, Item
from rm_eval.job import REWARDS
from rm_eval.samples import Sample, read_samples
from rm_eval.viewer.pictures import Album
from rm_rewards import Reward, jsonl

_LONGEST: Final = 20_000
"""Characters of a reply that the page holds."""

_RULES: Final[Mapping[str, str]] = {
    "letter": "it names one option by its letter",
    "text": "it holds the text of one option",
    "regex": "it says `answer is`",
    "phrase": "it says what the answer is",
    "boxed": "the last \\boxed{}",
    "whole": "the whole reply is the answer",
    "refused": "the model declined",
    "none": "no rule found an answer",
}


def rows(folders: Sequence[Path], album: Album) -> Iterator[dict[str, object]]:
    """A row for each question, with a reply for each run; pictures are put into the album.

    Raises:
        EvalError: If a folder is no finished run, or the runs differ in their questions.
        RecordError: If a line of a run is damaged.
        OSError: If a file cannot be read.
    """
    items = _items(folders[0])
    for samples, rewards in _paired(folders):
        first = samples[0]
        item = items.get(first.id)
        shown = [_reply(*one, item) for one in zip(samples, rewards, strict=True)]
        yield {
            "id": first.id,
            "type": first.type,
            "category": "" if item is None else _category(item),
            "cluster": first.cluster,
            "question": first.question,
            "gold": first.gold,
            "picture": None if first.figure is None else album.number(folders[0] / first.figure),
            "replies": shown,
        }


def _items(folder: Path) -> dict[str, Item]:
    file = folder / ITEMS
    return {one.id: one for one in jsonl.read(Item, file)} if file.is_file() else {}


def _category(item: Item) -> str:
    return " / ".join(filter(None, (item.category, item.leaf)))


def _paired(folders: Sequence[Path]) -> Iterator[tuple[list[Sample], list[Reward]]]:
    samples = (read_samples(folder) for folder in folders)
    earned = zip(*(jsonl.read(Reward, folder / REWARDS) for folder in folders), strict=False)
    for row in zip_longest(*samples):
        asked = {None if one is None else (one.id, one.question) for one in row}
        if len(asked) > 1:
            found = " and ".join("none" if one is None else repr(one.id) for one in row)
            raise EvalError(
                f"{folders[0]} and {folders[1]}: different questions, first {found}; take two runs "
                "over the same questions"
            )
        yield [one for one in row if one is not None], list(next(earned))


def _reply(sample: Sample, reward: Reward, item: Item | None) -> dict[str, object]:
    return {
        "text": sample.reply[:_LONGEST],
        "cut": max(0, len(sample.reply) - _LONGEST),
        "parsed": sample.parsed,
        "correct": sample.correct,
        "status": sample.status,
        "truncated": sample.finish_reason == "length",
        "total": sample.total,
        "tokens": sample.tokens,
        "how": _how(sample, reward, item),
    }


def _how(sample: Sample, reward: Reward, item: Item | None) -> list[str]:
    """How the reply came to its score, a line a step."""
    lines = [f"graded by {reward.reward_version}"]
    if item is not None and reward.reward_version == PAPER and EXTRACTORS[PAPER].scores(item.task):
        rule = EXTRACTORS[PAPER].judge(item, sample.reply).extraction.rule
        lines.append(f"rule {rule}: {_RULES[rule]}")
    else:
        parts = f"format {reward.format:g}, correctness {reward.correctness:g}"
        lines.append(f"{parts}, detail {reward.detail:g}; weight {reward.weight:g}")
    if sample.status != "ok":
        lines.append(f"status {sample.status}")
    return [*lines, *(reason.replace("_", " ") for reason in reward.reasons)]
