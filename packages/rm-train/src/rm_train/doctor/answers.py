"""Can the right answers be written, and do they earn what they should?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rm_train.doctor.finding import Finding, some_of


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldLength:
    """How long the gold answer to a question is, in tokens, its end among them."""

    question: str
    type: str
    tokens: int


def reach_findings(golds: Sequence[GoldLength], limit: int) -> Iterator[Finding]:
    """Answers that are longer than the longest reply: no reply to them can be right.

    An error if that is so for a whole question type or for one question in ten, else a warning.
    """
    if not golds:
        return
    longest = max(golds, key=lambda gold: gold.tokens)
    yield Finding(
        level="note",
        code="answer-length",
        found=f"right answers have up to {longest.tokens:,} tokens ({longest.type}), replies up to "
        f"{limit:,}",
    )
    beyond = [gold for gold in golds if gold.tokens > limit]
    if not beyond:
        return
    of_type = Counter(gold.type for gold in golds)
    lost = Counter(gold.type for gold in beyond)
    whole = any(count == of_type[kind] for kind, count in lost.items())
    types = ", ".join(f"{kind} {count} of {of_type[kind]}" for kind, count in lost.items())
    yield Finding(
        level="error" if whole or len(beyond) * 10 >= len(golds) else "warning",
        code="unreachable-answers",
        found=f"the right answers of {len(beyond):,} questions are longer than "
        f"max_completion_length {limit} ({types}; "
        f"{some_of([gold.question for gold in beyond])})",
        effect="no reply to them can be right: their groups are dead, or teach to stop early",
        way_out=f"set max_completion_length to {longest.tokens} at least, more for models that "
        "think before they answer",
    )


def mark_findings(faults: Sequence[str], asked: int) -> Iterator[Finding]:
    """Questions whose own right answer is not right by the reward.

    Args:
        faults: The ids of such questions.
        asked: How many questions there are.
    """
    if faults:
        yield Finding(
            level="error" if len(faults) * 10 >= asked else "warning",
            code="wrong-gold",
            found=f"the right answers of {len(faults):,} of {asked:,} questions are not right by "
            f"the reward ({some_of(faults)})",
            effect="what is right is punished there",
            way_out="see `rm-rewards check --questions FILE`; mend the questions or leave them out",
        )


def soundness_findings(found: Sequence[tuple[str, str]], asked: int) -> Iterator[Finding]:
    """What the reward's own check says of a sample: full marks for gold, none for garbage.

    Args:
        found: Check (`oracle`, `garbage`, `range`) and what it says.
        asked: How many questions were tried.
    """
    for check in dict.fromkeys(name for name, _ in found):
        said = [text for name, text in found if name == check]
        yield Finding(
            level="warning" if check == "oracle" else "error",
            code=f"reward-{check}",
            found=f"{len(said)} findings on {asked} questions, such as: {said[0]}",
            effect={
                "oracle": "a right answer does not earn all there is",
                "garbage": "a reply that answers nothing is rewarded, and will be learned",
            }.get(check, "rewards are not what the specification says"),
            way_out="see `rm-rewards check --questions FILE`, and choose another --reward",
        )
