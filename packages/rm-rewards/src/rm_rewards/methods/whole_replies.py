"""The methods that can mark a whole reply to a question, for `score(..., reward="star-r1")`.

| name | total | range |
| --- | --- | --- |
| `star-r1` | format + correctness + share of right statements (`star_r1_route`) | 0 to 3 |
| `hfrrf` | 1 if form and answer are right (`vision_r1.hfrrf`) | 0 or 1 |
| `observe-r1` | 0.5 for the form (`observe_r1.format_reward`) + correctness | 0 to 1.5 |
| `grounded-prm` | verdicts on the steps and the end (`grounded_prm.grounded_reward`) | -1 to 1 |

Each takes the repaired form, and reads and judges replies as `sparse` does. What a method gives
besides format and correctness stands in the reward's `detail`. A reply in which two answers
disagree has not the form of `observe-r1`, nor has one without an answer; neither is verified for
`grounded-prm`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, TypeAlias

from rm_rewards.grading import grader
from rm_rewards.marks import Grade, Marks
from rm_rewards.methods.grounded_prm import grounded_reward, verdicts
from rm_rewards.methods.observe_r1 import format_reward
from rm_rewards.methods.star_r1_route import star
from rm_rewards.methods.vision_r1 import hfrrf
from rm_rewards.network import Network
from rm_rewards.records import PLANNING, Question
from rm_rewards.specs import RewardSpec, reward_spec
from rm_rewards.truth import Truth, truth_of

_DISAGREE: Final = frozenset(("boxes_disagree", "answers_disagree"))
Marked: TypeAlias = Callable[[str, Marks, Truth | None], Marks]
"""The reply, what `sparse` found, and for a planned route what it is judged against."""


def method_grader(question: Question, network: Network | None, spec: RewardSpec) -> Grade:
    """What grades replies by the method that the specification names as its grader.

    Raises:
        RecordError: If the question cannot be graded.
    """
    base = replace(reward_spec("sparse"), accept=spec.accept)
    judged = grader(question, network, base)
    truth = truth_of(question, network) if question.type == PLANNING else None
    marked = _METHODS[spec.grader]
    return lambda reply: marked(reply, judged(reply), truth)


def _doubtful(marks: Marks) -> bool:
    return not _DISAGREE.isdisjoint(marks.reasons)


def _star(reply: str, marks: Marks, truth: Truth | None) -> Marks:
    if marks.correct or truth is None:
        return replace(marks, detail=float(marks.correct))
    return replace(marks, detail=star(truth, reply).share)


def _hfrrf(_reply: str, marks: Marks, _truth: Truth | None) -> Marks:
    value = hfrrf(well_formed=marks.well_formed, correct=marks.correct)
    return replace(marks, detail=value)


def _observe(reply: str, marks: Marks, _truth: Truth | None) -> Marks:
    """The form asked for is another one, so that what `sparse` says of the form is dropped."""
    formed = format_reward(reply) > 0.0 and marks.parsed is not None and not _doubtful(marks)
    reasons = tuple(c for c in marks.reasons if c != "unboxed" and not c.startswith("form:"))
    return replace(
        marks,
        well_formed=formed,
        detail=0.0,
        reasons=reasons if formed else ("form:tags", *reasons),
    )


def _grounded(reply: str, marks: Marks, truth: Truth | None) -> Marks:
    """Without a reward for form, only this keeps two answers from paying."""
    steps = verdicts(truth, reply).steps if truth is not None else ()
    verified = marks.correct and not _doubtful(marks)
    return replace(marks, detail=grounded_reward(steps, 1 if verified else -1))


_METHODS: Final[Mapping[str, Marked]] = {
    "star-r1": _star,
    "hfrrf": _hfrrf,
    "observe-r1": _observe,
    "grounded-prm": _grounded,
}
