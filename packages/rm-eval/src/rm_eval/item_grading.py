"""What a reply to an item earns: right or wrong, by the paper's extractor or the task file."""

from __future__ import annotations

from rm_eval.custom import OwnTask
from rm_eval.extractors import EXTRACTORS, PAPER
from rm_eval.item import Item
from rm_rewards import Completion, Reward


def grade_item(item: Item, completion: Completion, own: OwnTask | None = None) -> Reward:
    """The reward of a reply: 1 if it is right, read as VLMEvalKit did on the day of the paper.

    An item of a task of one's own is read as its file says.

    `rm-eval rescore` tells what other extractors make of it.
    """
    mine = own if own is not None and own.name == item.task else None
    extractor = EXTRACTORS[PAPER] if mine is None else mine.grader
    verdict = extractor.judge(item, completion.text)
    found = verdict.extraction
    unread = "truncated" if completion.finish_reason == "length" else "unparsed"
    reason = "no_answer" if found.value is None else "wrong_answer"
    return Reward(
        question_id=completion.question_id,
        sample=completion.sample,
        total=float(verdict.right),
        format=0.0,
        correctness=float(verdict.right),
        detail=0.0,
        weight=item.weight,
        correct=verdict.right,
        accuracy=float(verdict.right),
        parsed=found.value,
        status=unread if found.value is None else "ok",
        reasons=() if verdict.right else (reason,),
        reward_version=PAPER if mine is None else mine.version,
    )
