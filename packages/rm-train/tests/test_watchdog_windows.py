from __future__ import annotations

import re
from collections import Counter
from dataclasses import fields
from math import nan
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_train.watchdog.history import History, values
from rm_train.watchdog.meanings import MEANINGS
from rm_train.watchdog.settings import WatchConfig
from rm_train.watchdog.trend import change, in_blocks, p_of_fall, p_of_rise


@pytest.mark.parametrize(
    ("series", "rise"),
    [
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 4.2e-5),
        ([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], 1.0),
        ([5] * 10, 1.0),
        ([1, 2] * 5, 0.3),
    ],
)
def test_the_trend_test_has_its_published_values(series: list[float], rise: float) -> None:
    assert p_of_rise(series) == pytest.approx(rise, rel=0.3)
    assert p_of_fall([-value for value in series]) == p_of_rise(series)


@given(st.lists(st.floats(-10, 10), min_size=10, max_size=40))
def test_a_series_cannot_rise_and_fall_at_once(series: list[float]) -> None:
    assert 0.0 <= p_of_rise(series) <= 1.0
    assert p_of_rise(series) + p_of_fall(series) >= 0.999


def test_blocks_are_means_and_keep_the_end() -> None:
    assert in_blocks([9, 1, 3, 5, 7], 2) == [2.0, 6.0]
    assert change([0, 0, 5, 9, 9, 9]) == 9.0


def test_noise_has_a_trend_no_more_often_than_it_should() -> None:
    rng = Random(0)
    noise = [[rng.random() for _ in range(20)] for _ in range(400)]
    false = Counter(p_of_rise(series) < 0.05 for series in noise)
    assert 8 <= false[True] <= 32  # 20 are expected


def test_a_stage_that_comes_back_begins_anew() -> None:
    history = History(window=4, trend=10)
    for step, stage in enumerate("aaaa" + "b" * 9 + "aa", start=1):
        history.add({"step": step, "stage": stage})
    assert (history.stage, history.steps, history.line["step"]) == ("a", 2, 15)
    assert history.recent(3) == []
    assert values([{"x": {"y": 1}}, {"x": None}, {"x": {"y": nan}}, {}], "x/y") == [1.0]


def test_the_page_on_checks_names_every_alarm_every_finding_and_every_threshold() -> None:
    root = Path(__file__).resolve().parents[3]
    page = (root / "docs" / "training-checks.md").read_text(encoding="utf-8")
    doctor = root / "packages" / "rm-train" / "src" / "rm_train" / "doctor"
    sources = "".join(file.read_text(encoding="utf-8") for file in doctor.glob("*.py"))
    codes = {*re.findall(r'code="([a-z-]+)"', sources), *MEANINGS}
    assert len(codes) > 40
    assert [code for code in sorted(codes) if f"`{code}`" not in page] == []
    settings = [field.name for field in fields(WatchConfig) if field.name != "p"]
    assert [name for name in settings if f"`{name}` " not in page] == []
