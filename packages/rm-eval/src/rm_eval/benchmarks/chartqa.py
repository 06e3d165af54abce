"""ChartQA: 2,500 questions about charts, half written by people, half made by a model.

Scored by relaxed accuracy; there is no judge.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rm_eval.benchmarks.benchmark import Benchmark, Entry, Hub, Published, Style, by_category
from rm_eval.errors import EvalError
from rm_eval.item import Item
from rm_eval.sources.row import Row
from rm_rewards import Question

_NAME: Final = "chartqa"
_ENDINGS: Final[dict[Style, str]] = {
    "vlmevalkit": "Answer the question using a single word or phrase.",
    "lmms-eval": "Answer the question with a single word.",
}
_SPLITS: Final = {
    "test_human": "human",
    "human_test": "human",
    "test_augmented": "augmented",
    "augmented_test": "augmented",
}


def _entries(row: Row, style: Style) -> Sequence[Entry]:
    split = row.text("split", "type")
    if split not in _SPLITS:
        known = ", ".join(_SPLITS)
        raise EvalError(f"{row.where}: split: found {split[:40]!r}, expected one of {known}")
    question = row.text("question")
    identity = row.optional("index") or str(row.number)
    item = Item(
        id=identity, task=_NAME, form="text", answer=row.text("answer"), category=_SPLITS[split]
    )
    asked = Question(
        id=f"{_NAME}:{identity}", type=_NAME, question=f"{question}\n{_ENDINGS[style]}"
    )
    return [Entry(asked, item, question)]


CHARTQA: Final = Benchmark(
    name=_NAME,
    title="ChartQA",
    published=Published(
        "https://opencompass.openxlab.space/utils/VLMEval/ChartQA_TEST.tsv",
        "c902e0aa9be5582a7aad6dcf52734b42",
    ),
    hub=Hub(name="lmms-lab-encoder/ChartQA"),
    entries=_entries,
    measures=by_category,
    sizes={"all": 2500, "human": 1250, "augmented": 1250},
)
