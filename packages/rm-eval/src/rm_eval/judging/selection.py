"""Which replies a judge is asked about: those that no rule read, and a sample of the others."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rm_eval.extractors import Extractor
from rm_eval.extractors.extraction import UNREAD
from rm_eval.item import Item
from rm_eval.judging.prompt import reply_key
from rm_eval.judging.verdicts import Purpose, Verdicts
from rm_eval.rescoring.in_order import InOrder
from rm_eval.rescoring.saved_replies import QUESTIONS, saved_replies
from rm_rewards import Question


@dataclass(frozen=True, slots=True)
class Sample:
    """A share of the replies that a rule read, drawn by their hashes.

    It depends on nothing but the seed, the question's id and the reply, so that a run that has
    grown, or is in another order, keeps what was drawn.

    Attributes:
        share: In [0, 1].
        seed: Any number.
    """

    share: float
    seed: int

    def holds(self, identity: str, reply: str) -> bool:
        """Whether that reply to that question is drawn."""
        if not self.share:
            return False
        told = f"{self.seed}\n{identity}\n{reply_key(reply)}"
        rank = hashlib.sha256(told.encode("utf-8", "surrogatepass")).digest()[:8]
        return int.from_bytes(rank) < self.share * 2**64


@dataclass(frozen=True, slots=True)
class Pending:
    """A reply to be judged."""

    item: Item
    question: str
    reply: str
    purpose: Purpose


def pending(
    folder: Path, extractor: Extractor, sample: Sample, verdicts: Verdicts
) -> Iterator[Pending]:
    """The replies of a run about which a judge is still to be asked, one at a time.

    Raises:
        EvalError: If the folder is no run.
        RecordError: At a line that cannot be used.
        OSError: If a file cannot be read.
    """
    questions = InOrder(Question, folder / QUESTIONS)
    for saved in saved_replies(folder):
        item = saved.asked
        if not isinstance(item, Item) or not extractor.scores(item.task):
            continue
        unread = extractor.judge(item, saved.text).extraction.rule in UNREAD
        if not unread and not sample.holds(item.id, saved.text):
            continue
        if not verdicts.decided(item.id, saved.text):
            question = questions.find(item.id)
            asked = "" if question is None else question.question
            yield Pending(item, asked, saved.text, "unread" if unread else "check")
