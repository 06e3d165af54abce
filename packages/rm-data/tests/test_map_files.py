import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from rm_data import generate
from rm_data.cities.city import city
from rm_data.cities.mix import MIX
from rm_data.map_files import ALL_STYLES, MOST, MapOrder, make_maps
from rm_data.map_manifest import MANIFEST
from rm_data.networks import read_all
from rm_data.picture.svg import to_svg
from rm_data.picture.truth import load_truth
from rm_data.synthetic import STYLES
from rm_rewards import RecordError
from rm_rewards.jsonl import dump


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "maps"
    make_maps(MapOrder(count=5, seed=3, style=MIX, lines=(2, 4)), folder)
    return folder


def manifest(folder: Path) -> dict[str, Any]:
    return json.loads((folder / MANIFEST).read_text(encoding="utf-8"))


def test_maps_are_the_same_bytes_for_any_number_of_workers(mixed: Path, tmp_path: Path) -> None:
    order = MapOrder(count=5, seed=3, style=MIX, lines=(2, 4))
    make_maps(order, tmp_path / "two", workers=2)
    assert contents(mixed) == contents(tmp_path / "two")
    assert len(contents(mixed)) == 5 * 5 + 1


def test_each_map_has_its_network_pictures_and_truth(mixed: Path) -> None:
    for file in read_all([mixed]):
        found = city(int(file.network.city.split("-")[1]), style=MIX, lines=(2, 4))
        assert file.network == found.network
        assert file.path.with_suffix(".svg").read_text(encoding="utf-8") == to_svg(found.scene)
        truth = load_truth(file.path.with_suffix(".truth.json"))
        with Image.open(file.path.with_suffix(".png")) as picture:
            assert picture.size == (truth.width, truth.height)
        assert set(truth.stations) == set(file.network.names)


def test_the_manifest_lists_the_maps_and_what_was_rejected(mixed: Path) -> None:
    said = manifest(mixed)
    assert said["kept"] == len(said["maps"]) == 5
    assert said["seed"] == 3
    assert said["lines"] == [2, 4]
    for row, file in zip(said["maps"], read_all([mixed]), strict=True):
        assert row["city"] == file.network.city
        assert row["stations"] == len(file.network.stations)
        assert row["lines"] == len(file.network.lines)
        assert row["text_px"] >= 10


def test_the_small_styles_are_as_they_were(tmp_path: Path) -> None:
    digests = {"compact": "67c813d79c6e464a", "named": "cc98466197ab0e79"}
    assert set(STYLES) == set(digests)
    for style, digest in digests.items():
        together = "".join(dump(generate(number, style=style)) for number in range(20))
        assert hashlib.sha256(together.encode()).hexdigest()[:16] == digest
        make_maps(MapOrder(count=2, seed=1, style=style), tmp_path / style)
        files = read_all([tmp_path / style])
        assert [f.network for f in files] == [generate(MOST + i, style=style) for i in range(2)]
        assert [f.place for f in files] == [("synthetic", f"{style}-{MOST + i}") for i in range(2)]
        assert len(contents(tmp_path / style)) == 2 * 2 + 1


def test_the_size_is_the_longer_side_and_text_has_a_least_height(tmp_path: Path) -> None:
    make_maps(MapOrder(count=1, seed=0, style="metro", lines=(3, 3), size=900), tmp_path / "a")
    (row,) = manifest(tmp_path / "a")["maps"]
    assert max(row["width"], row["height"]) == 900
    order = MapOrder(count=1, seed=0, style="metro", lines=(3, 3), min_text_px=30)
    make_maps(order, tmp_path / "b")
    (larger,) = manifest(tmp_path / "b")["maps"]
    assert larger["text_px"] >= 30
    assert larger["stations"] == row["stations"]


def test_maps_that_cannot_be_made_leave_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="lines: found 9-9"):
        make_maps(MapOrder(count=2, seed=0, style="compact", lines=(9, 9)), tmp_path / "maps")
    with pytest.raises(ValueError, match="size: found 3"):
        make_maps(MapOrder(count=2, seed=0, style="named", size=3), tmp_path / "maps", workers=2)
    with pytest.raises(
        RecordError, match=r"mix-000000: size: found 90, expected at least \d+ pixels"
    ):
        make_maps(MapOrder(count=2, seed=0, size=90), tmp_path / "maps")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("count", "seed", "style", "field"),
    [
        (0, 0, "mix", "count"),
        (MOST + 1, 0, "mix", "count"),
        (1, -1, "mix", "seed"),
        (1, 0, "x", "style"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(
    count: int, seed: int, style: str, field: str
) -> None:
    with pytest.raises(RecordError, match=f"{field}: found"):
        MapOrder(count=count, seed=seed, style=style)


def test_every_style_has_one_meaning() -> None:
    assert len(set(ALL_STYLES)) == len(ALL_STYLES)
