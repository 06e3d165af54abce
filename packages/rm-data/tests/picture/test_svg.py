from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from rm_data.layout import Layout
from rm_data.picture import Look, scene, scenery_for, to_image, to_svg
from rm_data.picture.fonts import font_path
from rm_rewards import Line, Network, Station

Drawing = tuple[Network, Layout]
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
SVG = "{http://www.w3.org/2000/svg}"


def tree(drawing: Drawing, look: Look | None = None) -> ET.Element:
    network, layout = drawing
    made = scene(
        network, look or Look(text=0.3), layout=layout, seed=1, scenery=scenery_for(layout, 1)
    )
    return ET.fromstring(to_svg(made))


def test_stations_lines_and_the_map_have_titles(city: Drawing) -> None:
    root = tree(city)
    assert root.attrib["role"] == "img"
    assert root.findtext(f"{SVG}title") == "example_city"
    described = root.findtext(f"{SVG}desc")
    assert described == "Transit map with 9 stations and 3 lines: Line 1, Line 2, Ring"
    titles = {
        group.attrib["id"]: group.findtext(f"{SVG}title")
        for group in root.iter(f"{SVG}g")
        if group.find(f"{SVG}title") is not None
    }
    assert titles["line-1"] == "Line 1"
    assert titles["station-2"] == "Brook Park (Line 1, Line 2)"
    assert titles["badge-1"] == "Line 1 at Abbey"


def test_ids_are_unique_and_decoration_is_hidden_from_readers(city: Drawing) -> None:
    root = tree(city)
    ids = [node.attrib["id"] for node in root.iter() if "id" in node.attrib]
    assert len(ids) == len(set(ids))
    scenery = next(group for group in root.iter(f"{SVG}g") if group.attrib["id"] == "scenery-1")
    assert scenery.attrib["aria-hidden"] == "true"


def test_names_are_escaped_and_come_back_as_they_were() -> None:
    name = "<script>alert(\"&amp;\")</script> ]]> 'x'"
    network = Network(
        city="<b>&",
        lines=(Line(name=name, paths=(("a", "b"),)),),
        stations=(
            Station(id='"<', name="x"),
            Station(id="a", name=name),
            Station(id="b", name="B"),
        ),
    )
    layout = Layout(positions={"a": (0.0, 0.0), "b": (9.0, 0.0), '"<': (0.0, 9.0)})
    root = tree((network, layout), Look(rows=1))
    assert [node.tag for node in root.iter() if "script" in node.tag] == []
    assert root.findtext(f"{SVG}title") == "<b>&"
    assert name in [text.text for text in root.iter(f"{SVG}text")]


def test_a_row_of_two_scripts_is_written_in_two_fonts() -> None:
    network = Network(city="x", lines=(), stations=(Station(id="a", name="地铁 Metro"),))
    root = tree((network, Layout(positions={"a": (0.0, 0.0)})), Look(rows=1))
    spans = [
        (span.attrib["font-family"].split(",")[0], span.text) for span in root.iter(f"{SVG}tspan")
    ]
    assert spans == [("'Map Han'", "地铁"), ("'Map Sans'", " Metro")]


def test_fonts_come_along_where_asked_and_only_those_used(city: Drawing) -> None:
    network, layout = city
    made = scene(network, Look(text=0.3), layout=layout)
    plain, whole = to_svg(made), to_svg(made, embed_fonts=True)
    assert "font-face" not in plain
    assert whole.count("@font-face") == 2
    style = ET.fromstring(whole).findtext(f"{SVG}style") or ""
    assert "'Map Sans'" in style
    assert "'Map Sans Bold'" in style
    bold = base64.b64encode(font_path("sans-bold").read_bytes()).decode()
    assert bold in style


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
def test_a_browser_draws_the_same_picture(city: Drawing, tmp_path: Path) -> None:
    network, layout = city
    made = scene(network, Look(text=0.3), layout=layout, size=800)
    file, shot = tmp_path / "map.svg", tmp_path / "map.png"
    file.write_text(to_svg(made, embed_fonts=True), encoding="utf-8")
    subprocess.run(
        [
            str(CHROMIUM),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            f"--window-size={made.width},{made.height}",
            f"--user-data-dir={tmp_path / 'profile'}",
            f"--screenshot={shot}",
            file.as_uri(),
        ],
        capture_output=True,
        check=True,
        timeout=60,
    )
    with Image.open(shot) as image:
        seen = np.asarray(image.convert("RGB")).astype(int)
    drawn = np.asarray(to_image(made)).astype(int)
    assert seen.shape == drawn.shape
    assert np.abs(seen - drawn).mean() < 1.5
    assert (np.abs(seen - drawn).max(axis=2) > 128).mean() < 0.005


@pytest.mark.parametrize(
    ("look", "digest"),
    [
        (Look(text=0.3), "3de84b19f5b8337b"),
        (
            Look(
                text=0.3,
                marker="tick",
                interchange="square",
                legend="right",
                case="upper",
                font="serif",
                casing=0.1,
                background="#101418",
                ink="#f0f0f0",
                badges="full",
            ),
            "3fb23997bcda9fc0",
        ),
    ],
)
def test_a_seed_gives_these_bytes(city: Drawing, look: Look, digest: str) -> None:
    network, layout = city
    made = scene(network, look, layout=layout, size=1000, seed=7, scenery=scenery_for(layout, 7))
    assert hashlib.sha256(to_svg(made).encode()).hexdigest()[:16] == digest
