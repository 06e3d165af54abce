"""The replies of finished runs, each with the level of its question and its consistency."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from rm_eval.errors import EvalError
from rm_eval.generalisation.consistency import Match, matched
from rm_eval.generalisation.levels import Aside, Level, Training
from rm_eval.item import ITEMS, Item
from rm_eval.job import QUESTIONS
from rm_eval.samples import read_samples
from rm_rewards import Question, jsonl


@dataclass(frozen=True, slots=True)
class PlacedReply:
    """One reply.

    Attributes:
        question: Id, type and text of the question.
        place: The level of the question, or why it is on none.
        right: Whether the reply is right.
        cluster: The map that the question stands or falls with.
        match: Whether it answers what its reasoning came to; None for a type that no rule reads.
    """

    question: tuple[str, str, str]
    place: Level | Aside
    right: bool
    cluster: str
    match: Match | None


def placed_replies(folder: Path, seen: Training) -> Iterator[PlacedReply]:
    """The replies of the finished run in a folder, or of the runs in the folders inside it.

    Raises:
        EvalError: If the files of a run do not fit together.
        RecordError: If a line of one is damaged.
        OSError: If one cannot be read.
    """
    inside = sorted(file.parent for file in folder.glob(f"*/{QUESTIONS}"))
    for place in [folder] if (folder / QUESTIONS).is_file() else inside:
        file = place / ITEMS
        items = {one.id: one for one in jsonl.read(Item, file)} if file.is_file() else {}
        asked = jsonl.read(Question, place / QUESTIONS)
        for question, sample in zip_longest(asked, read_samples(place)):
            if question is None or sample is None or question.id != sample.id:
                raise EvalError(f"{place}: its files do not fit together; run it anew")
            yield PlacedReply(
                (question.id, question.type, question.question),
                seen.place(question),
                sample.correct,
                sample.cluster,
                matched(question, sample.reply, items.get(question.id)),
            )
