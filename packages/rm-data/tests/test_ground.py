from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from rm_data import generate, load_network
from rm_data.ground import Ground, ground_of, per_map
from rm_rewards import from_published


def test_what_a_map_needs_is_worked_out_once_for_that_very_network() -> None:
    network = generate(3)
    assert ground_of(network) is ground_of(network)
    again = replace(network)
    assert again == network
    assert ground_of(again) is not ground_of(network)


def test_a_function_of_a_map_is_called_once() -> None:
    calls: list[str] = []

    @per_map
    def cities(ground: Ground) -> str:
        calls.append(ground.network.city)
        return ground.network.city

    ground = ground_of(generate(4))
    assert cities(ground) == cities(ground) == ground.network.city
    assert len(calls) == 1


def test_lines_that_may_be_loops_are_doubtful_and_large_maps_lazy(station_lists: Path) -> None:
    beijing = ground_of(load_network(station_lists / "china" / "beijing.json"))
    assert beijing.doubtful == {"Line 2": "loop_open", "Line 10": "loop_open"}
    assert beijing.lazy
    budapest = ground_of(load_network(station_lists / "hungary" / "budapest.json"))
    assert (budapest.doubtful, budapest.lazy) == ({}, False)


def test_routes_count_pieces_of_a_line_as_close_only_where_there_are_any() -> None:
    whole = from_published({"Red": ["A", "B", "C"], "Blue": ["B", "D"]}, city="c")
    assert ground_of(whole).table.joined
    split = replace(whole, lines=(replace(whole.lines[0], paths=(("A",), ("B", "C"))),))
    assert ground_of(split).table.between("A", "C") == (0, 1)
