"""Runs docs/rewards.md from top to bottom and compares what its blocks print."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from typing import Any

import pytest

from rm_rewards import reward_spec
from rm_rewards.specs import SPECS

PAGE = (Path(__file__).resolve().parents[3] / "docs/rewards.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_the_blocks_print_what_they_say() -> None:
    space: dict[str, Any] = {}
    compared = 0
    for block in BLOCKS:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(block, space)
        expected = re.findall(r"^# -> (.+)$", block, re.MULTILINE)
        assert printed.getvalue().splitlines() == expected
        compared += len(expected)
    assert compared >= 53


@pytest.mark.parametrize("name", SPECS)
def test_the_table_has_the_numbers_of_the_specification(name: str) -> None:
    spec = reward_spec(name)
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| [`{name}`]"))
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert float(cells[1].split(", ")[-1]) == spec.format
    assert float(cells[2].split(", ")[-1]) == spec.correctness
    assert float(cells[3]) == spec.alpha
    low, high = spec.bounds
    assert f"{high:g}" in cells[5]
    assert cells[5].startswith("no least" if low == float("-inf") else f"{low:g}")
    assert f"\n## {name}\n" in PAGE


def test_every_reward_is_named_on_the_page() -> None:
    assert [name for name in SPECS if f"`{name}`" not in PAGE] == []


def test_the_links_lead_somewhere() -> None:
    docs = Path(__file__).resolve().parents[3] / "docs"
    for page in ("rewards.md", "trainers.md"):
        text = (docs / page).read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)]+)\)", text):
            path, _, anchor = target.partition("#")
            file = docs / path if path else docs / page
            assert file.is_file(), target
            titles = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            anchors = {title.lower().replace(" ", "-") for title in titles}
            assert not anchor or anchor in anchors, target
