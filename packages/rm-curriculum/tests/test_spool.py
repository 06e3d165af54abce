from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from rm_curriculum import Curriculum, CurriculumError, Spool

ITEMS = [{"id": f"q{i}", "type": "planning"} for i in range(40)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "reports.jsonl"


def test_what_is_appended_is_handed_on_once(path: Path) -> None:
    curriculum = Curriculum(ITEMS)
    deal = curriculum.deal(3)
    spool = Spool(path)
    assert spool.feed(curriculum) == 0  # no file yet
    spool.append(deal.ids[0], [1.0, 0.0], 0.5, deal.draws[0], diversity=0.25)
    spool.append(deal.ids[1], [1], draw_id=deal.draws[1])
    assert spool.feed(curriculum) == 2
    assert spool.feed(curriculum) == 0
    spool.append(deal.ids[1], [1.0], draw_id=deal.draws[1])  # once more
    spool.append(deal.ids[2], [0.0], draw_id=deal.draws[2])
    assert spool.feed(curriculum) == 1
    assert curriculum.metrics()["accuracy"] == {"planning": 0.5}
    assert curriculum.in_flight == 0


def test_many_processes_write_whole_lines(path: Path) -> None:
    code = (
        "import sys; from rm_curriculum import Spool\n"
        "spool = Spool(sys.argv[1])\n"
        "for i in range(300): spool.append(f'q{i % 40}', [0.5] * 50, draw_id=f'{sys.argv[2]}-{i}')"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", code, str(path), name]) for name in ("a", "b", "c")
    ]
    curriculum, reader = Curriculum(ITEMS), Spool(path)
    counted = 0
    while any(writer.poll() is None for writer in writers):
        counted += reader.feed(curriculum)
    counted += reader.feed(curriculum)
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    assert counted == curriculum.metrics()["updates"] == 900


def test_a_line_that_is_still_written_waits(path: Path) -> None:
    curriculum, spool = Curriculum(ITEMS), Spool(path)
    path.write_text('{"id": "q1", "rewards": [1]}\n\n{"id": "q2", "rew', "utf-8")
    assert spool.feed(curriculum) == 1
    with path.open("a") as file:
        file.write('ards": [1]}\n')
    assert spool.feed(curriculum) == 1


def test_reading_goes_on_where_it_was_or_at_the_end(path: Path) -> None:
    curriculum, spool = Curriculum(ITEMS), Spool(path)
    assert Spool.at_end(path).offset == 0
    spool.append("q1", [1.0])
    spool.feed(curriculum)
    spool.append("q2", [1.0])
    assert Spool(path, offset=spool.offset).feed(Curriculum(ITEMS)) == 1
    assert Spool.at_end(path).feed(Curriculum(ITEMS)) == 0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "found b'{\\n', expected a line of JSON"),
        ("[]", "found b'[]\\n', expected an object"),
        ('{"rewards": [1]}', "id: found None, expected a text"),
        ('{"id": "q1"}', "rewards: found None, expected a list of numbers"),
        ('{"id": "q1", "rewards": ["1"]}', "rewards: found ['1'], expected a list of numbers"),
        ('{"id": "q1", "rewards": [true]}', "rewards: found [True], expected a list of numbers"),
        ('{"id": "q1", "rewards": []}', "q1: rewards are empty, expected one a reply"),
        ('{"id": "q1", "rewards": [NaN]}', "q1: found the reward nan, expected a finite number"),
        ('{"id": "q99", "rewards": [1]}', "item 'q99' is not among the 40 items"),
        ('{"id": "q1", "rewards": [1], "accuracy": "x"}', "accuracy: found 'x', expected a number"),
        ('{"id": "q1", "rewards": [1], "accuracy": 2}', "q1: found accuracy 2, expected a share"),
        ('{"id": "q1", "rewards": [1], "draw_id": [1]}', "draw_id: found [1], expected a text or"),
    ],
)
def test_a_wrong_line_is_named_and_passed(path: Path, line: str, said: str) -> None:
    curriculum, spool = Curriculum(ITEMS), Spool(path)
    path.write_text(f'{{"id": "q0", "rewards": [1]}}\n{line}\n{{"id": "q3", "rewards": [1]}}\n')
    with pytest.raises(CurriculumError) as caught:
        spool.feed(curriculum)
    assert str(caught.value).startswith(f"{path}:2: {said}")
    assert spool.feed(curriculum) == 1
    assert curriculum.metrics()["updates"] == 2


def test_after_a_resume_a_wrong_line_is_named_by_its_byte(path: Path) -> None:
    path.write_text('{"id": "q0", "rewards": [1]}\n{\n')
    with pytest.raises(CurriculumError, match=r":byte 29: found b'{\\n', expected a line"):
        Spool(path, offset=29).feed(Curriculum(ITEMS))


def test_a_replaced_file_is_refused(path: Path) -> None:
    spool = Spool(path, offset=100)
    path.write_text("{}\n")
    with pytest.raises(CurriculumError, match="shorter than the 100 bytes that were read"):
        spool.feed(Curriculum(ITEMS))
