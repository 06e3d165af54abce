from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from rm_data.cli import app

NETWORK = {"Red": ["A", "B", "C", "D"], "Blue": ["B", "E", "F"]}


def png(width: int, height: int) -> bytes:
    """A picture that says how large it is, and holds next to nothing."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def own_form(**fields: object) -> str:
    told: dict[str, object] = {
        "city": "town",
        "country": "land",
        "lines": [{"name": "Red", "paths": [["a", "b"]]}],
        "stations": [{"id": "a", "name": "A"}, {"id": "b", "name": "B"}],
        **fields,
    }
    return json.dumps(told)


def town(folder: Path, text: str = json.dumps(NETWORK)) -> Path:
    place = folder / "land" / "town.json"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")
    return place


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["questions", *map(str, arguments)])
    assert not result.exception or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stderr


def refused(folder: Path, *arguments: str | Path) -> str:
    """The one line of an error that leaves nothing behind."""
    before = sorted(folder.rglob("*"))
    code, told = run(*arguments, "--out", folder / "out" / "q.jsonl")
    assert code == 1
    assert len(told.splitlines()) == 1
    left = [p for p in sorted(folder.rglob("*")) if p not in before and p != folder / "out"]
    assert left == []
    return told


@pytest.mark.parametrize("name", ["..", ".", "", "a/b", "/etc/passwd", "a\\b", "a\nb", "a\x00b"])
@pytest.mark.parametrize("field", ["city", "country"])
def test_a_name_that_would_lead_out_of_the_folder_is_refused(
    tmp_path: Path, field: str, name: str
) -> None:
    place = town(tmp_path, own_form(**{field: name}))
    if name:
        assert f"{place}: {field}: found" in refused(tmp_path, tmp_path)
    else:  # then it is known by its place
        assert run(tmp_path, "--out", tmp_path / "q.jsonl")[0] == 0


PICTURES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a bomb": (lambda p: p.write_bytes(png(40_000, 40_000)), "at most 1,000,000,000 pixels"),
    "a larger bomb": (lambda p: p.write_bytes(png(900_000, 900_000)), "at most 1,000,000,000"),
    "no picture": (lambda p: p.write_text("<svg/>"), "a readable picture"),
    "an empty file": (lambda p: p.write_bytes(b""), "a readable picture"),
    "a folder": (lambda p: p.mkdir(), "this is no file"),
    "a link to nothing": (lambda p: p.symlink_to("gone.png"), "the file is missing"),
    "a link to itself": (lambda p: p.symlink_to(p.name), "the file is missing"),
    "a pipe": (os.mkfifo, "this is no file"),
    "a device": (lambda p: p.symlink_to("/dev/zero"), "this is no file"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    make, expected = PICTURES[name]
    place = town(tmp_path)
    make(place.with_suffix(".png"))
    told = refused(tmp_path, place, "--maps", tmp_path)
    assert str(place.with_suffix(".png")) in told
    assert "figure: found '" in told
    assert expected in told


def test_the_largest_published_picture_is_measured_without_being_decoded(tmp_path: Path) -> None:
    place = town(tmp_path)
    place.with_suffix(".png").write_bytes(png(14_032, 19_843))
    begun = time.perf_counter()
    assert run(place, "--maps", tmp_path, "--out", tmp_path / "q.jsonl")[0] == 0
    assert time.perf_counter() - begun < 5
    first = json.loads((tmp_path / "q.jsonl").read_text().splitlines()[0])
    assert first["figure"] == "land/town.png"


def test_a_picture_behind_a_link_is_read_and_named_by_the_link(tmp_path: Path) -> None:
    place = town(tmp_path)
    Image.new("RGB", (8, 8)).save(tmp_path / "elsewhere.png")
    place.with_suffix(".png").symlink_to(tmp_path / "elsewhere.png")
    assert run(place, "--out", tmp_path / "q.jsonl")[0] == 0
    assert '"figure":"land/town.png"' in (tmp_path / "q.jsonl").read_text()


NETWORKS = {
    "truncated": ('{"Red": ["A", "B"', "town.json: file: found"),
    "a list": ("[1, 2]", "town.json"),
    "a number for a line": ('{"Red": 3}', "town.json: Red: found 3"),
    "numbers for stations": ('{"Red": [1, 2]}', "town.json: Red.0: found 1"),
    "no line": ("{}", "town.json: file: found"),
    "too deep": ("[" * 100_000, "town.json: file: found"),
    "too large": (json.dumps({"Red": [f"S{i}" for i in range(100_000)]}), "town.json: stations"),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    text, expected = NETWORKS[name]
    assert expected in refused(tmp_path, town(tmp_path, text))


def test_bytes_that_are_no_text_and_links_in_a_circle_are_refused(tmp_path: Path) -> None:
    place = town(tmp_path)
    place.write_bytes(b'{"Red": ["\xff\xfe"]}')
    assert "town.json" in refused(tmp_path, place)
    place.unlink()
    place.symlink_to(place.name)
    assert "expected a network file, or a folder of them" in refused(tmp_path, place)
    (tmp_path / "land" / "again").symlink_to(tmp_path, target_is_directory=True)
    assert str(place) in refused(tmp_path, tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        '{"Red": []}',
        '{"Red": ["A"]}',
        '{"Red": ["A", "A", "A"]}',
        '{"Red": ["", " "], "": ["x", "y"]}',
        '{"Red": ["A", "B"], "Blue": []}',
        json.dumps({f"L{i}": ["A", f"S{i}"] for i in range(300)}),
        json.dumps({"Red": [f"{'x' * 5000}{i}" for i in range(4)]}),
    ],
)
def test_a_network_that_is_odd_gives_few_questions_and_no_error(tmp_path: Path, text: str) -> None:
    types = "TorF1,TorF2,Counting1,Counting2,Counting3,planning,ChoiceTerminal,ChoiceImpossible"
    place = town(tmp_path, text)
    code, told = run(place, "--types", types, "--per-map", "9", "--out", tmp_path / "q.jsonl")
    assert code == 0, told
    assert (tmp_path / "q.jsonl").is_file()


@pytest.mark.parametrize("kind", ["a folder", "a file for a folder"])
def test_an_output_that_cannot_be_is_refused(tmp_path: Path, kind: str) -> None:
    place = town(tmp_path)
    (tmp_path / "file").write_text("kept")
    out = tmp_path if kind == "a folder" else tmp_path / "file" / "q.jsonl"
    code, told = run(place, "--out", out)
    assert (code, len(told.splitlines())) == (1, 1)
    assert str(out) in told or str(tmp_path / "file") in told
    assert (tmp_path / "file").read_text() == "kept"


def test_an_output_behind_a_link_replaces_the_link_and_not_what_it_leads_to(
    tmp_path: Path,
) -> None:
    place = town(tmp_path)
    (tmp_path / "precious.jsonl").write_text("precious")
    (tmp_path / "q.jsonl").symlink_to("precious.jsonl")
    assert run(place, "--out", tmp_path / "q.jsonl")[0] == 0
    assert (tmp_path / "precious.jsonl").read_text() == "precious"
    assert not (tmp_path / "q.jsonl").is_symlink()


def test_a_reader_that_has_seen_enough_ends_it_silently(tmp_path: Path) -> None:
    place = town(tmp_path, json.dumps({"Red": [f"S{i}" for i in range(400)]}))
    program = Path(sys.executable).with_name("rm-data")
    command = f"{program} questions {place} --out - --per-map 9000 2>{tmp_path}/err | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=False, timeout=60)
    assert done.stdout.count(b"\n") == 1
    assert "Traceback" not in (tmp_path / "err").read_text()
