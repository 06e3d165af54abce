from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from math import inf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from rm_data.layout import Layout
from rm_data.picture import Look, Scene, Scenery, dump_truth, scene, scenery_for, to_svg
from rm_data.picture.labels import badge_texts, name_blocks
from rm_data.picture.look import Interchange, Legend, Marker
from rm_data.picture.shapes import Box, Stroke, Text
from rm_rewards import Line, Network, RecordError, Station

Drawing = tuple[Network, Layout]


def named(*names: str, line: Line | None = None, city: str = "x") -> Drawing:
    ids = [f"s{place}" for place in range(len(names))]
    network = Network(
        city=city,
        lines=(line or Line(name="Line 1", paths=(tuple(ids),)),),
        stations=tuple(Station(id=stop, name=name) for stop, name in zip(ids, names, strict=True)),
    )
    return network, Layout(positions={stop: (4.0 * x, 0.0) for x, stop in enumerate(ids)})


@settings(max_examples=40, deadline=None)
@given(data=st.data(), seed=st.integers(0, 3), legend=st.sampled_from(["below", "corner", "right"]))
def test_any_small_network_is_drawn_the_same_way_twice(
    random_drawings: SearchStrategy[Drawing], data: st.DataObject, seed: int, legend: Legend
) -> None:
    network, layout = data.draw(random_drawings)
    look = Look(legend=legend)
    first = scene(network, look, layout=layout, seed=seed, scenery=scenery_for(layout, seed))
    second = scene(network, look, layout=layout, seed=seed, scenery=scenery_for(layout, seed))
    assert to_svg(first) == to_svg(second)
    assert dump_truth(first.truth) == dump_truth(second.truth)
    assert set(first.truth.stations) == set(first.truth.labels) == set(network.names)
    for line in first.truth.lines.values():
        assert line.legend is not None
        assert not _touching(first, line.legend)
        assert 0 < line.legend[0] < line.legend[2] < first.width
        assert 0 < line.legend[1] < line.legend[3] < first.height
    assert [line.name for line in network.lines] == list(first.truth.lines)


def test_another_process_makes_the_same_bytes() -> None:
    program = (
        "from rm_data.picture import *\n"
        "from rm_data import generate\n"
        "import hashlib\n"
        "made = scene(generate(3, style='named'), Look(text=0.2), seed=5)\n"
        "print(hashlib.sha256(to_svg(made).encode()).hexdigest())"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1
    assert len(runs.pop()) == 65


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "\"quoted\" & 'quoted'",
        "]]>",
        "a" * 200,
        "Long " * 40,
        "中" * 60,
        "-",
        "",
        "   ",
        "/-/-/",
        "Zürich HB\n(Bahnhof)",
    ],
)
def test_odd_names_are_drawn_without_conflicts(name: str) -> None:
    network, layout = named(name, "Elm")
    made = scene(network, layout=layout)
    assert made.conflicts == ()
    assert to_svg(made).count("<script>") == 0


@pytest.mark.parametrize("name", ["Park \N{GRINNING FACE}", "\N{HEBREW LETTER ALEF}", "a\x00b"])
def test_a_name_that_no_font_can_write_is_refused(name: str) -> None:
    network, layout = named(name, "Elm")
    with pytest.raises(RecordError, match=r"name: found .*U\+.* expected characters that"):
        scene(network, layout=layout)


@pytest.mark.parametrize(
    "line",
    [
        Line(name="Line 1", paths=()),
        Line(name="Line 1", paths=((),)),
        Line(name="Line 1", paths=(("s0",),)),
        Line(name="Line 1", paths=(("s0", "s0"),)),
        Line(name="Line 1", paths=(("s0", "s1"),), loop=True),
        Line(name="Line 1", paths=(("s0", "s1"), ("s1",))),
        Line(name='<Line> & "1"', paths=(("s0", "s1"),)),
        Line(name="L" * 200, paths=(("s0", "s1"),)),
        Line(name="", paths=(("s0", "s1"),)),
    ],
)
@pytest.mark.parametrize("look", [Look(), Look(marker="tick", badges="full", legend="corner")])
def test_lines_of_any_shape_are_drawn(line: Line, look: Look) -> None:
    network, layout = named("Ash", "Elm", line=line)
    made = scene(network, look, layout=layout)
    assert set(made.truth.lines) == {line.name}
    assert {one.kind for one in made.conflicts} == set()


def test_a_single_station_without_any_line_is_drawn() -> None:
    network = Network(city="", lines=(), stations=(Station(id="a", name="Ash"),))
    made = scene(network, layout=Layout(positions={"a": (0.0, 0.0)}))
    assert made.conflicts == ()
    assert made.width > 10


