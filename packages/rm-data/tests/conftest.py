"""Random networks, and the published lists and pictures where they exist."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from rm_rewards import Line, Network, Station

SHARED = Path(__file__).resolve().parents[3].parent / "shared"


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Up to 9 stations and 4 lines with branches, loops, and pieces that may not meet."""
    ids = [f"s{i}" for i in range(draw(st.integers(2, 9)))]
    path = st.lists(st.sampled_from(ids), min_size=1, max_size=6, unique=True).map(tuple)
    lines = [
        Line(
            name=f"Line {number}",
            paths=tuple(draw(st.lists(path, min_size=1, max_size=2))),
            loop=draw(st.booleans()),
        )
        for number in range(draw(st.integers(1, 4)))
    ]
    stations = tuple(Station(id=stop, name=f"{stop.upper()} Station") for stop in ids)
    return Network(city="random", country="nowhere", lines=tuple(lines), stations=stations)


@pytest.fixture(scope="session")
def random_networks() -> SearchStrategy[Network]:
    return networks()


@pytest.fixture(scope="session")
def station_lists() -> Path:
    folder = SHARED / "reasonmap" / "stations"
    if not folder.is_dir():
        pytest.skip(f"{folder} with the published station lists is not there")
    return folder


@pytest.fixture(scope="session")
def map_pictures() -> Path:
    folder = SHARED / "reasonmap" / "maps"
    if not folder.is_dir():
        pytest.skip(f"{folder} with the published pictures is not there")
    return folder
