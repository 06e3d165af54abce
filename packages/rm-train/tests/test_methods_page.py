"""The page about training methods: its table, its figures and its example are true."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import MISSING, fields
from pathlib import Path

import pytest
import torch

import rm_train
from rm_train import ConfigError, TrainConfig
from rm_train.advantages import advantages
from rm_train.curves import read_metrics
from rm_train.methods import METHODS, check_methods, methods_of

MakeConfig = Callable[..., TrainConfig]

PAGE = Path(__file__).resolve().parents[3] / "docs" / "training-methods.md"
pytestmark = pytest.mark.skipif(not PAGE.is_file(), reason=f"there is no {PAGE}")
TEXT = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""


def rows_of(text: str) -> dict[str, list[str]]:
    """The rows of tables whose first cell is a name in code, by that name."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        name = re.match(r"\[?`([^`]+)`", cells[0])
        if line.startswith("| ") and name:
            found[name[1]] = cells
    return found


def section(name: str) -> str:
    return TEXT.split(f"\n## {name}\n", 1)[1].split("\n## ", 1)[0]


@pytest.mark.parametrize("name", METHODS)
def test_a_method_stands_on_the_page_with_its_source_and_all_its_options(name: str) -> None:
    (method,) = methods_of(name)
    row = rows_of(TEXT.split("## Without a method", 1)[0])[name]
    assert row[3] == ("yes" if method.whole_groups else "no")
    assert re.findall(r"arXiv [\d.]+", row[2])[0] in method.source
    options = {one.name: one.default for one in fields(method) if one.init}  # pyright: ignore[reportArgumentType] - each is a dataclass
    told = rows_of(section(name))
    assert set(told) == set(options)
    for option, default in options.items():
        assert default is not MISSING
        written = told[option][1]
        if isinstance(default, bool | str):
            assert written == (str(default).lower() or "none")
        else:
            assert float(written) == default


def test_the_runs_on_the_page_name_methods_that_are_there() -> None:
    named = re.findall(r"--method (\S+)", TEXT)
    assert len(named) > 4
    for text in named:
        check_methods(text)
        if ".py:" not in text:
            methods_of(text)


def test_the_figures_of_the_comparisons_are_those_that_are_computed() -> None:
    rewards = torch.tensor([12.0, 2.5, 0.0, 0.0])
    beside = torch.cat((rewards, torch.tensor([1.0, 0.0, 0.0, 1.0])))
    found = [
        advantages(rewards, 4, scale="none"),
        advantages(rewards, 4, scale="group"),
        advantages(rewards, 4, scale="none", baseline="leave-one-out"),
        advantages(beside, 4, scale="batch")[:4],
    ]
    for values in found:
        shown = ", ".join(f"{value:.4f}".rstrip("0").rstrip(".") for value in values)
        assert f"| {shown} |" in section("Without a method")


def test_the_example_trains_alone_and_beside_a_method(
    make_config: MakeConfig, tmp_path: Path
) -> None:
    (code,) = re.findall(r"```python\n(.+?)```", section("Add a method in one file"), re.DOTALL)
    (tmp_path / "only_right.py").write_text(code, encoding="utf-8")
    own = f"{tmp_path / 'only_right.py'}:OnlyRight"
    config = make_config(
        method=f"{own}:keep=0.1+grpo-care:every=1+copo+dapo:mask=false", max_steps=2, save_steps=0
    )
    rm_train.run(config)
    lines = read_metrics(config.out / "metrics.jsonl")
    assert [line["method"]["only-right/share"] for line in lines] == [
        pytest.approx(line["correct"]) for line in lines
    ]
    assert all({"grpo-care/bonus", "copo/entropy"} <= set(line["method"]) for line in lines)
    with pytest.raises(ConfigError, match="keep: expected a number from 0 to 1"):
        methods_of(f"{own}:keep=2")
    with pytest.raises(ConfigError, match=r"found 'keep=yes' in .*, expected a number"):
        methods_of(f"{own}:keep=yes")
