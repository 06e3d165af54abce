from __future__ import annotations

from pathlib import Path

import pytest

from rm_train.checkpoints import (
    MARKER,
    complete_ones,
    keep_newest,
    mark_complete,
    newest,
    remove_incomplete,
    step_of,
    told_of_processes,
)


def saved(folder: Path, step: int, *, complete: bool = True) -> Path:
    place = folder / f"checkpoint-{step}"
    place.mkdir(parents=True)
    (place / "model.safetensors").write_bytes(b"weights")
    if complete:
        mark_complete(place)
    return place


def test_the_newest_checkpoint_counts_only_if_it_is_complete(tmp_path: Path) -> None:
    assert newest(tmp_path / "nowhere") is None
    saved(tmp_path, 2)
    saved(tmp_path, 10)
    saved(tmp_path, 12, complete=False)
    found = newest(tmp_path)
    assert found is not None
    assert step_of(found) == 10


def test_what_a_kill_left_behind_is_removed_and_nothing_else(tmp_path: Path) -> None:
    saved(tmp_path, 2)
    half = saved(tmp_path, 4, complete=False)
    (tmp_path / "notes").mkdir()
    remove_incomplete(tmp_path)
    assert not half.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint-2", "notes"]


def test_older_ones_go_by_step_and_not_by_age(tmp_path: Path) -> None:
    for step in (9, 10, 2):
        saved(tmp_path, step)
    keep_newest(tmp_path, 2)
    assert [step_of(path) for path in complete_ones(tmp_path)] == [9, 10]


def test_a_checkpoint_that_is_being_removed_no_longer_counts(tmp_path: Path) -> None:
    place = saved(tmp_path, 1)
    (place / MARKER).unlink()
    assert complete_ones(tmp_path) == []


def test_another_number_of_processes_is_told(tmp_path: Path) -> None:
    place = saved(tmp_path, 4)
    (place / "rng_state.pth").write_bytes(b"")
    assert told_of_processes(place, 1) is None
    assert "saved by 1 processes and is gone on from by 2" in str(told_of_processes(place, 2))
    (place / "rng_state.pth").unlink()
    for process in range(2):
        (place / f"rng_state_{process}.pth").write_bytes(b"")
    assert told_of_processes(place, 2) is None
    assert "saved by 2 processes and is gone on from by 1" in str(told_of_processes(place, 1))


def test_a_folder_of_another_name_has_no_step(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected a folder called checkpoint-N"):
        step_of(tmp_path / "best")
