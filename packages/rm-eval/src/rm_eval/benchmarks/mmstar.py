"""MMStar: 1,500 questions that cannot be answered without the picture; 6 categories, 18 leaves.

VLMEvalKit quotes the share of all questions, lmms-eval the mean over the 18 leaves, which differs.
Both are given.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from rm_eval.benchmarks.benchmark import (
    Benchmark,
    Entry,
    Hub,
    Measure,
    Published,
    Scored,
    Style,
    by_category,
    grouped,
    mean,
    share,
)
from rm_eval.benchmarks.choice import choice_entry, letter_of, vlmevalkit_prompt
from rm_eval.errors import EvalError
from rm_eval.item import Item
from rm_eval.sources.row import Row

_NAME: Final = "mmstar"
_ENDING: Final = "Answer with the option's letter from the given choices directly"
_YES_NO: Final = " Please answer yes or no."
_INLINE: Final = re.compile(r"\b([A-D]): (.*?)(?=,? *\b[A-D]: |\Z)", re.DOTALL)
_CATEGORIES: Final = (
    *("coarse perception", "fine-grained perception", "instance reasoning"),
    *("logical reasoning", "math", "science & technology"),
)
MACRO: Final = "mean of leaves (lmms-eval)"


def _entries(row: Row, style: Style) -> Sequence[Entry]:
    question, columns = row.text("question"), row.options()
    if style == "lmms-eval" and columns:
        raise EvalError(
            f"{row.where}: question: found options in columns of their own; the lmms-eval prompt "
            "needs the rows of Lin-Chen/MMStar, which have them in the question"
        )
    if style == "vlmevalkit" and not columns:
        raise EvalError(
            f"{row.where}: A: found no column, expected the options in columns as in MMStar.tsv; "
            "or take --prompt lmms-eval"
        )
    options = columns or dict(_INLINE.findall(question.partition("Options:")[2]))
    item = Item(
        id=row.text("index"),
        task=_NAME,
        form="choice",
        answer=letter_of(row, options, "answer"),
        options=options,
        category=row.text("category"),
        leaf=row.text("l2_category"),
    )
    if style == "lmms-eval":
        prompt = f"{question.strip().replace(_YES_NO, '')}\n{_ENDING}"
    else:
        prompt = vlmevalkit_prompt(question, options, row.optional("hint"))
    return [choice_entry(item, prompt, question)]


def measures(scored: Sequence[Scored]) -> list[Measure]:
    """All questions, the mean of the leaves, each category, each leaf, each category's leaves.

    The last are lmms-eval's numbers of the categories.
    """
    overall, *categories = by_category(scored)
    parts = {
        name: [
            share(f"{name} / {leaf}", ones)
            for leaf, ones in grouped(part, lambda item: item.leaf).items()
        ]
        for name, part in grouped(scored, lambda item: item.category).items()
    }
    leaves = [leaf for ones in parts.values() for leaf in ones]
    means = [mean(f"{name}, mean of leaves", ones) for name, ones in parts.items()]
    return [overall, mean(MACRO, leaves), *categories, *leaves, *means]


MMSTAR: Final = Benchmark(
    name=_NAME,
    title="MMStar",
    published=Published(
        "https://opencompass.openxlab.space/utils/VLMEval/MMStar.tsv",
        "e1ecd2140806c1b1bbf54b43372efb9e",
    ),
    hub=Hub(name="Lin-Chen/MMStar", split="val"),
    entries=_entries,
    measures=measures,
    sizes={"all": 1500, **dict.fromkeys(_CATEGORIES, 250)},
)
