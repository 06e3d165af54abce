"""The layout of ReasonMap-Train: `load_from_disk(OUT)["train"]`, with pictures and lists by path.

The columns are the published ones; paths start with `./maps/` and `./stations/`, so a trainer that
runs in OUT finds them. Planning rows carry the published filler -1 as answer.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import datasets  # pyright: ignore[reportMissingTypeStubs] - has no stubs

from rm_data.exporting.assets import Assets
from rm_data.exporting.card import write_card
from rm_data.exporting.order import Item, Order
from rm_data.exporting.tables import Row, features, write_parquet
from rm_rewards import Network, to_published

_hf: Any = datasets
FILLER: Final = -1
"""The answer of planning rows."""

_TEXTS: Final = (
    *("country", "city", "station_1", "station_2", "figure", "question", "type"),
    *("difficulty_city", "difficulty_question", "json"),
)
_COUNTS: Final = ("answer", "city_line_count", "city_transfer_count", "question_transfer_count")


def write(order: Order, assets: Assets) -> dict[str, int]:
    """The dataset on disk, `maps/`, `stations/` and the card."""
    columns = features({**dict.fromkeys(_TEXTS, "string"), **dict.fromkeys(_COUNTS, "int64")})
    counts: dict[str, int] = {}
    with tempfile.TemporaryDirectory(dir=order.out.parent, prefix=".rows.") as place, quiet():
        parts: dict[str, Any] = {}
        for split in order.splits:
            rows = (_row(item) for item in order.items(split, assets, published_form))
            target = Path(place) / f"{split.name}.parquet"
            counts[split.name] = write_parquet(rows, columns, target, heavy=False)
            parts[split.name] = _hf.Dataset.from_parquet(str(target), cache_dir=f"{place}/cache")
        _hf.DatasetDict(parts).save_to_disk(str(order.out))
    networks = order.out / "networks"
    if networks.is_dir():
        networks.rename(order.out / "stations")
    write_card(order, assets, counts)
    return counts


@contextmanager
def quiet() -> Generator[None]:
    """Without the bars of `datasets`, which it draws on standard error whatever that is."""
    hidden = _hf.are_progress_bars_disabled()
    _hf.disable_progress_bars()
    try:
        yield
    finally:
        if not hidden:
            _hf.enable_progress_bars()


def published_form(network: Network) -> str:
    """`{line: [station, ...]}`, as the published lists."""
    return json.dumps(to_published(network), ensure_ascii=False)


def _row(item: Item) -> Row:
    question = item.question
    return {
        "country": question.country,
        "city": question.city,
        "station_1": question.station_1,
        "station_2": question.station_2,
        "figure": None if item.figure is None else f"./{item.figure.name}",
        "question": question.question,
        "type": question.type,
        "difficulty_city": question.difficulty_city,
        "difficulty_question": question.difficulty_question,
        "json": None if item.network is None else f"./stations/{item.network}",
        "answer": FILLER if question.answer is None else question.answer,
        "city_line_count": question.city_line_count,
        "city_transfer_count": question.city_transfer_count,
        "question_transfer_count": question.question_transfer_count,
    }
