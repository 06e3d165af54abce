from __future__ import annotations

from pathlib import Path

import pytest

from rm_eval import EvalError
from rm_eval.journal import Batch, Journal, replies_in
from rm_rewards import Completion, RecordError

IDS = [f"q{i}" for i in range(5)]


def answered(place: int) -> Completion:
    return Completion(question_id=f"q{place}", text=f"line one\nüber {place}", tokens=3)


def fill(folder: Path) -> None:
    with Journal(folder, IDS) as journal:
        journal.append([answered(0), answered(1)], Batch(questions=2, seconds=0.5))
        journal.append([answered(2), answered(3)], Batch(questions=2, seconds=0.5))


def test_what_was_appended_is_there_again(tmp_path: Path) -> None:
    fill(tmp_path)
    with Journal(tmp_path, IDS) as journal:
        assert journal.done == 4
        assert list(replies_in(tmp_path)) == [answered(i) for i in range(4)]
        journal.append([answered(4)], Batch(questions=1, seconds=0.1, visual_tokens=(4,)))
    assert len((tmp_path / "completions.jsonl").read_bytes().splitlines()) == 5
    assert len((tmp_path / "batches.jsonl").read_bytes().splitlines()) == 3


@pytest.mark.parametrize("file", ["completions.jsonl", "batches.jsonl"])
def test_a_cut_at_any_byte_loses_whole_batches_only(tmp_path: Path, file: str) -> None:
    fill(tmp_path)
    whole = {
        name: (tmp_path / name).read_bytes() for name in ("completions.jsonl", "batches.jsonl")
    }

    for length in range(0, len(whole[file]) + 1, 3):
        for name, content in whole.items():
            (tmp_path / name).write_bytes(content[:length] if name == file else content)
        with Journal(tmp_path, IDS) as journal:
            done = journal.done
            assert done in {0, 2, 4}
            for first in range(done, 4, 2):
                journal.append(
                    [answered(first), answered(first + 1)], Batch(questions=2, seconds=0.5)
                )
        assert {name: (tmp_path / name).read_bytes() for name in whole} == whole


def test_replies_to_other_questions_are_refused(tmp_path: Path) -> None:
    fill(tmp_path)
    with pytest.raises(EvalError, match=r"completions.jsonl:1: question_id: found 'q0', expected"):
        Journal(tmp_path, ["other", *IDS])
    with pytest.raises(EvalError, match=r"jsonl:4: .* 'q3', expected 'no more lines'"):
        Journal(tmp_path, IDS[:3])


def test_a_damaged_line_in_the_middle_is_named(tmp_path: Path) -> None:
    fill(tmp_path)
    file = tmp_path / "completions.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([lines[0], b"{}\n", *lines[2:]]))
    with pytest.raises(RecordError, match=r"completions.jsonl:2: question_id"):
        Journal(tmp_path, IDS)


def test_two_runs_cannot_write_to_one_folder(tmp_path: Path) -> None:
    with (
        Journal(tmp_path, IDS),
        pytest.raises(EvalError, match="another run is writing there"),
    ):
        Journal(tmp_path, IDS)
    with Journal(tmp_path, IDS) as journal:
        assert journal.done == 0
