"""A city with shared tracks, and random small networks with places for their stations."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from rm_data.layout import Layout
from rm_rewards import Line, Network, Station

Drawing = tuple[Network, Layout]

_PLACES = {
    "a": ("Abbey", 0.0, 0.0),
    "b": ("Brook Park", 3.0, 0.0),
    "c": ("Cedar", 5.0, 0.0),
    "d": ("Dover Street", 8.0, 0.0),
    "e": ("Elm", 10.0, 2.0),
    "f": ("Fern", 5.0, 3.0),
    "g": ("Garden Gate", 3.0, -2.0),
    "h": ("Heath", 2.0, 3.0),
    "i": ("Ivy", 10.0, 5.0),
}


@pytest.fixture(scope="session")
def city() -> Drawing:
    """Two lines share the tracks b-c-d, a ring touches them, and line 2 bends before its end."""
    network = Network(
        city="example_city",
        lines=(
            Line(name="Line 1", paths=(("a", "b", "c", "d", "e"),), colour="#d8262c"),
            Line(name="Line 2", paths=(("g", "b", "c", "d", "i"),), colour="#1f5fc4"),
            Line(name="Ring", paths=(("c", "f", "h"),), loop=True, colour="#f2c414"),
        ),
        stations=tuple(Station(id=stop, name=name) for stop, (name, _, _) in _PLACES.items()),
    )
    layout = Layout(
        positions={stop: (x, y) for stop, (_, x, y) in _PLACES.items()},
        bends={("i", "d"): ((8.0, 3.0),)},
    )
    return network, layout


_NAMES = st.one_of(
    st.sampled_from(
        ["Abbey", "Brook Park", "Old Town/New Gate", "Ős-Utca", "中关村", "人民广场西"]
    ),
    st.text(alphabet="ABCdefgh ijÉß-", min_size=1, max_size=24),
)


@st.composite
def drawings(draw: st.DrawFn) -> Drawing:
    """Up to 8 stations on a small grid, up to 4 lines with branches and loops, some tracks bent."""
    cells = draw(
        st.lists(
            st.tuples(st.integers(0, 6), st.integers(0, 5)), min_size=1, max_size=8, unique=True
        )
    )
    ids = [f"s{place}" for place in range(len(cells))]
    path = st.lists(st.sampled_from(ids), max_size=5, unique=True).map(tuple)
    lines = tuple(
        Line(
            name=f"Line {number}",
            paths=tuple(draw(st.lists(path, max_size=2))),
            loop=draw(st.booleans()),
        )
        for number in range(draw(st.integers(0, 4)))
    )
    network = Network(
        city="random",
        lines=lines,
        stations=tuple(Station(id=stop, name=draw(_NAMES)) for stop in ids),
    )
    bends = {
        (a, b): (draw(st.tuples(st.floats(0, 6), st.floats(0, 5))),)
        for a, b in pairwise(ids)
        if draw(st.booleans())
    }
    positions = {
        stop: (float(x) * 2, float(y) * 2) for stop, (x, y) in zip(ids, cells, strict=True)
    }
    return network, Layout(positions=positions, bends=bends)


@pytest.fixture(scope="session")
def random_drawings() -> SearchStrategy[Drawing]:
    return drawings()
