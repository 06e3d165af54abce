"""HF `datasets`: parquet with a row a question, and a table `maps` with a row a picture.

`load_dataset(OUT)` gives the questions and `load_dataset(OUT, "maps")` the maps: a picture that
stands once in `maps` would otherwise be repeated in each of its hundred questions.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from datasets import Image, List, Value  # pyright: ignore[reportMissingTypeStubs] - has no stubs

from rm_data.exporting.assets import Assets, Figure
from rm_data.exporting.card import write_card
from rm_data.exporting.order import Item, Order, own_form
from rm_data.exporting.tables import Row, features, write_parquet
from rm_rewards import gold_answer
from rm_rewards.jsonl import dump

_TEXTS: Final = (
    *("id", "type", "question", "country", "city", "station_1", "station_2", "line"),
    *("difficulty_city", "difficulty_question"),
)
_COUNTS: Final = ("city_line_count", "city_transfer_count", "question_transfer_count")
_OWN: Final = {"figure": "string", "network": "string", "answer": "int64", "gold": "string"}


def write(order: Order, assets: Assets) -> dict[str, int]:
    """Parquet files, the maps and the dataset's card."""
    embed = assets.images == "embed"
    columns = features(_columns(embed=embed))
    counts: dict[str, int] = {}
    for split in order.splits:
        rows = (_row(item, embed=embed) for item in order.items(split, assets, own_form))
        target = order.out / "data" / f"{split.name}.parquet"
        counts[split.name] = write_parquet(rows, columns, target, heavy=embed)
    if not embed:
        _write_maps(order, assets)
    write_card(order, assets, counts)
    return counts


def _columns(*, embed: bool) -> dict[str, Any]:
    leg = {
        **dict.fromkeys(("route_name", "departure_stop", "arrival_stop"), Value("string")),
        "via_stops": List(Value("string")),
        "num_via_stops": Value("int64"),
    }
    return {
        **dict.fromkeys(_TEXTS, "string"),
        **dict.fromkeys(_COUNTS, "int64"),
        **_OWN,
        "options": List(Value("string")),
        "routes": List(List(leg)),
        "fine_grained_answer": "string",
        **({"image": Image()} if embed else {}),
    }


def _row(item: Item, *, embed: bool) -> Row:
    question, figure = item.question, item.figure
    record: dict[str, Any] = json.loads(dump(question))
    fine = record["fine_grained_answer"]
    row = {
        **{name: record[name] for name in (*_TEXTS, *_COUNTS, "answer", "options", "routes")},
        "figure": None if figure is None else figure.name,
        "network": None if item.network is None else f"networks/{item.network}",
        "gold": gold_answer(question),
        "fine_grained_answer": None if fine is None else json.dumps(fine, ensure_ascii=False),
    }
    return {**row, "image": picture(figure)} if embed else row


def picture(figure: Figure | None) -> Row | None:
    """The value of an `Image` column that holds the bytes."""
    return None if figure is None else {"bytes": figure.content(), "path": figure.name}


def _write_maps(order: Order, assets: Assets) -> None:
    columns = features({"figure": "string", "image": Image()})
    rows = _maps(assets)
    write_parquet(rows, columns, order.out / "data" / "maps.parquet", heavy=True)


def _maps(assets: Assets) -> Iterator[Row]:
    for figure in assets.figures.values():
        yield {"figure": figure.name, "image": picture(figure)}
