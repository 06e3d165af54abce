from __future__ import annotations

from pathlib import Path

import pytest

from rm_eval.ahead import AHEAD, Ahead, Made
from rm_eval.backends.backend import Reply
from rm_eval.stored import Stored, stored
from rm_rewards import Question, RecordError, jsonl


def questions(folder: Path, identities: str = "abcd") -> Stored[Question]:
    file = folder / f"{identities}.jsonl"
    jsonl.write(
        [Question(id=one, type="TorF1", question="?", answer=1) for one in identities], file
    )
    return stored(Question, file)


def made(identity: str) -> Made:
    return Made(identity, Reply(f"say {identity} ✓", 3, "stop", visual_tokens=4), 0.25)


def test_what_was_kept_is_there_for_the_next_sitting(tmp_path: Path) -> None:
    with Ahead(tmp_path, questions(tmp_path)) as ahead:
        ahead.keep({2: made("c"), 1: made("b")})
        ahead.keep({3: made("d")})
        assert (len(ahead), list(ahead.missing(0))) == (3, [0])
        assert ahead.take(2) == made("c")
        assert ahead.take(2) is None
        assert (len(ahead), list(ahead.missing(0)), list(ahead.missing(1))) == (2, [0, 2], [2])
    with Ahead(
        tmp_path, questions(tmp_path, "bcd")
    ) as again:  # the journal took a, and lost c anew
        assert (len(again), list(again.missing(0))) == (3, [])
        assert [again.take(place) for place in range(3)] == [made(i) for i in "bcd"]


def test_a_reply_to_a_question_that_waits_no_more_is_passed_over(tmp_path: Path) -> None:
    with Ahead(tmp_path, questions(tmp_path)) as ahead:
        ahead.keep({0: made("a"), 3: made("d")})
    with Ahead(tmp_path, questions(tmp_path, "bcd")) as again:
        assert (len(again), list(again.missing(0))) == (1, [0, 1])
        assert again.take(2) == made("d")


def test_a_reply_that_was_made_twice_is_held_once(tmp_path: Path) -> None:
    with Ahead(tmp_path, questions(tmp_path)) as ahead:
        ahead.keep({1: made("b")})
        ahead.keep({1: made("b")})
        assert len(ahead) == 1


def test_nothing_is_left_when_all_have_been_taken(tmp_path: Path) -> None:
    with Ahead(tmp_path, questions(tmp_path)) as ahead:
        ahead.keep({1: made("b")})
        assert (tmp_path / AHEAD).exists()
        ahead.take(1)
    assert not (tmp_path / AHEAD).exists()


@pytest.mark.parametrize("lost", [1, 5, 60])
def test_a_line_that_was_cut_off_is_asked_again(tmp_path: Path, lost: int) -> None:
    with Ahead(tmp_path, questions(tmp_path)) as ahead:
        ahead.keep({2: made("c"), 3: made("d")})
    file = tmp_path / AHEAD
    file.write_bytes(file.read_bytes()[:-lost])
    with Ahead(tmp_path, questions(tmp_path)) as again:
        assert (len(again), list(again.missing(0))) == (1, [0, 1, 3])
        again.keep({3: made("d")})
        assert [again.take(3), again.take(2)] == [made("d"), made("c")]


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    (tmp_path / AHEAD).write_text('{"question_id": "a"}\n')
    with pytest.raises(RecordError, match=r"ahead\.jsonl:1: "):
        Ahead(tmp_path, questions(tmp_path))
