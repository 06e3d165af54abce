"""What was found at the looks so far, written anew after each of them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from rm_eval.atomic import write_text
from rm_eval.training_time.curve import Curve, curve_of
from rm_eval.training_time.looks import read_looks
from rm_eval.training_time.markdown import markdown_text
from rm_eval.training_time.page import page
from rm_eval.training_time.plan import read_plan
from rm_eval.training_time.rows import csv_text, jsonl_text
from rm_eval.training_time.trajectories import trajectories
from rm_rewards import jsonl

CURVE: Final = "curve"
TRAJECTORIES: Final = "items.jsonl"


def write_record(out: Path) -> Curve:
    """Write `curve.jsonl`, `.csv`, `.md`, `.html` and `items.jsonl` from the finished looks.

    Raises:
        EvalError: If there is no plan or no finished look, or the looks are not alike.
        RecordError: If a file of one is damaged.
        OSError: If a file cannot be read or written.
    """
    looks = read_looks(out)
    curve = curve_of(looks, read_plan(out).budget)
    items = trajectories(looks)
    write_text(jsonl_text(curve), out / f"{CURVE}.jsonl")
    write_text(csv_text(curve), out / f"{CURVE}.csv")
    write_text(markdown_text(curve, items), out / f"{CURVE}.md")
    write_text(page(out.resolve().name, curve, items), out / f"{CURVE}.html")
    jsonl.write(items, out / TRAJECTORIES)
    return curve
