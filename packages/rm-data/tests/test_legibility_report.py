from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from rm_data.cities.legibility import Piece, Reading
from rm_data.cli import app
from rm_data.legibility_report import (
    MapRead,
    legibility,
    legibility_table,
    pictures_in,
    read_maps,
)
from rm_data.map_files import MapOrder, make_maps
from rm_data.map_manifest import MANIFEST
from rm_rewards import RecordError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RIGHT = Reading("a", "Old Mill", "OldMill")
ACCENT = Reading("b", "Écluse", "Ecluse")
WRONG = Reading("c", "Corbel", "Corbel6")


@pytest.fixture(scope="module")
def maps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("read") / "maps"
    make_maps(MapOrder(count=4, seed=0, style="metro", lines=(2, 2)), folder)
    return folder


def read(look: str, lines: int, *readings: Reading) -> MapRead:
    return MapRead(path=Path("x.png"), look=look, lines=lines, readings=readings)


def test_names_are_counted_by_style_and_number_of_lines() -> None:
    rows = legibility(
        [read("b", 4, RIGHT, WRONG), read("b", 8, RIGHT, ACCENT), read("b", 5, RIGHT), read("a", 3)]
    )
    assert [(row.look, row.lines, row.maps, row.names, row.exact) for row in rows] == [
        ("a", "2-5", 1, 0, 0),
        ("b", "2-5", 2, 3, 2),
        ("b", "6-10", 1, 2, 1),
        ("b", "all", 3, 5, 3),
    ]
    assert rows[2].but_for_accents == 2
    assert rows[3].share == pytest.approx(0.6)


def test_the_table_is_markdown_with_a_column_for_each_figure() -> None:
    table = legibility_table(legibility([read("metro", 8, RIGHT, RIGHT, WRONG, ACCENT)]))
    assert [cell.strip() for cell in table[2].strip("|").split("|")] == [
        "metro", "6-10", "1", "4", "50.0%", "75.0%",
    ]  # fmt: skip
    assert len(set(map(len, table))) == 1


def test_maps_are_read_with_their_style_from_the_manifest(maps: Path, tmp_path: Path) -> None:
    def blind(pixels: NDArray[np.uint8]) -> list[Piece]:
        assert pixels.size
        return []

    (one,) = read_maps(maps, pictures_in(maps, sample=1), reader=blind)
    assert (one.look, one.lines) == ("metro", 2)
    assert one.readings
    assert not any(reading.exact for reading in one.readings)
    (picture,) = pictures_in(maps, sample=1)
    for name in (picture.name, picture.with_suffix(".truth.json").name):
        (tmp_path / name).write_bytes((picture.parent / name).read_bytes())
    (alone,) = read_maps(tmp_path, pictures_in(tmp_path), reader=blind)
    assert not (tmp_path / MANIFEST).exists()
    assert (alone.look, alone.lines) == ("own", 0)


def test_a_sample_is_spread_over_the_folder(maps: Path, tmp_path: Path) -> None:
    every = pictures_in(maps)
    assert len(every) == 4
    assert pictures_in(maps, sample=2) == [every[0], every[2]]
    assert pictures_in(maps, sample=9) == every
    with pytest.raises(RecordError, match=r"DIR: found .*, expected a folder of"):
        pictures_in(tmp_path)


@pytest.mark.skipif(
    find_spec("rapidocr_onnxruntime") is None,
    reason="rapidocr-onnxruntime is not installed (extra: legibility)",
)
def test_the_command_reads_a_folder_and_fails_below_the_share_that_is_asked_for(maps: Path) -> None:
    done = CliRunner().invoke(app, ["legibility", str(maps), "--sample", "1", "--least", "0.8"])
    assert done.exit_code == 0, done.output
    assert "| metro | 2-5   | 1    |" in done.stdout


def test_a_folder_without_maps_is_one_line(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["legibility", str(tmp_path)])
    assert done.exit_code == 1
    assert done.stderr.count("\n") == 1
    assert str(tmp_path) in done.stderr


@pytest.mark.skipif(
    find_spec("rapidocr_onnxruntime") is None,
    reason="rapidocr-onnxruntime is not installed (extra: legibility)",
)
def test_stats_read_the_names_on_some_of_the_maps(tmp_path: Path) -> None:
    maps, asked = tmp_path / "maps", tmp_path / "q.jsonl"
    for called in (
        ["maps", "--out", str(maps), "--count", "2", "--style", "metro", "--lines", "3"],
        ["questions", str(maps), "--out", str(asked), "--per-map", "1"],
    ):
        assert CliRunner().invoke(app, called).exit_code == 0
    done = CliRunner().invoke(app, ["stats", str(asked), "--legibility", "1"])
    assert done.exit_code == 0, done.output
    (row,) = [line for line in done.stdout.splitlines() if "metro" in line]
    assert row.split("|")[3].strip() == "1"


def test_stats_without_a_map_to_read_say_so(tmp_path: Path) -> None:
    asked = tmp_path / "q.jsonl"
    asked.write_text('{"id":"1","type":"TorF1","question":"?","answer":1}\n', encoding="utf-8")
    done = CliRunner().invoke(app, ["stats", str(asked), "--legibility", "1"])
    assert done.exit_code == 1
    assert "figure: found None, expected a picture with its .truth.json" in done.stderr
