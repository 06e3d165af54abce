from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rm_data import load_network, to_station_lists
from rm_data.importing.fixes import SHIPPED, read_fixes
from rm_data.importing.network_files import REASONMAP, read_network_files
from rm_rewards import Line, Network, RecordError, Station


def network_of(*lines: Line, names: dict[str, str] | None = None) -> Network:
    ids = dict.fromkeys(stop for line in lines for path in line.paths for stop in path)
    stations = tuple(Station(id=i, name=(names or {}).get(i, i)) for i in ids)
    return Network(city="town", country="land", lines=lines, stations=stations)


def read_back(folder: Path, network: Network) -> Network:
    path = folder / network.country / f"{network.city}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(to_station_lists(network), ensure_ascii=False), encoding="utf-8")
    return load_network(path)


def by_name(network: Network) -> dict[str, dict[str, set[str]]]:
    names = network.names
    return {
        line: {names[stop]: {names[there] for there in around} for stop, around in near.items()}
        for line, near in network.neighbours.items()
    }


def test_lists_carry_the_marks_of_the_published_ones() -> None:
    network = network_of(
        Line(name="Ring", paths=(("A", "B", "西单站"),), loop=True),
        Line(name="Fork", paths=(("A", "F", "C"), ("F", "D"))),
        Line(name="Nine", paths=(("西单站", "天安门"),)),
    )
    assert to_station_lists(network) == {
        "Ring": ["A (Transfer Station)", "B", "西单站（换乘站）", "A (Transfer Station)"],
        "Fork": [
            "A (Transfer Station)",
            "F (Branch-starting Station)",
            "C",
            "F (Branch-starting Station)",
            "D",
        ],
        "Nine": ["西单站（换乘站）", "天安门"],
    }


SHAPES = {
    "a line": Line(name="L", paths=(("A", "B", "C"),)),
    "a loop": Line(name="L", paths=(("A", "B", "C"),), loop=True),
    "a loop of two": Line(name="L", paths=(("A", "B", "A"),)),
    "a branch": Line(name="L", paths=(("A", "B", "C"), ("B", "D"))),
    "a branch towards the trunk": Line(name="L", paths=(("A", "B", "C"), ("E", "D", "B"))),
    "two branches": Line(name="L", paths=(("A", "B", "C", "D"), ("B", "X"), ("C", "Y", "Z"))),
    "two branches at one station": Line(name="L", paths=(("A", "B", "C"), ("B", "X"), ("B", "Y"))),
    "a branch of a branch": Line(name="L", paths=(("A", "B"), ("B", "C", "D"), ("C", "E"))),
    "a branch that comes back": Line(name="L", paths=(("A", "B", "C", "D"), ("B", "X", "D"))),
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_line_is_read_back_with_its_neighbours(tmp_path: Path, name: str) -> None:
    network = network_of(SHAPES[name])
    assert by_name(read_back(tmp_path, network)) == by_name(network)


@st.composite
def branched(draw: st.DrawFn) -> Network:
    """Lines with branches that leave where the line has been."""
    lines: list[Line] = []
    for number in range(draw(st.integers(1, 3))):
        free = draw(st.permutations([f"S{i}" for i in range(12)]))
        cut = draw(st.integers(2, 8))
        paths, rest = [tuple(free[:cut])], list(free[cut:])
        while rest and draw(st.booleans()):
            length = draw(st.integers(1, len(rest)))
            fork = draw(st.sampled_from([stop for path in paths for stop in path]))
            paths.append((fork, *rest[:length]))
            rest = rest[length:]
        loop = len(paths) == 1 and cut > 3 and draw(st.booleans())
        lines.append(Line(name=f"L{number}", paths=tuple(paths), loop=loop))
    return network_of(*lines)


@settings(deadline=None, max_examples=200)
@given(branched())
def test_networks_of_trunks_and_branches_are_read_back(
    tmp_path_factory: pytest.TempPathFactory, network: Network
) -> None:
    assert by_name(read_back(tmp_path_factory.mktemp("lists"), network)) == by_name(network)


def test_every_repaired_city_is_read_back(tmp_path: Path, station_lists: Path) -> None:
    for network in read_network_files(station_lists, read_fixes(SHIPPED), REASONMAP).networks:
        if network.city in {"new_york", "kl"}:  # two stations of one name
            with pytest.raises(RecordError, match="a name that no other station has"):
                read_back(tmp_path, network)
            continue
        found = read_back(tmp_path, network)
        assert by_name(found) == by_name(network)
        assert (found.country, found.city) == (network.country, network.city)


NOT_TOLD: dict[str, tuple[Network, str]] = {
    "two stations of a name": (
        network_of(Line(name="L", paths=(("1", "2"),)), names={"1": "A", "2": "A"}),
        "name: found 'A'",
    ),
    "a name with a mark": (
        network_of(Line(name="L", paths=(("A (Transfer Station)", "B"),))),
        "a name that no other station has, without a mark",
    ),
    "pieces": (network_of(Line(name="L", paths=(("A", "B"), ("C", "D")))), "a trunk, and branches"),
    "two loops": (
        network_of(Line(name="L", paths=(("A", "B", "C"), ("A", "D", "E")), loop=True)),
        "a loop of one path",
    ),
    "a branch where the trunk is closed": (
        network_of(Line(name="L", paths=(("A", "B", "C", "D", "A"), ("A", "X")))),
        "a trunk, and branches",
    ),
    "no path": (network_of(Line(name="L", paths=())), "a trunk, and branches"),
}


@pytest.mark.parametrize("name", NOT_TOLD)
def test_what_lists_cannot_tell_is_refused(name: str) -> None:
    network, message = NOT_TOLD[name]
    with pytest.raises(RecordError, match=message):
        to_station_lists(network)