def test_all_stations_in_one_place_are_drawn_with_many_conflicts() -> None:
    network, _ = named("Ash", "Elm", "Oak")
    made = scene(network, layout=Layout(positions=dict.fromkeys(network.names, (1.0, 1.0))))
    assert {one.kind for one in made.conflicts} >= {"marker-marker", "label-nearest"}


def test_stations_far_apart_in_units_of_text_are_drawn_if_the_text_stays_legible() -> None:
    network, _ = named("Ash", "Elm")
    wide = Layout(positions={"s0": (0.0, 0.0), "s1": (90.0, 0.0)})
    assert scene(network, layout=wide).width > 90 * 18
    with pytest.raises(RecordError, match=r"size: found 300, expected at least \d+ pixels: labels"):
        scene(network, layout=wide, size=300)


@pytest.mark.parametrize("size", [800, 1000, 4000])
def test_the_longer_side_is_the_size_asked_for(city: Drawing, size: int) -> None:
    network, layout = city
    made = scene(network, Look(text=0.3), layout=layout, size=size)
    assert max(made.width, made.height) == size
    assert (made.truth.width, made.truth.height) == (made.width, made.height)


def test_the_size_changes_nothing_but_the_scale(city: Drawing) -> None:
    network, layout = city
    small = scene(network, Look(text=0.3), layout=layout, size=800)
    large = scene(network, Look(text=0.3), layout=layout, size=1600)
    for stop, label in small.truth.scaled(1600).labels.items():
        other = large.truth.labels[stop]
        assert label.rows == other.rows
        assert label.bounds == pytest.approx(other.bounds, abs=0.1)


def test_the_least_text_height_holds_without_a_size_as_well(city: Drawing) -> None:
    network, layout = city
    with pytest.raises(RecordError, match="min_text_px is 20"):
        scene(network, Look(text_px=12, min_text_px=20), layout=layout)


def test_a_picture_too_large_for_a_rasteriser_is_refused(city: Drawing) -> None:
    network, layout = city
    with pytest.raises(RecordError, match="at most 30000 pixels a side"):
        scene(network, layout=layout, size=10**9)


@pytest.mark.parametrize("place", [(nan, 0.0), (0.0, inf), (1e9, 0.0)])
def test_a_place_that_is_no_number_of_a_map_is_refused(place: tuple[float, float]) -> None:
    network, layout = named("Ash", "Elm")
    wrong = Layout(positions={**layout.positions, "s1": place})
    with pytest.raises(RecordError, match=r"positions\['s1'\]"):
        scene(network, layout=wrong)
    bent = Layout(positions=layout.positions, bends={("s0", "s1"): (place,)})
    with pytest.raises(RecordError, match=r"bends\[\('s0', 's1'\)\]"):
        scene(network, layout=bent)
    with pytest.raises(RecordError, match="points: found"):
        Scenery(kind="water", points=(place, (10.0 * place[0], 1e8)))


def test_networks_without_stations_or_places_are_refused() -> None:
    with pytest.raises(RecordError, match="stations: found 0, expected 1 to 3000"):
        scene(Network(city="x", lines=(), stations=()), layout=Layout(positions={}))
    network, _ = named("Ash", "Elm")
    with pytest.raises(RecordError, match="positions: found 's0'"):
        scene(network)
    with pytest.raises(RecordError, match="positions: found 's0'"):
        scene(network, layout=Layout(positions={}))


def test_a_colour_that_is_no_colour_is_refused() -> None:
    line = Line(name="Line 1", paths=(("s0", "s1"),), colour='"/><script>')
    network, layout = named("Ash", "Elm", line=line)
    with pytest.raises(RecordError, match=r"lines\['Line 1'\]\.colour: .* expected #rrggbb"):
        scene(network, layout=layout)


@pytest.mark.parametrize(
    ("names", "texts"),
    [
        (["Line 1", "Line 2"], ["1", "2"]),
        (["1号线", "10號線", "昌平线"], ["1", "10", "昌平线"]),
        (["Line A", "Metro 4", "linha 3"], ["A", "4", "3"]),
        (["Line 1", "Metro 1", "Line 2"], ["Line 1", "Metro 1", "2"]),
        (["Red Line", "Line"], ["Red Line", "Line"]),
    ],
)
def test_badges_are_short_where_that_is_clear(names: list[str], texts: list[str]) -> None:
    network = Network(
        city="x", lines=tuple(Line(name=name, paths=()) for name in names), stations=()
    )
    assert list(badge_texts(network, Look()).values()) == texts
    assert list(badge_texts(network, Look(badges="full")).values()) == names
    assert badge_texts(network, Look(badges="none")) == {}


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("Brook Park", ("Brook", "Park")),
        ("Upper Brook Street", ("Upper Brook", "Street")),
        ("Batthyány-Széll", ("Batthyány-", "Széll")),
        ("人民广场西", ("人民广", "场西")),
        ("Hauptbahnhof", None),
        ("中关村", None),
    ],
)
def test_names_are_broken_in_two_where_they_can_be(name: str, rows: tuple[str, ...] | None) -> None:
    one, *two = name_blocks(name, Look())
    assert one.rows == (name,)
    assert [block.rows for block in two] == ([] if rows is None else [rows])
    assert name_blocks(name, Look(rows=1)) == [one]


