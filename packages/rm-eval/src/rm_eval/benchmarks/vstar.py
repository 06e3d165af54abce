"""V*Bench: small things in large photographs; 191 questions, so that one of them is half a point.

In the original files the first option is always the right one: only shuffled rows may be used.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from rm_eval.benchmarks.benchmark import Benchmark, Entry, Hub, Published, Style, by_category
from rm_eval.benchmarks.choice import choice_entry, letter_of, plain_prompt, vlmevalkit_prompt
from rm_eval.item import Item
from rm_eval.sources.row import Row

_NAME: Final = "vstar"
_ENDING: Final = "Answer with the option's letter from the given choices directly."
_INLINE: Final = re.compile(r"\([A-D]\)\s*([^()]+?)(?=\s*\([A-D]\)|$)")


def _entries(row: Row, style: Style) -> Sequence[Entry]:
    question, options = row.text("question", "text"), row.options()
    if not options:  # lmms-eval's rows hold the options in the text; it counts them through
        found: list[str] = _INLINE.findall(question)
        options = {letter: text.strip() for letter, text in zip("ABCD", found, strict=False)}
        question = question.split("(A)")[0].strip()
    item = Item(
        id=row.text("index", "question_id"),
        task=_NAME,
        form="choice",
        answer=letter_of(row, options, "answer", "label"),
        options=options,
        category=row.text("category"),
    )
    if style == "lmms-eval":
        prompt = plain_prompt(question, options, _ENDING)
    else:
        prompt = vlmevalkit_prompt(question, options, row.optional("hint"))
    return [choice_entry(item, prompt, question)]


VSTAR: Final = Benchmark(
    name=_NAME,
    title="V*Bench",
    published=Published(
        "https://huggingface.co/datasets/xjtupanda/VStar_Bench/resolve/main/VStarBench.tsv",
        "b18854d7075574be06b631cd5f7d2d6a",
    ),
    hub=Hub(name="lmms-lab-encoder/vstar-bench"),
    entries=_entries,
    measures=by_category,
    sizes={"all": 191, "direct_attributes": 115, "relative_position": 76},
)
