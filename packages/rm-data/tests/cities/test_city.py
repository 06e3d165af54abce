import hashlib
import re
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import networkx as nx
import pytest

from rm_data import ask
from rm_data.cities.city import City, city
from rm_data.cities.mix import MIX, style_for
from rm_data.cities.styles import CITY_STYLES
from rm_data.picture import Look
from rm_data.picture.conflicts import conflicts
from rm_data.picture.svg import to_svg
from rm_rewards import Network, Question, RecordError
from rm_rewards.jsonl import dump

REJECTED = (36, {"label-line": 1})
"""A city whose first attempt had a name that found no room."""
STYLES = [*sorted(CITY_STYLES), MIX]


@pytest.fixture(scope="module")
def cities() -> dict[str, City]:
    return {style: city(3, style=style) for style in STYLES}


def test_the_same_number_gives_the_same_city_and_another_number_another(
    cities: dict[str, City],
) -> None:
    for style in ("metro", MIX):
        again = city(3, style=style)
        assert dump(again.network) == dump(cities[style].network)
        assert to_svg(again.scene) == to_svg(cities[style].scene)
        assert dump(city(4, style=style).network) != dump(again.network)


def test_the_first_cities_of_this_version_stay_as_they_are() -> None:
    together = "".join(dump(city(number, lines=(3, 3)).network) for number in range(3))
    assert hashlib.sha256(together.encode()).hexdigest()[:16] == "5e03d1a8cfe29c18"


@pytest.mark.parametrize("style", STYLES)
def test_every_map_is_legible_by_the_machine(style: str, cities: dict[str, City]) -> None:
    found = cities[style]
    assert found.scene.conflicts == ()
    assert conflicts(found.scene) == ()
    smallest = min(label.text_px for label in found.scene.truth.labels.values())
    assert smallest >= found.look.min_text_px


@pytest.mark.parametrize("style", STYLES)
def test_a_city_is_connected_and_octilinear_and_within_bounds(
    style: str, cities: dict[str, City]
) -> None:
    found = cities[style]
    low, high = style_for(style, 3).lines
    assert low <= len(found.network.lines) <= high
    assert len(found.network.stations) <= 250
    graph: nx.Graph[str] = nx.Graph()
    for near in found.network.neighbours.values():
        graph.add_edges_from((a, b) for a, others in near.items() for b in others)
    assert set(graph) == set(found.network.names)
    assert nx.is_connected(graph)
    for a, b in graph.edges:
        for (x0, y0), (x1, y1) in pairwise(found.layout.track(a, b)):
            assert x0 == x1 or y0 == y1 or abs(x1 - x0) == abs(y1 - y0)


def test_lines_share_tracks_only_where_all_of_them_stop(cities: dict[str, City]) -> None:
    for found in cities.values():
        pieces: Counter[frozenset[tuple[float, float]]] = Counter()
        for near in found.network.neighbours.values():
            pairs = {frozenset((a, b)) for a, others in near.items() for b in others}
            pieces.update(frozenset(map(found.layout.positions.__getitem__, p)) for p in pairs)
        assert max(pieces.values()) <= 3


@pytest.mark.parametrize("style", ["metro", "cjk", "crowded"])
def test_questions_about_a_city_are_judged_true(
    style: str, cities: dict[str, City], judge: Callable[[Network, Question], None]
) -> None:
    network = cities[style].network
    asked = list(ask(network, seed=1, per_map=6))
    assert {question.type for question in asked} >= {"TorF1", "TorF2", "Counting1", "planning"}
    for question in asked:
        judge(network, question)


@pytest.mark.parametrize("lines", [2, 20])
def test_a_city_has_as_many_lines_as_asked_for(lines: int) -> None:
    found = city(1, lines=(lines, lines))
    assert len(found.network.lines) == lines
    assert len({line.colour for line in found.network.lines}) == lines


def test_attempts_that_led_to_no_legible_map_are_counted() -> None:
    found = city(REJECTED[0], style="crowded", lines=(4, 4))
    assert found.rejected == REJECTED[1]
    assert found.scene.conflicts == ()


def test_a_size_is_kept_or_refused_with_the_size_that_would_do(cities: dict[str, City]) -> None:
    found = cities["metro"]
    assert max(found.drawn(2000).width, found.drawn(2000).height) == 2000
    with pytest.raises(RecordError, match=r"size: found 300, expected at least \d+ pixels"):
        found.drawn(300)
    with pytest.raises(RecordError, match="min_text_px is 30") as refused:
        found.drawn(700, min_text_px=30)
    enough = int(re.findall(r"at least (\d+)", str(refused.value))[0])
    labels = found.drawn(enough, min_text_px=30).truth.labels.values()
    assert min(label.text_px for label in labels) >= 30
    assert found.drawn().width == found.scene.width


def test_without_a_size_the_picture_is_as_large_as_the_text_needs(cities: dict[str, City]) -> None:
    large = cities["metro"].drawn(min_text_px=36)
    assert min(label.text_px for label in large.truth.labels.values()) >= 36
    assert large.width == pytest.approx(cities["metro"].scene.width * 2, abs=2)


def test_mix_draws_all_styles_and_varies_them() -> None:
    drawn = [style_for(MIX, number) for number in range(150)]
    assert {style.look.name for style in drawn} == set(CITY_STYLES)
    for part in ("marker", "interchange", "legend", "font", "case", "jpeg", "title"):
        assert len({getattr(style.look, part) for style in drawn}) > 1
    plain = [s.look for s in drawn if s.look == CITY_STYLES[s.look.name].look]
    assert len(plain) < 75


def test_lines_have_names_on_every_map() -> None:
    looks: list[Look] = [style_for(MIX, number).look for number in range(150)]
    assert all(look.badges != "none" or look.legend != "none" for look in looks)


@pytest.mark.parametrize(
    ("style", "lines", "message"),
    [
        ("baroque", None, "style: found 'baroque', expected one of metro"),
        ("metro", (1, 4), "lines: found 1-4, expected a range within 2-20"),
        ("metro", (4, 21), "lines: found 4-21"),
        ("metro", (5, 4), "lines: found 5-4"),
    ],
)
def test_a_city_that_cannot_be_is_refused(
    style: str, lines: tuple[int, int] | None, message: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        city(0, style=style, lines=lines)
