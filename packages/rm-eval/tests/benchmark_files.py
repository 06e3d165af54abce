"""Small files with the columns of the published ones."""

from __future__ import annotations

import base64
import csv
import json
from collections.abc import Sequence
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any, Final, TypeAlias

from PIL import Image

Cells: TypeAlias = dict[str, Any]

OPTIONS: Final = {"A": "red", "B": "blue", "C": "green", "D": "yellow"}
LEAVES: Final = {
    "coarse perception": ("image scene and topic", "image style & quality", "image emotion"),
    "math": ("geometry", "numeric commonsense and calculation", "statistical reasoning"),
}


def png(colour: int = 0, mode: str = "RGB") -> bytes:
    stream = BytesIO()
    Image.new("RGB", (8, 6), (colour % 256, 90, 10)).convert(mode).save(stream, format="PNG")
    return stream.getvalue()


def picture(colour: int = 0) -> str:
    return base64.b64encode(png(colour)).decode()


def tsv(path: Path, rows: Sequence[Cells]) -> Path:
    """Written as pandas writes it: quoted where a cell needs it."""
    stream = StringIO()
    columns = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(stream, columns, delimiter="\t", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(stream.getvalue(), encoding="utf-8")
    return path


def jsonl(path: Path, rows: Sequence[Cells]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def choices(number: int, **more: object) -> Cells:
    row = {"index": number, "question": f"Which colour {number}?", **OPTIONS}
    return {**row, "image": picture(number), "answer": "ABCD"[number % 4], **more}


def seed() -> list[Cells]:
    kinds = ("chart", "map", "web")
    return [choices(number, category=kinds[number % 3]) for number in range(6)]


def vstar() -> list[Cells]:
    kinds = ("direct_attributes", "relative_position")
    return [choices(number, category=kinds[number % 2]) for number in range(5)]


def hrbench() -> list[Cells]:
    """Two questions in four orders each; their pictures once, then by reference."""
    rows: list[Cells] = []
    for question, category in enumerate(("single", "cross")):
        for cycle in range(4):
            number = 4 * question + cycle
            rows.append(
                choices(
                    number,
                    question=f"Which colour {question}?",
                    image=str(4 * question) if cycle else picture(question),
                    answer="ABCD"[cycle],
                    category=category,
                    cycle_category=cycle,
                )
            )
    return rows


def chartqa() -> list[Cells]:
    rows = [("100", "test_human"), ("Yes", "test_human"), ("0.14", "test_augmented")]
    return [
        {
            "index": number,
            "image": picture(number),
            "question": f"How much {number}?",
            "answer": answer,
            "split": split,
        }
        for number, (answer, split) in enumerate(rows)
    ]


def mmstar() -> list[Cells]:
    leaves = [(category, leaf) for category, ones in LEAVES.items() for leaf in ones]
    return [
        choices(number, category=category, l2_category=leaf)
        for number, (category, leaf) in enumerate([*leaves, leaves[0]])
    ]


def spatialeval() -> list[Cells]:
    tasks = ("spatialmap", "mazenav", "spatialgrid", "spatialreal")
    return [choices(number, category=task) for number, task in enumerate(tasks)]


def spatialeval_as_published() -> list[Cells]:
    """A maze told (`tqa`), shown (`vqa`), and both (`vtqa`), with two questions about each."""
    shown = {"tqa": "", "vqa": picture(7), "vtqa": picture(7)}
    told = {"tqa": "S.#.E\n", "vqa": "", "vtqa": "S.#.E\n"}
    return [
        {
            "id": f"mazenav.{modality}.7.{n}",
            "text": f"{told[modality]}How many turns{'?' * n}\nA. one\nB. two",
            "oracle_option": "AB"[n],
            "oracle_answer": ("one", "two")[n],
            "image": shown[modality] or None,
        }
        for modality in shown
        for n in range(2)
    ]


def plus() -> list[Cells]:
    kinds = (("TorF1", 1), ("TorF2", 0), ("Counting1", 2), ("Counting2", 13), ("Counting3", 0))
    grades = ("easy", "middle", "hard", "easy", "middle")
    return [
        {
            "question": f"{kind}? Answer in \\boxed{{}}.",
            "answer": answer,
            "type": kind,
            "figure": "./maps/china/beijing.png",
            "country": "china",
            "city": "beijing",
            "difficulty_city": grade,
            "city_line_count": 3,
            "city_transfer_count": 2,
        }
        for (kind, answer), grade in zip(kinds, grades, strict=True)
    ]
