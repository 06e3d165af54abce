"""A user's own scores with the published ones beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final

from rm_eval.metrics import Score
from rm_eval.published.definitions import definitions_of
from rm_eval.published.scores import Published, scores_of

ANCHORS: Final = (
    ("Qwen2.5-VL-3B", "none"),
    ("Qwen2.5-VL-7B", "none"),
    ("Qwen2.5-VL-7B", "RL (both sets)"),
    ("Qwen2.5-VL-7B", "RewardMap"),
)
"""Model and training of the published rows that a report shows; `rm-eval published` shows all."""

_PARTS: Final = {
    "ReasonMap-Plus": (("ReasonMap-Plus", "overall"),),
    "ReasonMap-Plus Counting": (("ReasonMap-Plus", "Counting"),),
    "ReasonMap-Plus TorF": (("ReasonMap-Plus", "TorF"),),
    "ReasonMap planning": (("ReasonMap", "short"), ("ReasonMap", "long")),
}

_WHOLE: Final = ("overall", "short")


def beside(groups: Sequence[Score]) -> list[str]:
    """Lines of markdown: a table of what may be compared, then what may not and why.

    A group stands in the table if the sum of its weights is that of the published test set.
    """
    known = [score for score in groups if score.name in _PARTS]
    rows = [line for score in known if _is_published_set(score) for line in _rows(score)]
    heads = [f"{model}, {'as released' if how == 'none' else how}" for model, how in ANCHORS]
    lines = ["| weighted accuracy % | this run | " + " | ".join(heads) + " |"]
    lines += ["|---" + "|--:" * (1 + len(heads)) + "|", *rows]
    others = [
        f"- {score.name}: not beside the published scores, since these are other questions: their "
        f"weights sum to {score.sum_of_weights:g}, those of the published test set to "
        f"{float(_total(score)):g}."
        for score in known
        if _PARTS[score.name][0][1] in _WHOLE
        and not _is_published_set(score)
        and score.sum_of_weights is not None
    ]
    return [*(["", *lines] if rows else []), *(["", *others] if others else [])]


def _total(score: Score) -> Fraction:
    benchmark, part = _PARTS[score.name][0]
    return definitions_of(benchmark, part)[0].total


def _is_published_set(score: Score) -> bool:
    return score.sum_of_weights is not None and score.sum_of_weights == float(_total(score))


def _rows(score: Score) -> Iterator[str]:
    for benchmark, part in _PARTS[score.name]:
        found = {
            (one.model, one.training): one
            for one in reversed(scores_of(benchmark))
            if (one.part, one.metric) == (part, "weighted accuracy")
        }
        cells = [_cell(found.get(anchor)) for anchor in ANCHORS]
        own = 100 * (score.weighted_accuracy or 0.0)
        yield f"| {benchmark}, {part} | {own:.2f} | " + " | ".join(cells) + " |"


def _cell(published: Published | None) -> str:
    return "" if published is None else published.score
