"""Vision-R1's hard formatting result reward: all or nothing.

Source: arXiv 2503.06749 [N]; its RL code is not published.

    HFRRF: r = 1 if the form AND the answer are right, else 0

Constants: none. Range: 0 or 1. A reply that the length limit cuts off fails the form, so that the
limit itself is the penalty.

Repaired form, `gated`: all or nothing re-creates the sparse reward that RewardMap fights, so
partial credit may be let in below a cap: r = cap * partial for all that is not wholly right, cap
< 1.

Blind to: everything between a right answer in poor form and no answer at all (published); why the
partial credit was given (gated: it is the caller's).
"""

from __future__ import annotations

from rm_rewards.methods.inputs import within
from rm_rewards.network import Network
from rm_rewards.records import Question
from rm_rewards.scoring import score


def hfrrf(*, well_formed: bool, correct: bool) -> float:
    """1 for a right answer in the right form, else 0.

    Example:
        >>> hfrrf(well_formed=True, correct=True), hfrrf(well_formed=False, correct=True)
        (1.0, 0.0)
    """
    return float(well_formed and correct)


def gated(*, well_formed: bool, correct: bool, partial: float, cap: float = 0.5) -> float:
    """1 for a right answer in the right form, else `cap * partial`.

    Args:
        well_formed: Whether it has the form that was asked for.
        correct: Whether it is right.
        partial: The partial credit of the reply, in [0, 1].
        cap: What partial credit may reach at most, below 1.

    Raises:
        RecordError: For a partial credit or a cap out of its range.
    """
    within("partial", 0.0, 1.0, partial)
    within("cap", 0.0, 0.999, cap)
    return 1.0 if well_formed and correct else cap * partial


def reply_hfrrf(question: Question, reply: str, *, network: Network | None = None) -> float:
    r"""HFRRF of a reply to a question about a map. No text makes it raise.

    Raises:
        RecordError: If the question cannot be graded.

    Example:
        >>> asked = Question(id="q1", type="Counting2", question="How many lines?", answer=3)
        >>> reply_hfrrf(asked, r"\boxed{3}"), reply_hfrrf(asked, "3")
        (1.0, 0.0)
    """
    found = score(question, reply, network=network, reward="sparse")
    return hfrrf(well_formed=found.format > 0, correct=found.correct)
