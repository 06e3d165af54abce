"""The label of a row: the whole question as one text, with paths into the export."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from rm_data.exporting.order import Item
from rm_rewards.adapters.question_label import encode_question


def label_of(item: Item, home: Path) -> str:
    """The label (`rm_rewards.adapters.encode_question`), with the absolute paths of the copies.

    Args:
        item: The question and its files.
        home: The folder of the export, where it will lie.
    """
    network = None if item.network is None else f"networks/{item.network}"
    figure = None if item.figure is None else item.figure.name
    return encode_question(replace(item.question, figure=figure, network=network, json=None), home)
