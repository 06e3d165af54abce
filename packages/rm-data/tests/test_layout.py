from dataclasses import replace

import pytest

from rm_data.layout import Layout, layout_of
from rm_data.synthetic import generate
from rm_rewards import RecordError


def test_a_track_without_bends_is_straight() -> None:
    layout = Layout(positions={"A": (0, 0), "B": (3, 4)})
    assert layout.track("A", "B") == ((0, 0), (3, 4))


def test_a_track_is_the_same_in_both_directions() -> None:
    layout = Layout(
        positions={"A": (0, 0), "B": (3, 4)}, bends={("A", "B"): ((1.0, 0.0), (2.0, 3.0))}
    )
    assert layout.track("A", "B") == ((0, 0), (1, 0), (2, 3), (3, 4))
    assert layout.track("B", "A") == layout.track("A", "B")[::-1]


def test_the_layout_of_a_synthetic_city_is_its_positions() -> None:
    network = generate(1)
    assert layout_of(network).positions == network.positions


def test_a_network_without_a_place_for_a_station_is_refused_by_name() -> None:
    network = generate(1)
    first, *others = network.names
    bare = replace(network, positions=dict.fromkeys(others, (0.0, 0.0)))
    with pytest.raises(RecordError, match=f"positions.*{first}"):
        layout_of(bare)
