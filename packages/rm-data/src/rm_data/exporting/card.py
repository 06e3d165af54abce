"""The card of an exported dataset: what is in it, where it comes from, what it may be used for."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from importlib.metadata import version

from rm_data.exporting.assets import Assets
from rm_data.exporting.order import Order
from rm_data.exporting.sources import asked
from rm_rewards import Network

_MOST_NETWORKS = 40
"""Sources that the card lists one by one; the rest is summed up."""


def write_card(order: Order, assets: Assets, counts: Mapping[str, int]) -> None:
    """Write `README.md` with the head that the Hub and `load_dataset` read."""
    lines = [*_head(order), f"# {order.title}", "", *_body(order, assets, counts)]
    (order.out / "README.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _head(order: Order) -> Iterator[str]:
    yield "---"
    yield "task_categories: [visual-question-answering]"
    yield f"pretty_name: {order.title}"
    data = order.out / "data"
    if data.is_dir():
        yield "configs:"
        yield "- config_name: questions"
        yield "  default: true"
        yield "  data_files:"
        for split in order.splits:
            yield f"  - {{split: {split.name}, path: data/{split.name}.parquet}}"
        if (data / "maps.parquet").is_file():
            yield "- config_name: maps"
            yield "  data_files:"
            yield "  - {split: train, path: data/maps.parquet}"
    yield "---"
    yield ""


def _body(order: Order, assets: Assets, counts: Mapping[str, int]) -> Iterator[str]:
    yield f"Questions about transit maps with exact answers, made by rm-data {version('rm-data')}."
    yield ""
    if order.made_by:
        yield "Made by"
        yield ""
        yield from (f"    {line}" for line in order.made_by.splitlines())
        yield ""
    yield "## Counts"
    yield ""
    yield "| split | questions | by type | SHA-256 of the questions file |"
    yield "|---|--:|---|---|"
    for split in order.splits:
        types = Counter(question.type for _, question in asked(split))
        listed = ", ".join(f"{kind} {count}" for kind, count in types.items())
        with split.file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        yield f"| {split.name} | {counts[split.name]} | {listed} | `{digest}` |"
    yield ""
    yield f"{len(assets.figures)} pictures ({_travel(assets)}), {len(assets.networks)} networks."
    yield ""
    yield from _sources(list(assets.networks.values()))
    yield "## Limits"
    yield ""
    yield "- The answers are exact for the networks as they stand here, not for today's timetable."
    yield "- Pictures of real maps belong to their makers: read their terms before you share them."
    yield "- A network without a stated licence has none that is known."


def _travel(assets: Assets) -> str:
    return {"path": "beside the rows", "embed": "inside the rows", "tar": "in maps.tar"}[
        assets.images
    ]


def _sources(networks: list[Network]) -> Iterator[str]:
    if not networks:
        return
    yield "## Sources and licences of the networks"
    yield ""
    yield "A synthetic city has style and number in its name; its number is the seed of the maps"
    yield "times 1,000,000, plus its place: `rm-data maps` makes the same city from them again."
    yield ""
    yield "| network | source | licence |"
    yield "|---|---|---|"
    for network in networks[:_MOST_NETWORKS]:
        place = "/".join(filter(None, (network.country, network.city)))
        yield f"| {place} | {network.source or 'not stated'} | {network.licence or 'not stated'} |"
    if len(networks) > _MOST_NETWORKS:
        rest = Counter((n.source or "not stated", n.licence or "not stated") for n in networks)
        for (source, licence), count in rest.most_common(_MOST_NETWORKS):
            yield f"| {count} networks in all of: | {source} | {licence} |"
    yield ""
