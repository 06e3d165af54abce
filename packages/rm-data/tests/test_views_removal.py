from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image, ImageColor

from rm_data import draw, generate, line_eraser, load_network, load_truth, read_pairs
from rm_data.map_files import MapOrder, make_maps
from rm_data.picture import PixelTruth
from rm_data.views.lines import without_line
from rm_rewards import Network, RecordError


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("maps") / "maps"
    make_maps(MapOrder(count=1, seed=4, style="night", lines=(4, 4)), out)
    (picture,) = out.rglob("*.png")
    return picture


def network_of(picture: Path) -> Network:
    return load_network(picture.with_suffix(".json"))


def coloured(image: Image.Image, truth: PixelTruth, line: str) -> float:
    """The share of the points halfway between two bends that have the line's colour."""
    found = truth.lines[line]
    wanted = ImageColor.getrgb(found.colour)
    points = [
        image.getpixel((round((a[0] + b[0]) / 2), round((a[1] + b[1]) / 2)))
        for path in found.polylines
        for a, b in pairwise(path)
    ]
    near = [
        isinstance(p, tuple) and max(abs(x - y) for x, y in zip(p, wanted, strict=False)) < 40
        for p in points
    ]
    return sum(near) / len(near)


def pixels(image: Image.Image, wanted: object) -> int:
    return sum(count for count, colour in image.getcolors(1 << 24) or [] if colour == wanted)


@pytest.mark.parametrize("forget", ["", ".drawing.json"])
def test_a_line_leaves_the_picture_and_the_others_stay(
    city: Path, tmp_path: Path, forget: str
) -> None:
    place = tmp_path / "maps"
    shutil.copytree(city.parent, place)
    picture = place / city.name
    if forget:
        picture.with_name(picture.stem + forget).unlink()
    truth = load_truth(picture.with_suffix(".truth.json"))
    network = network_of(picture)
    eraser = line_eraser(network, picture)
    with Image.open(picture) as opened:
        whole = opened.convert("RGB")
    gone, *others = (line.name for line in network.lines)
    assert coloured(whole, truth, gone) > 0.7
    without = eraser(gone)
    assert without.mode == "RGB"
    if forget:  # painted over in the same picture; drawn anew, the other lines may lie elsewhere
        assert without.size == whole.size
        assert coloured(without, truth, gone) < 0.1
        for line in others:
            assert coloured(without, truth, line) > 0.5
    colour = ImageColor.getrgb(truth.lines[gone].colour)
    assert pixels(without, colour) < 0.02 * pixels(whole, colour)


def test_a_small_map_is_drawn_again_without_the_line(tmp_path: Path) -> None:
    network = generate(3)
    picture = tmp_path / f"{network.city}.png"
    draw(network, seed=3, size=160).save(picture)
    line = network.lines[0].name
    made = line_eraser(network, picture)(line)
    assert made.tobytes() == draw(without_line(network, line), seed=3, size=160).tobytes()


def test_without_its_last_line_a_map_is_an_empty_sheet(city: Path) -> None:
    network = network_of(city)
    for line in network.lines[1:]:
        network = without_line(network, line.name)
    made = line_eraser(network, city)(network.lines[0].name)
    assert len(made.getcolors() or []) == 1


def test_a_map_that_nobody_knows_how_to_draw_is_refused(city: Path, tmp_path: Path) -> None:
    picture = tmp_path / "town.png"
    shutil.copy(city, picture)
    with pytest.raises(RecordError, match=r"town.png', expected town.drawing.json or town.truth"):
        line_eraser(network_of(city), picture)
    truth = city.with_suffix(".truth.json").read_text(encoding="utf-8")
    name = network_of(city).lines[0].name
    (tmp_path / "town.truth.json").write_text(truth.replace(f'"{name}"', '"X"'), encoding="utf-8")
    with pytest.raises(RecordError, match=r"town.truth.json: lines: found .*expected '"):
        line_eraser(network_of(city), picture)


def test_pairs_are_read_with_what_changes_in_the_view(tmp_path: Path) -> None:
    file = tmp_path / "pairs.jsonl"
    file.write_text(
        '{"question": "q", "view": "q@rename", "kind": "rename", "lines": {"1": "2"}, '
        '"back": false, "same": true}\n{"question": "q", "view": "q@swap", "kind": "swap", '
        '"back": true}\n',
        encoding="utf-8",
    )
    renamed, swapped = read_pairs(file)
    assert (renamed.lines, renamed.back, swapped.lines, swapped.back) == (
        {"1": "2"},
        False,
        {},
        True,
    )
    file.write_text('{"question": 1}\n', encoding="utf-8")
    with pytest.raises(RecordError, match=r"pairs.jsonl:1: "):
        read_pairs(file)
    file.write_text("", encoding="utf-8")
    with pytest.raises(RecordError, match="no pairs"):
        read_pairs(file)
