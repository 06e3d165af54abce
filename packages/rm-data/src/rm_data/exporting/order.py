"""What an export is asked for, and what each form gets to write it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rm_data.exporting.assets import Assets, Figure, Images
from rm_data.exporting.sources import Split, asked
from rm_rewards import Network, Question
from rm_rewards.jsonl import dump


@dataclass(frozen=True, slots=True)
class Item:
    """One question with its files in the export: the names are None where it has none."""

    question: Question
    figure: Figure | None
    network: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One export.

    Attributes:
        splits: Its questions.
        out: The folder that is being written.
        home: Where that folder will lie when it is complete: absolute, for paths in rows.
        images: How pictures travel.
        title: The name of the dataset.
        made_by: The commands that made the questions, seeds and all; empty if nobody told.
    """

    splits: tuple[Split, ...]
    out: Path
    home: Path
    images: Images
    title: str
    made_by: str = ""

    def items(self, split: Split, assets: Assets, networks: NetworkText | None) -> Iterator[Item]:
        """The questions of a split; their files are in the export before the row is made.

        `networks` gives the text of a network file; None leaves networks out.
        """
        for where, question in asked(split):
            figure = assets.figure(question, split, where)
            network = None
            if networks is not None:
                network = assets.network(question, split, where, networks)
            yield Item(question, figure, network)


class NetworkText(Protocol):
    """The text of a network file."""

    def __call__(self, network: Network, /) -> str:
        """One line, without its end."""
        ...


def own_form(network: Network) -> str:
    """Our own form: stations with ids, lines with paths, source and licence."""
    return dump(network)


class Form(Protocol):
    """Writes one form of export; gives the number of rows of each split."""

    def __call__(self, order: Order, assets: Assets) -> dict[str, int]:
        """Write everything below `order.out`."""
        ...
