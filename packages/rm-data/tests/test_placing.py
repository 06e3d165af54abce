from __future__ import annotations

import json
from itertools import combinations, pairwise
from math import hypot
from pathlib import Path
from random import Random

import numpy as np
import pytest
from typer.testing import CliRunner

from rm_data import city, load_network
from rm_data.cities.grid import distance, leg
from rm_data.cli import app
from rm_data.picture import Look, load_truth, scene
from rm_data.placing import Rendered, differences, place, render
from rm_data.placing.board import Board
from rm_data.placing.colouring import coloured
from rm_data.placing.files import read_guide
from rm_data.placing.proof import unjoined
from rm_data.placing.settle import settle
from rm_data.placing.skeleton import LONGEST, skeleton_of
from rm_data.placing.stress import hops, stress_places
from rm_rewards import Line, Network, RecordError, Station, from_published
from rm_rewards.jsonl import dump

LISTS = {
    "Red Line": ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K"],
    "Line 2": ["L", "M", "C", "N", "O", "H", "P"],
    "Line 3": ["O", "Q", "R", "S", "O"],
}


def town() -> Network:
    return from_published(LISTS, city="town", country="c")


def neighbours(network: Network) -> set[frozenset[str]]:
    return {
        frozenset((a, b))
        for near in network.neighbours.values()
        for a, around in near.items()
        for b in around
    }


def test_the_stretches_of_a_skeleton_are_the_tracks_of_the_network() -> None:
    network = town()
    skeleton = skeleton_of(network)
    steps = [
        frozenset(pair)
        for stretch in skeleton.stretches
        for pair in pairwise([stretch.start, *stretch.stops, stretch.end])
    ]
    assert len(steps) == len(set(steps))
    assert set(steps) == neighbours(network)
    assert all(len(stretch.stops) <= LONGEST for stretch in skeleton.stretches)
    assert {"A", "K", "L", "P", "C", "H", "O"} <= set(skeleton.knots)


def test_lines_are_to_go_straight_on_through_knots() -> None:
    skeleton = skeleton_of(town())
    (pairs,) = [pairs for knot, pairs in skeleton.through.items() if knot == "C"]
    lines = [
        {stop for n in pair for stop in (skeleton.stretches[n].start, skeleton.stretches[n].end)}
        for pair in pairs
    ]
    assert len(lines) == 2
    assert all("C" in stops for stops in lines)


def test_a_loop_without_a_junction_is_cut_into_three() -> None:
    ring = Network(
        city="r",
        lines=(Line(name="1", paths=(tuple("ABCD"),), loop=True),),
        stations=tuple(Station(id=stop, name=stop) for stop in "ABCD"),
    )
    skeleton = skeleton_of(ring)
    assert len(skeleton.stretches) == 3
    assert not render(ring).faults


def test_stress_keeps_the_distances_of_a_line_and_a_ring() -> None:
    line = np.abs(np.subtract.outer(np.arange(6.0), np.arange(6.0)))
    places = stress_places(line, 0)
    apart = np.linalg.norm(places[:, None] - places[None], axis=2)
    assert np.allclose(apart, line, atol=0.02)
    around = np.minimum(line, 6 - line)
    ring = stress_places(around, 0)
    radii = np.linalg.norm(ring - ring.mean(axis=0), axis=1)
    assert radii.std() < 0.05 * radii.mean()


def test_parts_that_no_line_joins_lie_apart() -> None:
    network = from_published({"1": ["A", "B", "C"], "2": ["D", "E"]}, city="two")
    skeleton = skeleton_of(network)
    apart = hops(skeleton.near, tuple(skeleton.near))
    assert np.isfinite(apart).all()
    assert apart[0, 3] > apart[0, 2]
    assert not render(network).faults


def test_the_books_of_a_board_stay_right_while_it_settles() -> None:
    placed = skeleton_of(town())
    at = {knot: (4 * i, (7 * i) % 5) for i, knot in enumerate(placed.knots)}
    ways = [leg(at[s.start], at[s.end], straight_first=True, share=0.5) for s in placed.stretches]
    board = Board(placed, at, [*ways])
    before = board.cost()
    settle(board, Random(0), 3000)
    after = board.cost()
    fresh = Board(placed, dict(board.at), [*board.ways])
    assert after < before / 2
    assert fresh.cost() == pytest.approx(after)
    assert fresh.faults() == board.faults() == 0
    for stretch, way in zip(placed.stretches, board.ways, strict=True):
        assert (way[0], way[-1]) == (board.at[stretch.start], board.at[stretch.end])
        assert all(distance(a, b) == 1 for a, b in pairwise(way))


def test_a_layout_is_octilinear_and_keeps_stations_apart() -> None:
    network = town()
    layout = place(network, effort=0.25).layout
    for pair in neighbours(network):
        a, b = sorted(pair)
        for (x0, y0), (x1, y1) in pairwise(layout.track(a, b)):
            dx, dy = abs(x1 - x0), abs(y1 - y0)
            assert min(dx, dy, abs(dx - dy)) < 1e-3
    for p, q in combinations(layout.positions.values(), 2):
        assert hypot(p[0] - q[0], p[1] - q[1]) > 0.69


def test_the_same_seed_gives_the_same_layout_and_another_seed_another() -> None:
    one, two, other = (place(town(), seed=seed, effort=0.1) for seed in (1, 1, 2))
    assert one == two
    assert one.layout != other.layout


