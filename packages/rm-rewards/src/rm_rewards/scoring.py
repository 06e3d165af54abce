"""The front door: a question and a reply in, a reward out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from rm_rewards.difficulty import difficulty_weight
from rm_rewards.grading import Marks, grader
from rm_rewards.network import Network
from rm_rewards.records import Completion, Question, Reward
from rm_rewards.specs import RewardSpec, reward_spec


def score(
    question: Question,
    text: str,
    *,
    network: Network | None = None,
    reward: str | RewardSpec = "rewardmap",
) -> Reward:
    r"""The reward of one reply. No text makes it raise.

    Args:
        question: What was asked.
        text: The reply.
        network: The map's network. Without it a planned route is right only if it is one of the
            question's own `routes`.
        reward: The name of a specification, or one of your own.

    Raises:
        RecordError: For an unknown reward, or a question that cannot be graded.

    Example:
        >>> asked = Question(id="q1", type="Counting2", question="How many lines?", answer=3)
        >>> score(asked, r"I count \boxed{3}.").total
        2.0
    """
    return score_group(question, (text,), network=network, reward=reward)[0]


def score_completion(
    question: Question,
    completion: Completion,
    *,
    network: Network | None = None,
    reward: str | RewardSpec = "rewardmap",
) -> Reward:
    """The reward of a recorded reply, with its `sample`.

    A reply cut off by the length limit (`finish_reason` "length") before it gave an answer is
    `truncated`, not `unparsed`.

    Raises:
        RecordError: As `score`.
    """
    found = score(question, completion.text, network=network, reward=reward)
    cut = found.status == "unparsed" and completion.finish_reason == "length"
    return replace(found, sample=completion.sample, status="truncated" if cut else found.status)


def score_group(
    question: Question,
    texts: Iterable[str],
    *,
    network: Network | None = None,
    reward: str | RewardSpec = "rewardmap",
) -> list[Reward]:
    """The rewards of a group of replies to one question, in order; `sample` is the index.

    Raises:
        RecordError: As `score`.
    """
    spec = reward_spec(reward)
    grade = grader(question, network, spec)
    return [_reward(question, i, grade(text), spec) for i, text in enumerate(texts)]


def _reward(question: Question, sample: int, marks: Marks, spec: RewardSpec) -> Reward:
    weight = difficulty_weight(question)
    form = spec.format if marks.well_formed else 0.0
    correctness = spec.correctness if marks.correct else 0.0
    total = form + correctness + spec.alpha * marks.detail
    return Reward(
        question_id=question.id,
        sample=sample,
        total=total * weight if spec.weighted else total,
        format=form,
        correctness=correctness,
        detail=marks.detail,
        weight=weight,
        correct=marks.correct,
        accuracy=float(marks.correct),
        parsed=_writable(marks.parsed),
        status=marks.status,
        reasons=marks.reasons,
        reward_version=spec.version,
    )


def _writable(text: str | None) -> str | None:
    """The text without half characters, which UTF-8 cannot hold."""
    return None if text is None else text.encode("utf-8", "replace").decode("utf-8")
