"""SEED-Bench-2-Plus: charts, maps and web pages with much text; 2,277 questions.

The column of that name in the RewardMap paper is the category `map` alone: its own numbers are
shares of 807 and of nothing near 2,277.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rm_eval.benchmarks.benchmark import Benchmark, Entry, Hub, Published, Style, by_category
from rm_eval.benchmarks.choice import choice_entry, letter_of, plain_prompt, vlmevalkit_prompt
from rm_eval.item import Item
from rm_eval.sources.row import Row

_NAME: Final = "seedbench2-plus"
_ENDING: Final = "Answer with the option's letter from the given choices directly."


def _entries(row: Row, style: Style) -> Sequence[Entry]:
    options = row.options("choice_") or row.options()
    question = row.text("question")
    item = Item(
        id=row.text("index", "question_id"),
        task=_NAME,
        form="choice",
        answer=letter_of(row, options, "answer"),
        options=options,
        category=row.text("category", "question_image_type").lower(),
    )
    if style == "lmms-eval":
        shown = {letter: _shown(text) for letter, text in options.items()}
        prompt = plain_prompt(question, shown, _ENDING)
    else:
        prompt = vlmevalkit_prompt(question, options, row.optional("hint"))
    return [choice_entry(item, prompt, question)]


def _shown(option: str) -> str:
    """An option as lmms-eval writes it, which takes the name of a picture file for the picture."""
    return "<image>" if "jpg" in option or "png" in option else option


SEEDBENCH2_PLUS: Final = Benchmark(
    name=_NAME,
    title="SEED-Bench-2-Plus",
    published=Published(
        "https://opencompass.openxlab.space/utils/benchmarks/SEEDBench/SEEDBench2_Plus.tsv",
        "e32d3216dc4f452b0fe497a52015d1fd",
    ),
    hub=Hub(name="doolayer/SEED-Bench-2-Plus"),
    entries=_entries,
    measures=by_category,
    sizes={"all": 2277, "chart": 810, "map": 807, "web": 660},
)
