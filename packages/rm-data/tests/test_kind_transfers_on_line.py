from __future__ import annotations

from pathlib import Path

from rm_data import ask, find_networks, load_network
from rm_rewards import Line, Network, Station


def test_the_answer_is_the_number_of_stations_that_other_lines_serve(station_lists: Path) -> None:
    for path in find_networks([station_lists]):
        network = load_network(path)
        served = {line.name: {s for p in line.paths for s in p} for line in network.lines}
        for question in ask(network, "CountingTransfers", per_map=99):
            assert question.line is not None
            others = set[str]().union(*(s for line, s in served.items() if line != question.line))
            shared = served[question.line] & others
            assert question.answer == len(shared)
            names = {network.names[stop] for stop in shared}
            assert question.fine_grained_answer == {question.line: tuple(sorted(names))}


def test_a_loop_is_counted_once_round() -> None:
    ring = Line(name="Ring", paths=(("A", "B", "C", "D"),), loop=True)
    cross = Line(name="Cross", paths=(("A", "X", "C"),))
    stations = tuple(Station(id=s, name=s) for s in "ABCDX")
    network = Network(city="c", lines=(ring, cross), stations=stations)
    made = list(ask(network, "CountingTransfers", per_map=9))
    assert [(q.answer, q.fine_grained_answer) for q in made] == [(2, {made[0].line: ("A", "C")})]
