"""The questions of a recipe: parquet, pictures, networks, and how long the prompts are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from PIL import Image
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import smart_resize

from rm_data import export
from rm_rewards import Question, jsonl
from rm_train.config import TrainConfig
from rm_train.prompts import Material, read_material

_PATCH: Final = 28
"""Pixels along an edge of what becomes one token of Qwen2-VL and Qwen2.5-VL."""

_OWN_PIXELS: Final = (3_136, 12_845_056)
"""The bounds of Qwen2.5-VL's published processor."""

_TEMPLATE: Final = 64
_ROUND: Final = 256


@dataclass(frozen=True, slots=True)
class Data:
    """The data of a recipe.

    Attributes:
        train: The parquet file.
        held_out: Another, for the held-out questions; None without such.
        longest: The longest prompt in tokens, pictures included: a bound, in steps of 256.
    """

    train: Path
    held_out: Path | None
    longest: int


def write_data(config: TrainConfig, material: Material, held_out: Path | None, out: Path) -> Data:
    """Write the parquet files, with copies of all pictures and networks, into `out`.

    Rows name these copies by absolute path.

    Raises:
        RecordError: If a question, picture or network cannot be used.
        OSError: If a file cannot be read or written.
    """
    assert config.questions is not None
    with TemporaryDirectory() as scratch:
        files = [Path(scratch) / "questions.train.jsonl"]
        jsonl.write(_whole(material, config.questions.parent, config.networks), files[0])
        sets = [material]
        if held_out is not None:
            files.append(Path(scratch) / "questions.test.jsonl")
            sets.append(read_material(held_out, config.maps))
            jsonl.write(_whole(sets[1], held_out.parent, config.networks), files[1])
        export(files, "verl", out)
    longest = max(longest_prompt(one, config.min_pixels, config.max_pixels) for one in sets)
    test = out / "test.parquet" if held_out is not None else None
    return Data(out / "train.parquet", test, longest)


def _whole(material: Material, folder: Path, networks: Path | None) -> Iterator[Question]:
    """The questions with their pictures and networks named by absolute path."""
    for question, picture in zip(material.questions, material.pictures, strict=True):
        named = question.network or (question.json if isinstance(question.json, str) else "")
        network = folder / named if named else None
        if (network is None or not network.is_file()) and networks is not None and question.city:
            network = networks / question.country / f"{question.city}.json"
        there = network is not None and network.is_file()
        yield replace(
            question,
            figure=str(picture.absolute()),
            network=str(network.absolute()) if network is not None and there else question.network,
        )


def longest_prompt(material: Material, least: int, most: int) -> int:
    """A bound of the tokens of the longest prompt, in steps of 256.

    A picture counts as Qwen2.5-VL counts it, of a text every byte: no tokenizer makes more of it.

    Args:
        material: The questions.
        least: Fewest pixels of a picture; 0: those of Qwen2.5-VL.
        most: Most pixels, likewise.
    """
    visual = {path: _visual(path, least, most) for path in dict.fromkeys(material.pictures)}
    bound = max(
        visual[path] + len(question.question.encode())
        for question, path in zip(material.questions, material.pictures, strict=True)
    )
    return -(-(bound + _TEMPLATE) // _ROUND) * _ROUND


def _visual(path: Path, least: int, most: int) -> int:
    with Image.open(path) as picture:
        width, height = picture.size
    low, high = least or _OWN_PIXELS[0], most or _OWN_PIXELS[1]
    rows, columns = smart_resize(height, width, _PATCH, min(low, high), high)
    return (rows // _PATCH) * (columns // _PATCH)
