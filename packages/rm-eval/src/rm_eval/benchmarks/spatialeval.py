"""SpatialEval: maps, mazes, grids and photographs, each with a text, a picture, or both.

The values in the RewardMap paper are shares of 4,635: one modality of all four tasks. Which one
VLMEvalKit's file holds its rows tell. Those that are text alone (`tqa`) it leaves out; with the
authors' prompt they are asked.
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
    share,
)
from rm_eval.benchmarks.choice import choice_entry, letter_of, vlmevalkit_prompt
from rm_eval.errors import EvalError
from rm_eval.item import Item
from rm_eval.sources.row import Row

_NAME: Final = "spatialeval"
_ENDING: Final = (
    " First, provide a concise answer in one sentence. Then, elaborate on the reasoning behind your"
    " answer in a detailed, step-by-step explanation."
)
_TASKS: Final = ("spatialmap", "mazenav", "spatialgrid", "spatialreal")
_IDENTITY: Final = re.compile(rf"({'|'.join(_TASKS)})\.(\w+)\.(.*?)\.?(\d+)$")
_INLINE: Final = re.compile(r"^([A-D])[.:] *(.+)$", re.MULTILINE)


def _entries(row: Row, style: Style) -> Sequence[Entry]:
    question = row.text("text", "question")
    identity = row.text("id", "index")
    options = row.options() or {letter: text.strip() for letter, text in _INLINE.findall(question)}
    if style == "vlmevalkit" and not row.options():
        raise EvalError(
            f"{row.where}: A: found no column, expected the options in columns as in "
            "SpatialEval.tsv; or take --prompt official"
        )
    parts = _IDENTITY.match(identity)
    item = Item(
        id=identity,
        task=_NAME,
        form="choice",
        answer=letter_of(row, options, "answer", "oracle_option") if options else "",
        options=options,
        category=parts[1] if parts else _task(row.optional("category", "task")),
        leaf=parts[4] if parts else "",
        cycle=parts[2] if parts else "",
        answer_text=row.optional("oracle_answer"),
    )
    if style == "official":
        prompt = question + _ENDING
    else:
        prompt = vlmevalkit_prompt(question, row.options(), row.optional("hint"))
    told = f"{parts[1]} {parts[3]}" if parts else question  # three questions about each text
    return [choice_entry(item, prompt, told)]


def _task(text: str) -> str:
    """The task as the authors spell it in their ids, however the column does (`Maze-Nav`)."""
    plain = "".join(letter for letter in text.lower() if letter.isalpha())
    return plain if plain in _TASKS else text


def measures(scored: Sequence[Scored]) -> list[Measure]:
    """All items, each task, and where the rows name it each modality of each task."""
    modalities = grouped(scored, lambda item: item.cycle)
    return [
        *by_category(scored),
        *(
            share(f"{task} / {modality}", ones)
            for modality, part in modalities.items()
            if modality
            for task, ones in grouped(part, lambda item: item.category).items()
        ),
    ]


SPATIALEVAL: Final = Benchmark(
    name=_NAME,
    title="SpatialEval",
    published=Published(
        "https://opencompass.openxlab.space/utils/VLMEval/SpatialEval.tsv",
        "4c8eb33142b26be2916fb9164287b72b",
    ),
    hub=Hub(name="MilaWang/SpatialEval", config="vqa"),
    entries=_entries,
    measures=measures,
    styles=("vlmevalkit", "official"),
    text_alone=("official",),
    sizes={"all": 4635},
)
