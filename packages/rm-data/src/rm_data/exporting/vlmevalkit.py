"""VLMEvalKit: one TSV a split, with the columns of its ReasonMap-Plus task.

A picture stands in the first row that shows it, as base64; later rows name that row's index, which
VLMEvalKit follows. With pictures by path the column is `image_path`.
"""

from __future__ import annotations

import base64
import csv
import hashlib
from collections.abc import Iterator
from typing import Any

from rm_data.exporting.assets import Assets, Figure
from rm_data.exporting.card import write_card
from rm_data.exporting.order import Item, Order
from rm_data.exporting.sharegpt import bare_answer


def write(order: Order, assets: Assets) -> dict[str, int]:
    """The TSV files, each with its md5 beside it, and the card."""
    embed = assets.images == "embed"
    columns = ["index", "image" if embed else "image_path", "question", "answer", "type"]
    columns += ["difficulty_city", "difficulty_question", "city", "country", "id"]
    counts: dict[str, int] = {}
    for split in order.splits:
        target = order.out / f"{order.title}_{split.name}.tsv"
        with target.open("w", encoding="utf-8", newline="") as stream:
            table = csv.DictWriter(stream, columns, delimiter="\t", lineterminator="\n")
            table.writeheader()
            counts[split.name] = 0
            for row in _rows(order.items(split, assets, None), embed):
                table.writerow(row)
                counts[split.name] += 1
        with target.open("rb") as stream:
            digest = hashlib.file_digest(stream, "md5").hexdigest()
        target.with_suffix(".tsv.md5").write_text(f"{digest}  {target.name}\n", encoding="utf-8")
    write_card(order, assets, counts)
    return counts


def _rows(items: Iterator[Item], embed: bool) -> Iterator[dict[str, Any]]:
    first: dict[str, int] = {}
    for index, item in enumerate(items):
        question, figure = item.question, item.figure
        cell = "" if figure is None else figure.name
        if embed and figure is not None:
            cell = _embedded(figure, first.setdefault(figure.name, index), index)
        yield {
            "index": index,
            "image" if embed else "image_path": cell,
            "question": question.question,
            "answer": bare_answer(question) if question.answer is None else question.answer,
            "type": question.type,
            "difficulty_city": question.difficulty_city,
            "difficulty_question": question.difficulty_question,
            "city": question.city,
            "country": question.country,
            "id": question.id,
        }


def _embedded(figure: Figure, first: int, index: int) -> str:
    if first != index:
        return str(first)
    return base64.b64encode(figure.content()).decode("ascii")
