from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded_runs import measured_folder

from rm_rewards import Reward
from rm_train.measured import changed, read_measured, share, worth_showing
from rm_train.reporting.chart import finite, running_mean, thinned, ticks
from rm_train.reporting.reply import sum_in_words
from rm_train.run_directory import RunError


def test_a_measurement_without_all_replies_is_refused(tmp_path: Path) -> None:
    folder = measured_folder(tmp_path / "m", "1111")
    file = folder / "completions.jsonl"
    file.write_text("".join(file.read_text("utf-8").splitlines(True)[:-1]), encoding="utf-8")
    with pytest.raises(RunError, match="question 'q3' has no reply or no reward"):
        read_measured("m", folder)


def test_shares_changes_and_the_choice_of_samples(tmp_path: Path) -> None:
    before = read_measured("before", measured_folder(tmp_path / "a", "1000"))
    after = read_measured("after", measured_folder(tmp_path / "b", "0111"))
    assert (share(before, None).correct, share(after, None).n) == (1, 4)
    assert changed(before, after, None)[:2] == (3, 1)
    assert changed(before, after, "TorF1")[:2] == (1, 1)
    assert worth_showing([before, after], 3) == ["q1", "q2", "q0"]
    assert worth_showing([], 3) == []
    fewer = replace(after, rewards={"q0": after.rewards["q0"]})
    assert worth_showing([before, fewer], 3) == ["q0"]


@pytest.mark.parametrize(
    ("low", "high", "found"),
    [
        (0.0, 1.0, [0.0, 0.5, 1.0]),
        (-0.05, 1.05, [0.0, 0.5, 1.0]),
        (1.0, 9.0, [2.0, 4.0, 6.0, 8.0]),
        (3.0, 3.0, [3.0]),
        (0.0, 1e-6, [0.0, 5e-7, 1e-6]),
    ],
)
def test_the_marks_of_an_axis_are_round(low: float, high: float, found: list[float]) -> None:
    assert ticks(low, high) == pytest.approx(found)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=2000))
def test_however_long_a_run_its_curve_stays_small_and_within_what_was_measured(
    values: list[float],
) -> None:
    piece = [(float(step), value) for step, value in enumerate(values)]
    for drawn in (thinned(piece), thinned(running_mean(piece))):
        assert len(drawn) <= 300
        room = 1e-6 * max(1.0, *map(abs, values))
        assert all(min(values) - room <= y <= max(values) + room for _, y in drawn)


@pytest.mark.parametrize(
    ("value", "drawn"),
    [(1, 1.0), (0.5, 0.5), (None, None), (float("nan"), None), (True, None), ("1", None)],
)
def test_only_numbers_are_drawn(value: object, drawn: float | None) -> None:
    assert finite(value) == drawn


def test_a_sum_that_does_not_add_up_is_listed() -> None:
    reward = Reward(
        question_id="q", total=4.5, format=1.0, correctness=1.0, detail=2.0, weight=1.5,
        correct=True, accuracy=1.0, reward_version="x",
    )  # fmt: skip
    assert sum_in_words(reward, 0.5).endswith("x difficulty weight 1.5.")
    assert sum_in_words(reward, 0.1).startswith("Reward 4.5. Parts: format 1, correctness 1,")
    assert "difficulty weight 1.5" in sum_in_words(reward, None)