def test_a_guide_decides_where_things_lie() -> None:
    network = from_published({"1": ["W", "C", "E"], "2": ["N", "C", "S"]}, city="cross")
    guide = {"C": (0.0, 0.0), "W": (-5.0, 0), "E": (5.0, 0), "N": (0, -5.0), "S": (0, 5.0)}
    at = place(network, guide=guide, effort=0.3).layout.positions
    assert at["W"][0] < at["C"][0] < at["E"][0]
    assert at["N"][1] < at["C"][1] < at["S"][1]
    part = place(network, guide={"C": (0.0, 0.0)}, effort=0.1)
    assert part.faults == 0


def test_a_network_that_joins_nothing_is_refused() -> None:
    lonely = from_published({"1": ["A"]}, city="lonely")
    with pytest.raises(RecordError, match="lines: found 'lonely', expected at least two stations"):
        place(lonely)


@pytest.mark.parametrize("number", range(6))
def test_what_the_picture_of_a_synthetic_city_shows_is_its_network(number: int) -> None:
    made = city(number, style="metro")
    assert differences(made.network, made.scene.truth) == []


def test_stops_whose_neighbours_nobody_knows_are_told_once() -> None:
    lost = Network(
        city="c",
        lines=(Line(name="1", paths=(("A", "B"), ("X",))),),
        stations=tuple(Station(id=stop, name=stop) for stop in "ABX"),
    )
    found = render(lost)
    assert unjoined(lost) == ["1: X is not on it"] == list(found.differences)
    assert (found.faults, found.curable, found.tries) == (1, 0, 1)


def test_a_picture_with_two_stations_exchanged_is_found_out() -> None:
    network = town()
    found = render(network)
    assert differences(network, found.scene.truth) == []
    swapped = {**found.layout.positions}
    swapped["D"], swapped["J"] = swapped["J"], swapped["D"]
    wrong = scene(network, Look(badges="full"), layout=type(found.layout)(positions=swapped))
    other = from_published({**LISTS, "Red Line": [*"ABCJEFGHIDK"]}, city="town")
    assert differences(other, found.scene.truth)
    assert wrong.truth != found.scene.truth


def test_the_red_line_is_red_and_every_line_has_its_own_colour() -> None:
    painted = {line.name: line.colour for line in coloured(town()).lines}
    assert painted["Red Line"] == "#d8262c"
    assert len(set(painted.values())) == 3
    kept = coloured(
        Network(
            city="c",
            lines=(
                Line(name="Blue Line", paths=(("A", "B"),), colour="#123456"),
                Line(name="Red Line", paths=(("A", "B"),)),
                Line(name="Red Express", paths=(("A", "B"),)),
            ),
            stations=(Station(id="A", name="A"), Station(id="B", name="B")),
        )
    )
    assert [line.colour for line in kept.lines][:2] == ["#123456", "#d8262c"]
    assert kept.lines[2].colour not in {"", "#123456", "#d8262c"}


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory, station_lists: Path) -> dict[str, Network]:
    out = tmp_path_factory.mktemp("imported") / "networks"
    done = CliRunner().invoke(app, ["import", "reasonmap", str(station_lists), "--out", str(out)])
    assert done.exit_code == 0, done.output
    return {path.stem: load_network(path) for path in out.glob("*/*.json")}


@pytest.mark.parametrize("city", ["budapest", "dubai", "miami", "washington"])
def test_real_cities_are_drawn_true_and_without_a_conflict(
    imported: dict[str, Network], city: str
) -> None:
    found = render(imported[city])
    assert found.scene.conflicts == ()
    assert found.differences == ()
    assert len(found.scene.truth.stations) == len(imported[city].stations)


def test_the_command_writes_the_same_files_whatever_the_workers(tmp_path: Path) -> None:
    folder = tmp_path / "in" / "c"
    folder.mkdir(parents=True)
    for town_name in ("town", "St. Town"):
        lists = {line: [f"{stop} {town_name}" for stop in stops] for line, stops in LISTS.items()}
        (folder / f"{town_name}.json").write_text(json.dumps(lists), encoding="utf-8")
    for name, workers in (("one", "1"), ("two", "2")):
        called = ["render", str(folder.parent), "--out", str(tmp_path / name), "--workers", workers]
        done = CliRunner().invoke(app, called)
        assert done.exit_code == 0, done.output
        assert "2 maps, 0 faults" in done.stderr
    one = {p.relative_to(tmp_path / "one"): p for p in (tmp_path / "one").rglob("*.*")}
    assert {str(path) for path in one} == {
        f"c/{town_name}{suffix}"
        for town_name in ("town", "St. Town")
        for suffix in (".json", ".png", ".svg", ".truth.json", ".drawing.json")
    }
    for path, file in one.items():
        assert file.read_bytes() == (tmp_path / "two" / path).read_bytes()
    network = load_network(tmp_path / "one/c/town.json")
    truth = load_truth(tmp_path / "one/c/town.truth.json")
    assert differences(network, truth) == []
    assert network.positions is not None


def test_a_network_that_cannot_be_drawn_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    (tmp_path / "c/lonely.json").write_text('{"1": ["A"]}')
    called = ["render", str(tmp_path / "c"), "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(app, called)
    assert done.exit_code == 1
    assert "lonely.json: lines: found 'lonely'" in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "places as JSON"),
        ("[]", r"an object \{station: \[x, y\]\}"),
        ('{"A": [1]}', "A: found .*expected a place"),
        ('{"A": [1, "2"]}', "A: found .*expected a place"),
    ],
)
def test_places_that_cannot_be_read_are_named(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "places.json"
    path.write_text(text)
    with pytest.raises(RecordError, match=told):
        read_guide(path)


def test_places_are_read(tmp_path: Path) -> None:
    path = tmp_path / "places.json"
    path.write_text('{"A": [1, 2.5]}')
    assert read_guide(path) == {"A": (1.0, 2.5)}
    assert isinstance(render(town(), guide=read_guide(path)), Rendered)
    assert dump(town())
