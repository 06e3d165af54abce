import io
import re
import shlex
import tomllib
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rm_rewards.cli import app
from rm_rewards.composition_file import composition_from
from rm_rewards.methods.kinds import METHOD_KINDS
from rm_rewards.parts import KINDS

PAGE = Path(__file__).resolve().parents[3] / "docs/reward-commands.md"
TEXT = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", TEXT, re.DOTALL)
COMMANDS = [
    shlex.split(line, comments=True)[1:]
    for kind, block in BLOCKS
    if not kind
    for line in block.splitlines()
]

pytestmark = pytest.mark.skipif(not TEXT, reason=f"{PAGE} is not there")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: " ".join(c[:2]))
def test_each_option_of_a_command_on_the_page_exists(command: list[str]) -> None:
    shown = CliRunner().invoke(app, [command[0], "--help"], terminal_width=200).stdout
    options = [word for word in command if word.startswith("--")]
    assert options
    assert [option for option in options if option not in shown] == []


def test_the_composition_on_the_page_can_be_used() -> None:
    files = [block for kind, block in BLOCKS if kind == "toml"]
    made = [composition_from(tomllib.loads(file)) for file in files]
    assert [(m.name, m.bounds) for m in made] == [("brief", (0.0, 1.6)), ("methods", (-0.1, 3.0))]
    assert [m.whole for m in made] == [(), ("short",)]


def test_the_kinds_on_the_page_are_those_that_there_are() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE)) == KINDS.keys() | METHOD_KINDS
    sees = dict(re.findall(r"^\| `(\w+)` \|.*\| ([\w ,]+) \|$", TEXT, re.MULTILINE))
    for name, kind in {**KINDS, **METHOD_KINDS}.items():
        assert sees[name].startswith("the group" if kind.whole else "the reply"), name
        assert all(need in sees[name] for need in kind.needs), name


def test_the_example_on_the_page_prints_what_it_says() -> None:
    (example,) = [block for kind, block in BLOCKS if kind == "python"]
    said = io.StringIO()
    with redirect_stdout(said):
        exec(example, {})
    assert said.getvalue().splitlines() == re.findall(r"# -> (.*)", example)
