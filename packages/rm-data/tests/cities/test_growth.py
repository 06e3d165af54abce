from collections import Counter
from itertools import pairwise
from random import Random

import networkx as nx
import pytest

from rm_data.cities.grid import Cell, edge, heading, other_diagonal, turn
from rm_data.cities.growth import Plan, grow
from rm_data.cities.stops import stops
from rm_data.cities.tracks import Tracks


def grown(lines: int, seed: int, *, rings: int = 0, branches: float = 0.3) -> Tracks:
    side = 9 + lines
    plan = Plan(lines=lines, columns=side, rows=side, rings=rings, branches=branches, corridors=0.4)
    for attempt in range(50):
        found = grow(Random(f"{lines}:{seed}:{attempt}"), plan)
        if found is not None:
            return found
    raise AssertionError("no room in 50 attempts")


CASES = [(lines, seed) for lines in (2, 5, 9, 14, 20) for seed in range(6)]
each_case = pytest.mark.parametrize(("lines", "seed"), CASES)


@each_case
def test_lines_keep_to_the_grid_and_to_each_other(lines: int, seed: int) -> None:
    tracks = grown(lines, seed, rings=seed % 2 if lines > 4 else 0)
    assert len(tracks.courses) == lines
    used: Counter[tuple[Cell, Cell]] = Counter()
    for course in tracks.courses:
        for way in course.ways:
            assert all(0 <= x < tracks.columns and 0 <= y < tracks.rows for x, y in way)
            headings = [heading(a, b) for a, b in pairwise(way)]
            assert all(turn(a, b) <= 2 for a, b in pairwise(headings))
            used.update(edge(a, b) for a, b in pairwise(way))
        trunk = course.trunk
        assert len(set(trunk)) == len(trunk)
    assert max(used.values()) <= tracks.most_shared
    diagonals = [(a, b) for a, b in used if a[0] != b[0] and a[1] != b[1]]
    assert not [pair for pair in diagonals if other_diagonal(*pair) in used]


@each_case
def test_a_terminal_belongs_to_one_line(lines: int, seed: int) -> None:
    tracks = grown(lines, seed)
    for course in tracks.courses:
        if not course.loop:
            assert len(tracks.at[course.trunk[0]]) == len(tracks.at[course.trunk[-1]]) == 1


@each_case
def test_the_stations_are_connected_whatever_crosses_without_one(lines: int, seed: int) -> None:
    tracks = grown(lines, seed, rings=1 if lines > 4 else 0)
    found = stops(Random(seed), tracks, spacing=1.6, bare=1.0)
    graph: nx.Graph[Cell] = nx.Graph()
    graph.add_nodes_from(found.stations)
    for line in found.lines:
        for number, path in enumerate(line.paths):
            closed = [*path, path[0]] if line.loop and not number else path
            graph.add_edges_from(pairwise(closed))
    assert nx.is_connected(graph)


def test_rings_branches_and_corridors_come_up() -> None:
    cities = [grown(9, seed, rings=1) for seed in range(8)]
    courses = [course for tracks in cities for course in tracks.courses]
    assert sum(course.loop for course in courses) == 8
    assert any(course.branch for course in courses)
    assert any(len(lines) > 1 for tracks in cities for lines in tracks.on.values())


def test_the_same_seed_grows_the_same_lines() -> None:
    plan = Plan(lines=7, columns=18, rows=15, rings=1)
    once, again = grow(Random("a"), plan), grow(Random("a"), plan)
    assert once is not None
    assert again is not None
    assert once.courses == again.courses


def test_a_grid_without_room_grows_nothing() -> None:
    assert grow(Random(0), Plan(lines=12, columns=5, rows=5)) is None
