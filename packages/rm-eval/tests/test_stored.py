from __future__ import annotations

import json
import os
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as some

from rm_eval import EvalError
from rm_eval.dataset import load_dataset
from rm_eval.item import Item
from rm_eval.pictures import check_pictures, pictures_fingerprint
from rm_eval.stored import none_stored, stored
from rm_rewards import Question, RecordError, jsonl

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Maps

ENDS = ("\n", "\r\n", "\r", "\n\n", "\n  \n")


def _line(identity: str, text: str = "How many?", **more: object) -> str:
    row = {"id": identity, "type": "Counting2", "question": text, "answer": 1, **more}
    return json.dumps(row, ensure_ascii=False)


def test_records_are_those_that_reading_the_whole_file_gives(maps: Maps) -> None:
    file = maps.write()
    whole, held = list(jsonl.read(Question, file)), stored(Question, file)
    assert (len(held), list(held), list(held)) == (12, whole, whole)
    assert [held[place] for place in (0, 11, -1, -12)] == [whole[n] for n in (0, 11, 11, 0)]
    assert list(held[3:]) == whole[3:]
    assert list(held[8:2:-2][1:]) == whole[8:2:-2][1:]
    assert list(held.picked([7, 0])) == [whole[7], whole[0]]
    assert held == stored(Question, file)
    assert held != held[1:]
    with pytest.raises(IndexError):
        held[12]


@given(some.lists(some.tuples(some.text(max_size=6), some.sampled_from(ENDS)), min_size=1))
def test_any_text_and_any_end_of_a_line_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, told: list[tuple[str, str]]
) -> None:
    file = tmp_path_factory.mktemp("lines") / "questions.jsonl"
    lines = [_line(f"ü{n}", text.replace("\x85", ".")) + end for n, (text, end) in enumerate(told)]
    file.write_bytes("".join(lines).encode("utf-8", "replace"))
    whole = list(jsonl.read(Question, file))
    held = stored(Question, file)
    assert [held[place] for place in range(len(held))] == list(held) == whole
    assert [held.find(one.id) for one in whole] == list(enumerate(whole))
    assert held.find("other") is None


def test_the_first_fault_of_a_file_is_the_one_that_is_told(tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join([_line("a"), "", _line("b"), _line("b"), _line("a"), "{"]))
    with pytest.raises(RecordError) as caught:
        stored(Question, file, once=True)
    assert (
        str(caught.value) == f"{file}:4: id: found 'b', expected each id once (first at {file}:3)"
    )
    with pytest.raises(RecordError, match=rf"{file}:6: line: found '{{'"):
        stored(Question, file)


def test_a_file_that_changes_under_a_run_is_named_and_not_read(maps: Maps) -> None:
    file = maps.write()
    dataset = load_dataset(file)
    assert dataset.questions[0].id == "q0"
    file.write_text(file.read_text().replace("q0", "r0"))
    os.utime(file, ns=(0, 0))
    for use in (lambda: dataset.questions[1], lambda: list(dataset.questions[2:])):
        with pytest.raises(EvalError, match=rf"^{file}: the file was changed while it was in use;"):
            use()


def test_a_pipe_is_refused_since_it_cannot_be_read_twice(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(EvalError, match="pipe: found a folder, a pipe or a device, expected a fi"):
        stored(Question, tmp_path / "pipe")


def test_no_records_need_no_file(tmp_path: Path) -> None:
    none = none_stored(Item, tmp_path / "items.jsonl")
    assert (len(none), list(none), none.find("a")) == (0, [], None)


def test_pictures_are_found_by_the_id_of_their_question(maps: Maps) -> None:
    pictures = check_pictures(load_dataset(maps.write()))
    assert [picture.path.name for picture in pictures.in_order()] == [
        pictures[identity].path.name for identity in pictures
    ]
    assert len(pictures) == 12
    assert "other" not in pictures
    assert len(pictures_fingerprint(pictures)) == 64


def _peak(maps: Maps, count: int) -> int:
    """Bytes that checking so many questions takes at its highest."""
    (maps.folder / "many.jsonl").write_text(
        "".join(_line(f"q{n}", figure="maps/1.png") + "\n" for n in range(count))
    )
    tracemalloc.start()
    dataset = load_dataset(maps.folder / "many.jsonl")
    pictures = check_pictures(dataset)
    assert sum(1 for _ in pictures.in_order()) == count
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_a_question_takes_a_few_bytes_of_memory(maps: Maps) -> None:
    maps.write()
    _peak(maps, 10)  # what is loaded once
    few, many = _peak(maps, 500), _peak(maps, 4500)
    assert (many - few) / 4000 < 120, (few, many)  # 700 as objects
