"""Runs the commands that a document shows, and compares what they print.

`REGENERATE=1 pytest tests/test_documents.py` writes the documents anew instead.
"""

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image, ImageChops

DOCS = Path(__file__).resolve().parents[1] / "docs"
REGENERATE = bool(os.environ.get("REGENERATE"))
BLOCK = re.compile(r"^```console(?P<kind> measured)?\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ .*\n(?:> .*\n)*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Shown:
    """A command as it is written in a document, and what is written below it."""

    command: str
    output: str
    measured: bool

    @property
    def program(self) -> str:
        return "\n".join(line[2:] for line in self.command.splitlines())


def shown(text: str) -> Iterator[Shown]:
    for block in BLOCK.finditer(text):
        body = block["body"]
        starts = list(COMMAND.finditer(body))
        ends = [start.start() for start in starts[1:]] + [len(body)]
        for start, end in zip(starts, ends, strict=True):
            yield Shown(start[0], body[start.end() : end], bool(block["kind"]))


def form(output: str) -> list[str]:
    """What stays the same on every machine: the keys of records, or the words without numbers."""
    keys = re.findall(r'^\s*"(\w+)":', output, re.MULTILINE)
    return keys or re.sub(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", "#", output).split()


def printed(program: str, place: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        ["bash", "-c", program],
        cwd=place,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"$ {program}\n{done.stdout}"
    return done.stdout if done.stdout.endswith("\n") or not done.stdout else f"{done.stdout}\n"


def same_pixels(one: Path, other: Path) -> bool:
    with Image.open(one) as first, Image.open(other) as second:
        return first.size == second.size and not ImageChops.difference(first, second).getbbox()


@pytest.mark.parametrize("name", ["path.md"])
def test_a_document_shows_what_its_commands_print(
    name: str, tmp_path: Path, environment: dict[str, str]
) -> None:
    text = (DOCS / name).read_text(encoding="utf-8")
    examples = list(shown(text))
    assert examples
    for example in examples:
        output = printed(example.program, tmp_path, environment)
        if REGENERATE:
            text = text.replace(example.command + example.output, example.command + output, 1)
        elif example.measured:
            assert form(example.output) == form(output), example.command
        else:
            assert example.output == output, example.command
    if REGENERATE:
        (DOCS / name).write_text(text, encoding="utf-8")


def test_the_picture_of_the_path_is_the_one_that_the_command_draws(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    maps = next(shown((DOCS / "path.md").read_text(encoding="utf-8")))
    printed(maps.program, tmp_path, environment)
    drawn = tmp_path / "maps/synthetic/compact-11000001.png"
    if REGENERATE:
        (DOCS / "path-map.png").write_bytes(drawn.read_bytes())
    assert same_pixels(DOCS / "path-map.png", drawn)
    assert not same_pixels(DOCS / "path-map.png", drawn.with_name("compact-11000000.png"))
