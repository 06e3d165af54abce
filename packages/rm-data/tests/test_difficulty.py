from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_data.difficulty import QUOTA, of_map, of_route, shares, transfer_visits
from rm_rewards import Difficulty, from_published

GRADES = ("easy", "middle", "hard")

# Lines and marked transfers of the eleven test cities, and the grades that follow from the
# published sizes of the test set.
TEST_CITIES = {
    "auckland": (3, 20, "easy"),
    "miami": (2, 31, "easy"),
    "rome": (3, 4, "easy"),
    "toronto": (3, 8, "easy"),
    "lisboa": (4, 12, "middle"),
    "geneva": (5, 91, "middle"),
    "budapest": (4, 6, "middle"),
    "los_angeles": (6, 31, "hard"),
    "beijing": (21, 194, "hard"),
    "hangzhou": (12, 93, "hard"),
    "singapore": (6, 53, "hard"),
}


@pytest.mark.parametrize("city", TEST_CITIES)
def test_the_rule_agrees_with_the_grades_of_the_published_test_cities(city: str) -> None:
    lines, transfers, grade = TEST_CITIES[city]
    assert of_map(lines, transfers) == grade


@given(st.integers(0, 40), st.integers(0, 300))
def test_more_lines_or_transfers_never_make_a_map_easier(lines: int, transfers: int) -> None:
    here = GRADES.index(of_map(lines, transfers))
    assert here <= GRADES.index(of_map(lines + 1, transfers))
    assert here <= GRADES.index(of_map(lines, transfers + 1))


def test_the_grade_of_a_question_is_its_transfers() -> None:
    assert [of_route(n) for n in range(4)] == ["easy", "middle", "hard", "hard"]


def test_transfer_visits_count_list_entries_not_stations() -> None:
    lists = {"1": ["A", "B", "C"], "2": ["B", "D"], "3": ["B", "C"]}
    assert transfer_visits(from_published(lists, city="c")) == 5


@pytest.mark.parametrize(
    ("count", "expected"),
    [(40, (20, 15, 5)), (8, (4, 3, 1)), (6, (3, 2, 1)), (1, (1, 0, 0)), (0, (0, 0, 0))],
)
def test_the_quota_is_scaled(count: int, expected: tuple[int, int, int]) -> None:
    assert tuple(shares(count, set(QUOTA)).values()) == expected


@given(st.integers(0, 500), st.sets(st.sampled_from(tuple(QUOTA)), min_size=1))
def test_the_shares_add_up_and_keep_to_what_is_allowed(
    count: int, allowed: set[Difficulty]
) -> None:
    found = shares(count, allowed)
    assert set(found) == allowed
    assert sum(found.values()) == count
    total = sum(QUOTA[grade] for grade in allowed)
    assert all(abs(n - count * QUOTA[grade] / total) < 1 for grade, n in found.items())
