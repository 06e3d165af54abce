from __future__ import annotations

from pathlib import Path

import pytest

from rm_eval.ahead import AHEAD, Ahead, Made
from rm_eval.backends.backend import Reply
from rm_rewards import RecordError

IDS = ["a", "b", "c", "d"]


def made(identity: str) -> Made:
    return Made(identity, Reply(f"say {identity} ✓", 3, "stop", visual_tokens=4), 0.25)


def test_what_was_kept_is_there_for_the_next_sitting(tmp_path: Path) -> None:
    with Ahead(tmp_path, IDS) as ahead:
        ahead.keep([made("c"), made("b")])
        ahead.keep([made("d")])
        assert ahead.take("c") == made("c")
        assert ahead.take("c") is None
    with Ahead(tmp_path, ["b", "c", "d"]) as again:  # the journal took a, and lost c once more
        assert len(again) == 3
        assert "a" not in again
        assert [again.take(identity) for identity in "bcd"] == [made(i) for i in "bcd"]


def test_nothing_is_left_when_all_have_been_taken(tmp_path: Path) -> None:
    with Ahead(tmp_path, IDS) as ahead:
        ahead.keep([made("b")])
        assert (tmp_path / AHEAD).exists()
        ahead.take("b")
    assert not (tmp_path / AHEAD).exists()


@pytest.mark.parametrize("lost", [1, 5, 60])
def test_a_line_that_was_cut_off_is_asked_again(tmp_path: Path, lost: int) -> None:
    with Ahead(tmp_path, IDS) as ahead:
        ahead.keep([made("c"), made("d")])
    file = tmp_path / AHEAD
    file.write_bytes(file.read_bytes()[:-lost])
    with Ahead(tmp_path, IDS) as again:
        assert (len(again), "c" in again) == (1, True)
        again.keep([made("d")])
        assert [again.take("d"), again.take("c")] == [made("d"), made("c")]


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    (tmp_path / AHEAD).write_text('{"question_id": "a"}\n')
    with pytest.raises(RecordError, match=r"ahead\.jsonl:1: "):
        Ahead(tmp_path, IDS)
