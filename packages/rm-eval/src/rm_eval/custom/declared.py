"""A benchmark out of a declaration: rows into questions and items, right items into numbers."""

from __future__ import annotations

import json
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final, cast

from rm_eval.benchmarks.benchmark import (
    Benchmark,
    Entry,
    Hub,
    Measure,
    Scored,
    Style,
    by_category,
    grouped,
    share,
)
from rm_eval.benchmarks.reasonmap_plus import weighted
from rm_eval.custom.declaration import Declaration
from rm_eval.custom.rules import metrics_of
from rm_eval.custom.template import Asked, Prompt, prompt_of
from rm_eval.errors import EvalError
from rm_eval.item import Item
from rm_eval.sources.row import Row
from rm_rewards import Question

_TRUE: Final = ("yes", "y", "true", "1")
_FALSE: Final = ("no", "n", "false", "0")


def benchmark_of(declared: Declaration) -> Benchmark:
    """The benchmark that a task file declares."""
    columns = declared.columns
    named = {
        "index": columns.index,
        "question": columns.question,
        "image": columns.image,
        "answer": columns.answer,
        "category": columns.category,
        "leaf": columns.leaf,
        "hint": columns.hint,
        "cluster": columns.cluster,
        "weight": columns.weight,
    }
    source = declared.source
    hub = Hub(name=source.hub, split=source.split, config=source.config) if source.hub else None
    return Benchmark(
        name=declared.name,
        title=declared.title or declared.name,
        published=None,
        hub=hub,
        entries=_Rows(declared, prompt_of(declared.prompt, declared.form)).entries,
        measures=_weighted_measures if columns.weight else measures,
        styles=("own",),
        clusters="itself" if declared.clusters == "column" else declared.clusters,
        sizes=declared.sizes,
        protocol=metrics_of(declared.form)[declared.metric],
        columns={name: column for name, column in named.items() if column},
        scores=declared.scores,
    )


def measures(scored: Sequence[Scored]) -> list[Measure]:
    """All items, each category, and each leaf of a category where items have one."""
    categories = grouped((one for one in scored if one.item.leaf), lambda item: item.category)
    leaves = [
        share(f"{name} / {leaf}" if name else leaf, ones)
        for name, part in categories.items()
        for leaf, ones in grouped(part, lambda item: item.leaf).items()
    ]
    return [*(one for one in by_category(scored) if one.name), *leaves]


def _weighted_measures(scored: Sequence[Scored]) -> list[Measure]:
    """The same by weight; then all items, each counted once."""
    plain = measures(scored)
    categories = grouped(scored, lambda item: item.category)
    parts = [weighted(name, ones) for name, ones in categories.items() if name]
    return [
        weighted("all", scored),
        *parts,
        share("all, not weighted", scored),
        *plain[len(parts) + 1 :],
    ]


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows with the columns of a declaration; those named alike are taken without being said."""

    declared: Declaration
    prompt: Prompt

    def entries(self, row: Row, style: Style) -> Sequence[Entry]:
        del style
        name, form = self.declared.name, self.declared.form
        options = self._options(row) if form == "choice" else {}
        identity = row.optional("index") or str(row.number)
        item = Item(
            id=identity,
            task=name,
            form=form,
            answer=self._answer(row, options),
            options=options,
            category=row.optional("category"),
            leaf=row.optional("leaf"),
            cluster=row.text("cluster") if self.declared.clusters == "column" else "",
            weight=_weight(row) if self.declared.columns.weight else 1.0,
        )
        texts = {one: row.optional(one) for one in ("hint", "category", "leaf")}
        texts |= {"question": row.text("question"), "index": identity}
        asked = Question(
            id=f"{name}:{identity}",
            type=name,
            question=self.prompt(Asked(texts, options, row.cells)),
            options=tuple(options.values()) or None,
        )
        return [Entry(asked, item, texts["question"])]

    def _options(self, row: Row) -> dict[str, str]:
        named = self.declared.columns.options
        if not named:
            found = row.options()
        elif isinstance(named, str):
            found = _lettered(_listed(row, named))
        else:
            found = _lettered([row.cells.get(column) for column in named])
        if len(found) < 2:
            wanted = "two or more, in columns A, B, ... or those of columns.options"
            raise EvalError(f"{row.where}: options: found {len(found)}, expected {wanted}")
        return found

    def _answer(self, row: Row, options: Mapping[str, str]) -> str:
        text = row.text("answer").strip()
        form = self.declared.form
        if form == "choice":
            found = _letter(text, options, self.declared.answer_as)
            wanted = {"letter": ", ".join(options), "index": f"0 to {len(options) - 1}"}
            told = wanted.get(self.declared.answer_as, "the text of one option")
        elif form == "yes_no":
            found = "yes" if text.lower() in _TRUE else "no" if text.lower() in _FALSE else ""
            told = "yes or no"
        elif form == "number":
            found, told = _number(text), "a number"
        else:
            found, told = text, "a text"
        if not found:
            raise EvalError(f"{row.where}: answer: found {text[:40]!r}, expected {told}")
        return found


def _letter(text: str, options: Mapping[str, str], answer_as: str) -> str:
    if answer_as == "letter":
        return text.upper() if text.upper() in options else ""
    if answer_as == "index":
        digits = text.removesuffix(".0")
        letters = dict(enumerate(options))
        return letters.get(int(digits), "") if digits.isascii() and digits.isdigit() else ""
    alike = [letter for letter, option in options.items() if option.strip() == text]
    return alike[0] if len(alike) == 1 else ""


def _number(text: str) -> str:
    try:
        value = float(text)
    except ValueError:
        return ""
    if not isfinite(value):
        return ""
    return str(int(value)) if value.is_integer() else text


def _weight(row: Row) -> float:
    text = row.text("weight")
    value = _number(text)
    if not value or float(value) <= 0:
        raise EvalError(f"{row.where}: weight: found {text[:40]!r}, expected a number above 0")
    return float(value)


def _listed(row: Row, column: str) -> Sequence[object]:
    """A cell that holds a list, as such or as JSON."""
    value = row.cells.get(column)
    if isinstance(value, str):
        try:
            value = cast("object", json.loads(value))
        except (ValueError, RecursionError):
            value = None
    if not isinstance(value, list):
        found = str(row.cells.get(column))[:40]
        raise EvalError(f"{row.where}: {column}: found {found!r}, expected a list of options")
    return cast("list[object]", value)


def _lettered(texts: Sequence[object]) -> dict[str, str]:
    pairs = zip(string.ascii_uppercase, texts, strict=False)
    return {letter: str(text) for letter, text in pairs if text is not None}
