"""The shortest verified chain of several: distil and filter, as OpenVLThinker does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from rm_data.distil.reflections import without_reflections
from rm_rewards import Completion, Question, RecordError

FILTERS: Final[Mapping[str, str]] = {
    "cut": "cut each chain where it begins to doubt itself",
    "words": "drop the chains that are too long",
    "none": "take them as they are",
}
"""What is done about reflections (arXiv 2503.17352: MathVista 48.4 with raw chains, 55.0 with those
under 500 words, 62.5 with cut ones)."""

_NOTHING: Final = "<think></think>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The chain that was taken for a question.

    Attributes:
        question: What was asked.
        text: The reply to learn from.
        sample: Which of the replies it was.
        words: Its length before anything was cut.
        cut: Whether something was cut.
    """

    question: Question
    text: str
    sample: int
    words: int
    cut: bool


Verify = Callable[[Question, str], bool]


def distilled(
    questions: Mapping[str, Question],
    completions: Iterable[Completion],
    verified: Mapping[tuple[str, int], bool] | None,
    verify: Verify,
    *,
    reflections: str = "cut",
    most_words: int = 500,
) -> Iterator[Chain]:
    """For each question the shortest of its verified chains, in the order of the questions.

    A chain is verified by its reward; what is left of it after a cut is verified anew. Where that
    fails, or nothing is left of the reasoning, the next shortest is taken.

    Args:
        questions: By id.
        completions: Chains in any order, several a question.
        verified: Whether each chain is right, by question and sample; without it `verify` tells.
        verify: Whether a reply to a question is right.
        reflections: A key of `FILTERS`.
        most_words: The longest chain that is taken, with `words`.

    Raises:
        RecordError: For a completion without its question or its reward, or an unknown filter.

    Example: of chains with 900, 400, 610 and 650 words, where the second is wrong, the third.
    """
    if reflections not in FILTERS:
        raise RecordError("reflections", reflections, f"one of {', '.join(FILTERS)}")
    chains: dict[str, list[tuple[int, int, str]]] = {}
    for completion in completions:
        question = _question(questions, completion)
        if _is_right(question, completion, verified, verify):
            words = len(completion.text.split())
            told = (words, completion.sample, completion.text)
            chains.setdefault(question.id, []).append(told)
    for number, question in questions.items():
        found = sorted(chains.get(number, []))
        if reflections == "words":
            found = [told for told in found if told[0] <= most_words]
        chain = _first(question, found, verify, cut=reflections == "cut")
        if chain is not None:
            yield chain


def _question(questions: Mapping[str, Question], completion: Completion) -> Question:
    if completion.question_id not in questions:
        raise RecordError("question_id", completion.question_id, "the id of a question")
    return questions[completion.question_id]


def _is_right(
    question: Question,
    completion: Completion,
    verified: Mapping[tuple[str, int], bool] | None,
    verify: Verify,
) -> bool:
    if verified is None:
        return verify(question, completion.text)
    key = (completion.question_id, completion.sample)
    if key not in verified:
        expected = f"a reward of question {completion.question_id!r} for each of its samples"
        raise RecordError("sample", completion.sample, expected)
    return verified[key]


def _first(
    question: Question, found: Iterable[tuple[int, int, str]], verify: Verify, *, cut: bool
) -> Chain | None:
    for words, sample, text in found:
        kept = without_reflections(text) if cut else text
        if kept != text and (_is_bare(kept) or not verify(question, kept)):
            continue
        return Chain(question=question, text=kept, sample=sample, words=words, cut=kept != text)
    return None


def _is_bare(text: str) -> bool:
    """Whether all of the reasoning has gone."""
    return text.lstrip().startswith(_NOTHING) or "".join(text.split()).startswith(_NOTHING)
