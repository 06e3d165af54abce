"""verl: parquet with prompt, images, and the label that the adapter of rm-rewards reads.

`custom_reward_function.path=pkg://rm_rewards.adapters.verl_score` scores these rows.
"""

from __future__ import annotations

from typing import Any

from datasets import List, Value  # pyright: ignore[reportMissingTypeStubs] - has no stubs

from rm_data.exporting.assets import Assets, Figure
from rm_data.exporting.card import write_card
from rm_data.exporting.label import label_of
from rm_data.exporting.order import Item, Order, own_form
from rm_data.exporting.sources import Split
from rm_data.exporting.tables import Row, features, write_parquet


def write(order: Order, assets: Assets) -> dict[str, int]:
    """A parquet file a split and the card."""
    embed = assets.images == "embed"
    columns = features(_columns(embed=embed))
    counts: dict[str, int] = {}
    for split in order.splits:
        items = enumerate(order.items(split, assets, own_form))
        rows = (_row(order, split, index, item, embed=embed) for index, item in items)
        target = order.out / f"{split.name}.parquet"
        counts[split.name] = write_parquet(rows, columns, target, heavy=embed)
    write_card(order, assets, counts)
    return counts


def _columns(*, embed: bool) -> dict[str, Any]:
    text = Value("string")
    image = {"bytes": Value("binary")} if embed else {"image": text}
    return {
        "data_source": text,
        "prompt": List({"role": text, "content": text}),
        "images": List(image),
        "ability": text,
        "reward_model": {"style": text, "ground_truth": text},
        "extra_info": {"split": text, "index": Value("int64"), "id": text, "type": text},
    }


def _row(order: Order, split: Split, index: int, item: Item, *, embed: bool) -> Row:
    question, figure = item.question, item.figure
    mark = "" if figure is None else "<image>"
    return {
        "data_source": f"rm-data/{question.type}",
        "prompt": [{"role": "user", "content": f"{mark}{question.question}"}],
        "images": [] if figure is None else [_image(order, figure, embed=embed)],
        "ability": "map",
        "reward_model": {"style": "rule", "ground_truth": label_of(item, order.home)},
        "extra_info": {
            "split": split.name,
            "index": index,
            "id": question.id,
            "type": question.type,
        },
    }


def _image(order: Order, figure: Figure, *, embed: bool) -> dict[str, Any]:
    """What verl hands to its picture loader: bytes, or the absolute path of the copy."""
    if embed:
        return {"bytes": figure.content()}
    return {"image": (order.home / figure.name).as_uri()}
