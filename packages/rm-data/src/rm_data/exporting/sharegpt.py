"""ShareGPT, as LLaMA-Factory reads it: a JSON list a split, and the entry of `dataset_info.json`.

The turns have the published form of ReasonMap's supervised data: `<image> ` and the question, and
as answer the bare letter, `yes` or `no`, or number. Planning is answered by an optimal route.
"""

from __future__ import annotations

import json
from typing import Any

from rm_data.exporting.assets import Assets
from rm_data.exporting.card import write_card
from rm_data.exporting.order import Item, Order
from rm_rewards import PLANNING, Question, gold_answer


def write(order: Order, assets: Assets) -> dict[str, int]:
    """The lists, `dataset_info.json` and the card."""
    counts: dict[str, int] = {}
    for split in order.splits:
        count = 0
        with (order.out / f"{split.name}.json").open("w", encoding="utf-8") as stream:
            stream.write("[")
            for item in order.items(split, assets, None):
                stream.write(
                    (",\n" if count else "\n") + json.dumps(_row(item), ensure_ascii=False)
                )
                count += 1
            stream.write("\n]\n")
        counts[split.name] = count
    info = {f"{order.title}_{split}": _info(split) for split in counts}
    text = json.dumps(info, indent=2, ensure_ascii=False)
    (order.out / "dataset_info.json").write_text(text + "\n", encoding="utf-8")
    write_card(order, assets, counts)
    return counts


def _row(item: Item) -> dict[str, Any]:
    shown = item.figure is not None
    turns = [
        {"from": "human", "value": f"{'<image> ' if shown else ''}{item.question.question}"},
        {"from": "gpt", "value": bare_answer(item.question)},
    ]
    return {
        "conversations": turns,
        "images": [item.figure.name] if item.figure is not None else [],
        "id": item.question.id,
    }


def _info(split: str) -> dict[str, Any]:
    columns = {"messages": "conversations", "images": "images"}
    return {"file_name": f"{split}.json", "formatting": "sharegpt", "columns": columns}


def bare_answer(question: Question) -> str:
    r"""The right answer without `\boxed{}`: `B`, `yes`, `7`, or the first optimal route."""
    gold = gold_answer(question)
    if question.type == PLANNING:
        return gold
    return gold.removeprefix("\\boxed{").removesuffix("}")
