from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from rm_data.asking import AskOrder, Job, write_questions
from rm_data.networks import find_networks, read_file
from rm_data.quotas import PAPER, PAPER_PLANNING, quota
from rm_rewards import QUESTION_TYPES, Question, RecordError
from rm_rewards.jsonl import read

PUBLISHED = {
    "Counting1": (350, 350, 350),
    "Counting2": (277, 322, 371),
    "Counting3": (10, 10, 10),
    "TorF1": (344, 349, 346),
    "TorF2": (278, 311, 340),
}
"""ReasonMap-Plus by the grade of the map, ten maps each."""


@pytest.mark.parametrize("kind", PUBLISHED)
def test_ten_maps_of_each_grade_give_the_published_counts_up_to_half_a_question_a_map(
    kind: str,
) -> None:
    for grade, published in zip(PAPER, PUBLISHED[kind], strict=True):
        assert abs(10 * PAPER[grade][kind] - published) <= 5
    assert PAPER_PLANNING == 20 + 15 + 5


def test_the_quota_follows_the_grade_and_is_never_padded(
    station_lists: Path, tmp_path: Path
) -> None:
    paths = [station_lists / f"{city}.json" for city in ("china/beijing", "australia/sydney")]
    order = AskOrder(types=QUESTION_TYPES, seed=0, quota="paper")
    asked = write_questions(Job(order=order, paths=tuple(paths), base=tmp_path), tmp_path / "q")
    counts = Counter((q.city, q.type) for q in read(Question, tmp_path / "q"))
    assert {kind: counts["beijing", kind] for kind in QUESTION_TYPES} == {
        **PAPER["hard"],
        "planning": 40,
    }
    assert counts["sydney", "Counting2"] == 1  # all its stations are on one line
    short = {(s.city, s.type, s.difficulty): (s.wanted, s.made) for s in asked.short}
    assert short["sydney", "Counting2", ""] == (28, 1)
    assert short["sydney", "planning", "middle"] == (15, 0)
    assert not any(city == "beijing" for city, _, _ in short)


def test_numbers_of_ones_own_come_before_the_quota(station_lists: Path) -> None:
    file = read_file(find_networks([station_lists])[0])
    assert quota("paper", file, 7) == 7
    assert quota(None, file, {"TorF1": 2}) == {"TorF1": 2}
    mixed = quota("paper", file, {"TorF1": 2})
    assert isinstance(mixed, dict)
    assert (mixed["TorF1"], mixed["Counting1"]) == (2, 35)
    with pytest.raises(RecordError, match="quota: found 'half', expected one of paper"):
        quota("half", file, None)