def test_a_badge_between_two_lines_takes_two_rows() -> None:
    network = Network(
        city="x",
        lines=(
            Line(name="Wonderland Expressway", paths=(("a", "b"),)),
            Line(name="West", paths=(("c", "d"),)),
            Line(name="East", paths=(("e", "f"),)),
        ),
        stations=tuple(Station(id=stop, name=stop) for stop in "abcdef"),
    )
    places = {
        "a": (0, 0),
        "b": (0, 9),
        "c": (-1.8, -9),
        "d": (-1.8, 9),
        "e": (1.8, -9),
        "f": (1.8, 9),
    }
    made = scene(network, Look(text=0.3), layout=Layout(positions=places))
    assert made.conflicts == ()
    badges = [group for group in made.groups if group.kind == "badge"]
    rows = [[text.content for text in group.shapes if isinstance(text, Text)] for group in badges]
    assert ["Wonderland", "Expressway"] in rows
    for group in badges:
        plate, *texts = group.shapes
        assert isinstance(plate, Box)
        for text in texts:
            assert isinstance(text, Text)
            assert plate.bounds[0] < text.start[0]
            assert text.start[0] + sum(text.advances) < plate.bounds[2]
            assert (
                plate.bounds[1] < text.start[1] - 0.7 * text.size < text.start[1] < plate.bounds[3]
            )


@pytest.mark.parametrize("interchange", ["circle", "capsule"])
@pytest.mark.parametrize("marker", ["circle", "tick"])
def test_a_rim_never_covers_the_neighbour_on_the_same_track(
    city: Drawing, interchange: Interchange, marker: Marker
) -> None:
    network, layout = city
    look = Look(text=0.3, casing=0.3, gap=0.1, interchange=interchange, marker=marker)
    assert rims(scene(network, look, layout=layout)) == pytest.approx([0.1] * 3, abs=0.01)
    alone = Network(city="x", lines=network.lines[:1], stations=network.stations)
    assert rims(scene(alone, look, layout=layout)) == pytest.approx([0.3], abs=0.01)


def rims(made: Scene) -> list[float]:
    """Of each line, in heights of the text."""
    widths = [
        [shape.width for shape in group.shapes if isinstance(shape, Stroke)]
        for group in made.groups
        if group.kind == "line"
    ]
    return [(rim - line) / 2 / made.truth.labels["a"].text_px for rim, line in widths]


def test_upper_case_labels_keep_the_name_in_the_truth(city: Drawing) -> None:
    network, layout = city
    made = scene(network, Look(text=0.3, case="upper"), layout=layout)
    assert made.truth.labels["e"].rows == ("ELM",)
    assert made.truth.stations["e"].name == "Elm"


def test_every_line_has_a_badge_at_each_end_and_a_ring_one(city: Drawing) -> None:
    network, layout = city
    lines = scene(network, Look(text=0.3), layout=layout).truth.lines
    assert {stop for stop, _ in lines["Line 1"].badges} == {"a", "e"}
    assert {stop for stop, _ in lines["Line 2"].badges} == {"g", "i"}
    assert len(lines["Ring"].badges) == 1


@pytest.mark.parametrize("legend", ["none", "below", "right", "corner"])
@pytest.mark.parametrize("title", [True, False])
def test_title_and_legend_are_drawn_where_asked_and_touch_nothing(
    city: Drawing, legend: str, title: bool
) -> None:
    network, layout = city
    look = replace(Look(text=0.3, title=title), legend=legend)
    made = scene(network, look, layout=layout)
    kinds = {group.kind for group in made.groups}
    assert ("legend" in kinds, "title" in kinds) == (legend != "none", title)
    rows = [line.legend for line in made.truth.lines.values()]
    assert all((row is None) == (legend == "none") for row in rows)
    for row in rows:
        if row is not None:
            assert not _touching(made, row)


def _touching(made: Scene, row: tuple[float, float, float, float]) -> bool:
    boxes = [
        *(found.bounds for found in made.truth.stations.values()),
        *(found.bounds for found in made.truth.labels.values()),
        *(box for line in made.truth.lines.values() for _, box in line.badges),
    ]
    return any(
        box[0] < row[2] and row[0] < box[2] and box[1] < row[3] and row[1] < box[3] for box in boxes
    )


def test_a_seed_leans_the_names_to_other_sides(city: Drawing) -> None:
    network, layout = city
    sides = {
        tuple(
            label.bounds for label in scene(network, layout=layout, seed=seed).truth.labels.values()
        )
        for seed in range(6)
    }
    assert len(sides) > 1
