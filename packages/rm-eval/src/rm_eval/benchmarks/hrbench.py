"""HR-Bench, 4K and 8K: 200 questions, each asked with its options in four orders; 800 rows.

The number in use is the mean over the four orders, which is not the share of questions that are
right in all four: that one stands beside it. The four rows of a question are one cluster.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from rm_eval.benchmarks.benchmark import (
    Benchmark,
    Entry,
    Hub,
    Measure,
    Published,
    Scored,
    Style,
    grouped,
    mean,
    share,
)
from rm_eval.benchmarks.choice import choice_entry, letter_of, plain_prompt, vlmevalkit_prompt
from rm_eval.item import Item
from rm_eval.sources.row import Row

_ENDING: Final = "Answer the option letter directly."
_HUB: Final = "https://huggingface.co/datasets/DreamMr/HR-Bench/resolve/main"
_SIZES: Final = {"all": 800, "single": 400, "cross": 400, "all four orders right": 200}


def _entries(row: Row, style: Style, name: str) -> Sequence[Entry]:
    question, options = row.text("question"), row.options()
    item = Item(
        id=row.text("index"),
        task=name,
        form="choice",
        answer=letter_of(row, options, "answer"),
        options=options,
        category=row.text("category"),
        cycle=row.text("cycle_category"),
    )
    if style == "lmms-eval":
        prompt = plain_prompt(question.strip(), options, _ENDING)
    else:
        prompt = vlmevalkit_prompt(question, options, row.optional("hint"))
    return [choice_entry(item, prompt, question)]


def measures(scored: Sequence[Scored]) -> list[Measure]:
    """The mean over the orders for all questions and each category, then all four right."""
    categories = grouped(scored, lambda item: item.category)
    means = [
        mean(name, [share(name, ones) for ones in grouped(part, lambda item: item.cycle).values()])
        for name, part in {"all": list(scored), **categories}.items()
    ]
    questions = grouped(scored, lambda item: item.cluster)
    whole = [Scored(ones[0].item, all(one.right for one in ones)) for ones in questions.values()]
    return [*means, share("all four orders right", whole)]


def _hrbench(size: str, md5: str) -> Benchmark:
    name = f"hrbench-{size}"
    return Benchmark(
        name=name,
        title=f"HR-Bench {size.upper()}",
        published=Published(f"{_HUB}/hr_bench_{size}.tsv", md5),
        hub=Hub(name="DreamMr/HR-Bench", split=f"hrbench_{size}", config="hrbench_version_split"),
        entries=partial(_entries, name=name),
        measures=measures,
        clusters="question",
        sizes=_SIZES,
    )


HRBENCH_4K: Final = _hrbench("4k", "f6b041b03d49543494b8a56d2e35be65")
HRBENCH_8K: Final = _hrbench("8k", "274c9c7f89329b804a4723178a00219c")
