import doctest
import importlib
import re
from pathlib import Path

import pytest

from rm_rewards import methods
from rm_rewards.specs import METHODS

PAGE = Path(__file__).resolve().parents[3] / "docs" / "methods.md"
NAMES = sorted(methods.__all__)

needs_page = pytest.mark.skipif(not PAGE.is_file(), reason=f"there is no {PAGE}")


@needs_page
def test_every_function_that_the_page_names_is_there_and_no_method_is_left_out() -> None:
    text = PAGE.read_text(encoding="utf-8")
    named: set[str] = set()
    for cell in re.findall(r"^\| (`[a-z_0-9]+\.[^|]+) \|", text, re.MULTILINE):
        first, *others = re.findall(r"`([^`]+)`", cell)
        module, _, function = first.partition(".")
        found = importlib.import_module(f"rm_rewards.methods.{module}")
        assert [name for name in (function, *others) if not hasattr(found, name)] == []
        named.add(module)
    assert named == set(NAMES) - {"whole_replies"}
    assert [name for name in METHODS if f"| `{name}` |" not in text] == []


@needs_page
def test_the_examples_of_the_page_print_what_they_say(capsys: pytest.CaptureFixture[str]) -> None:
    shared: dict[str, object] = {}
    for block in re.findall(r"```python\n(.+?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        exec(block, shared)
        said = re.findall(r"^# -> (.+)$", block, re.MULTILINE)
        assert capsys.readouterr().out.splitlines() == said


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_of_a_module_are_true_and_its_head_says_what_it_is(name: str) -> None:
    module = importlib.import_module(f"rm_rewards.methods.{name}")
    assert doctest.testmod(module).failed == 0
    assert module.__doc__
    if name not in ("advantages", "whole_replies"):
        for word in ("Source: ", "Blind to: "):
            assert word in module.__doc__
