from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from rm_data.layout import Layout
from rm_data.picture import Look, dump_truth, load_truth, scene
from rm_rewards import Network, RecordError

Drawing = tuple[Network, Layout]


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_truth_comes_back_from_its_file_as_it_was(
    random_drawings: SearchStrategy[Drawing],
    tmp_path_factory: pytest.TempPathFactory,
    data: st.DataObject,
) -> None:
    network, layout = data.draw(random_drawings)
    truth = scene(network, layout=layout).truth
    file = tmp_path_factory.mktemp("truth") / "x.truth.json"
    file.write_text(dump_truth(truth) + "\n", encoding="utf-8")
    assert load_truth(file) == truth


def test_truth_says_what_lies_where(city: Drawing) -> None:
    network, layout = city
    truth = scene(network, Look(text=0.3), layout=layout, size=1000).truth
    assert truth.city == "example_city"
    station = truth.stations["c"]
    assert (station.name, station.lines) == ("Cedar", ("Line 1", "Line 2", "Ring"))
    left, top, right, bottom = station.bounds
    assert left < station.centre[0] < right
    assert top < station.centre[1] < bottom
    label = truth.labels["b"]
    assert " ".join(label.rows) == "Brook Park"
    xs, ys = zip(*label.corners, strict=True)
    assert label.bounds == (min(xs), min(ys), max(xs), max(ys))
    assert truth.lines["Ring"].polylines[0][0] == truth.lines["Ring"].polylines[0][-1]


def test_scaling_there_and_back_is_the_same_to_a_rounding(city: Drawing) -> None:
    network, layout = city
    truth = scene(network, Look(text=0.3), layout=layout, size=1000).truth
    twice = truth.scaled(2 * truth.width)
    assert twice.stations["c"].centre == pytest.approx(
        tuple(2 * value for value in truth.stations["c"].centre), abs=0.02
    )
    back = twice.scaled(truth.width)
    for stop, label in truth.labels.items():
        assert back.labels[stop].bounds == pytest.approx(label.bounds, abs=0.02)
        assert back.labels[stop].text_px == pytest.approx(label.text_px, abs=0.02)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "a JSON object"),
        (b"{", "a JSON object"),
        (b"[1]", "a JSON object"),
        (b"\xff\xfe", "UTF-8"),
        (b'{"city": "x"}', "width"),
        (
            b'{"city":"x","width":"9","height":9,"stations":{},"labels":{},"lines":{}}',
            "width: found '9'",
        ),
        (
            b'{"city":"x","width":9,"height":9,"stations":{"a":{}},"labels":{},"lines":{}}',
            r"stations\.a\.name",
        ),
    ],
)
def test_a_broken_file_is_told_with_its_name(tmp_path: Path, content: bytes, told: str) -> None:
    file = tmp_path / "x.truth.json"
    file.write_bytes(content)
    with pytest.raises(RecordError, match=told) as caught:
        load_truth(file)
    assert str(file) in str(caught.value)
