"""TRL: parquet with conversational prompts, a picture and the label of rm-rewards' adapter.

`GRPOTrainer(train_dataset=load_dataset(OUT)["train"], reward_funcs=reward_functions())` trains.
"""

from __future__ import annotations

from typing import Any

from datasets import Image, List, Value  # pyright: ignore[reportMissingTypeStubs] - has no stubs

from rm_data.exporting.assets import Assets
from rm_data.exporting.card import write_card
from rm_data.exporting.hf import picture
from rm_data.exporting.label import label_of
from rm_data.exporting.order import Item, Order, own_form
from rm_data.exporting.tables import Row, features, write_parquet
from rm_rewards import gold_answer


def write(order: Order, assets: Assets) -> dict[str, int]:
    """A parquet file a split and the card."""
    columns = features(_columns())
    embed = assets.images == "embed"
    counts: dict[str, int] = {}
    for split in order.splits:
        rows = (_row(order, item, embed=embed) for item in order.items(split, assets, own_form))
        target = order.out / "data" / f"{split.name}.parquet"
        counts[split.name] = write_parquet(rows, columns, target, heavy=embed)
    write_card(order, assets, counts)
    return counts


def _columns() -> dict[str, Any]:
    turn = {"role": Value("string"), "content": Value("string")}
    texts = dict.fromkeys(("id", "type", "label"), "string")
    return {**texts, "prompt": List(turn), "completion": List(turn), "image": Image()}


def _row(order: Order, item: Item, *, embed: bool) -> Row:
    question, figure = item.question, item.figure
    if figure is None or embed:
        image = picture(figure)
    else:
        image = {"bytes": None, "path": str(order.home / figure.name)}
    return {
        "id": question.id,
        "type": question.type,
        "label": label_of(item, order.home),
        "prompt": [{"role": "user", "content": question.question}],
        "completion": [{"role": "assistant", "content": gold_answer(question)}],
        "image": image,
    }
