from __future__ import annotations

import pytest

from rm_train.rollouts.picture_tokens import check_same_prompts, one_token_a_picture
from rm_train.run_directory import RunError

PICTURE = 9


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ([1, 9, 9, 9, 2], [1, 9, 2]),
        ([1, 9, 2], [1, 9, 2]),
        ([9, 9, 1, 9, 9], [9, 1, 9]),
        ([1, 1, 2, 2], [1, 1, 2, 2]),
        ([], []),
    ],
)
def test_a_run_of_picture_tokens_becomes_one(ids: list[int], expected: list[int]) -> None:
    assert one_token_a_picture(ids, picture=PICTURE) == expected


def test_the_same_tokens_on_both_sides_pass() -> None:
    check_same_prompts([[1, 9, 9, 2], [1]], [[1, 9, 9, 2], [1]], PICTURE)


@pytest.mark.parametrize(
    ("sampled", "counts"),
    [
        ([1, 9, 9, 9, 2], r"prompt of 5 tokens \(3 of pictures\) where the trainer has 4 \(2 of"),
        ([1, 9, 2], r"prompt of 3 tokens \(1 of pictures\) where"),
        ([1, 9, 9, 3], r"prompt of 4 tokens \(2 of pictures\) where the trainer has 4 \(2 of"),
    ],
)
def test_replies_to_other_tokens_stop_the_run(sampled: list[int], counts: str) -> None:
    with pytest.raises(RunError, match=counts):
        check_same_prompts([[1], [1, 9, 9, 2]], [[1], sampled], PICTURE)
