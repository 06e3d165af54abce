import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_data import STYLES, generate, routes
from rm_rewards import Network

SEEDS = st.integers(0, 2**31)
STYLE = st.sampled_from(sorted(STYLES))


def steps(network: Network, path: tuple[str, ...]) -> list[tuple[float, float]]:
    places = network.positions or {}
    return [(places[b][0] - places[a][0], places[b][1] - places[a][1]) for a, b in pairwise(path)]


@given(SEEDS, STYLE)
def test_the_same_seed_gives_the_same_network(seed: int, style: str) -> None:
    assert generate(seed, style=style) == generate(seed, style=style)


@given(SEEDS, STYLE)
def test_lines_stops_and_names_keep_to_the_style(seed: int, style: str) -> None:
    look, network = STYLES[style], generate(seed, style=style)
    assert look.lines[0] <= len(network.lines) <= look.lines[1]
    for line in network.lines:
        assert look.stops[0] <= len(line.paths[0]) <= look.stops[1]
        assert len(set(line.paths[0])) == len(line.paths[0])
        assert line.name.removesuffix(" Line") in look.palette
        assert re.fullmatch("#[0-9a-f]{6}", line.colour)
    if look.letters:
        assert all(re.fullmatch("[A-Z]", name) for name in network.names.values())


@given(SEEDS, STYLE)
def test_every_line_after_the_first_shares_one_station_with_those_before(
    seed: int, style: str
) -> None:
    seen: set[str] = set()
    for line in generate(seed, style=style).lines:
        shared = seen & set(line.paths[0])
        assert len(shared) == (1 if seen else 0)
        seen |= set(line.paths[0])


@given(SEEDS, STYLE)
def test_stations_have_cells_of_their_own_and_lines_go_to_a_cell_beside(
    seed: int, style: str
) -> None:
    network = generate(seed, style=style)
    places = network.positions or {}
    assert set(places) == set(network.names)
    assert len(set(places.values())) == len(places)
    for line in network.lines:
        assert all(max(abs(dx), abs(dy)) == 1 for dx, dy in steps(network, line.paths[0]))


@given(SEEDS)
def test_a_line_never_crosses_itself(seed: int) -> None:
    network = generate(seed)
    places = network.positions or {}
    for line in network.lines:
        diagonals = [
            (places[a], places[b])
            for (a, b), (dx, dy) in zip(
                pairwise(line.paths[0]), steps(network, line.paths[0]), strict=True
            )
            if dx and dy
        ]
        middles = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in diagonals]
        assert len(set(middles)) == len(middles)


@pytest.mark.parametrize("seed", range(20))
def test_every_optimal_route_is_the_only_one(seed: int) -> None:
    network = generate(seed)
    stops = sorted(network.names)
    for a in stops:
        for b in stops:
            if a != b:
                assert len(routes(network, a, b)) == 1


def test_the_number_of_lines_can_be_chosen() -> None:
    assert {len(generate(seed, lines=(4, 4)).lines) for seed in range(20)} == {4}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"style": "baroque"}, "style: found 'baroque', expected one of compact, named"),
        ({"lines": (0, 2)}, "lines: found 0-2, expected a range within 1-4"),
        ({"lines": (3, 2)}, "lines: found 3-2"),
        ({"lines": (2, 5)}, "lines: found 2-5"),
    ],
)
def test_what_cannot_be_generated_is_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        generate(0, **arguments)  # pyright: ignore[reportArgumentType]
