"""The sampler in the real loaders of torch, torchdata and accelerate."""

# torch, torchdata and accelerate are typed in part.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportMissingTypeStubs=false
from __future__ import annotations

import json
import os
import socket
from collections import Counter
from itertools import chain, islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import torch
from accelerate import Accelerator
from hypothesis import given
from hypothesis import settings as trying
from hypothesis import strategies as st
from torch.utils.data import DataLoader, Dataset
from torchdata.stateful_dataloader import StatefulDataLoader

from rm_curriculum import SCHEDULES, Curriculum, CurriculumError
from rm_curriculum.adapters.torch_sampler import CurriculumSampler
from rm_rewards import QUESTION_TYPES

Foreign: TypeAlias = Any
Loader: TypeAlias = Any
pytestmark = pytest.mark.filterwarnings("ignore:'set_vital' is deprecated:UserWarning")  # torchdata
ROWS: list[dict[str, object]] = [
    {"id": f"q{i}", "type": QUESTION_TYPES[i * 5 % 6], "difficulty": ("easy", "hard")[i % 2]}
    for i in range(29)
]
IDS = [str(row["id"]) for row in ROWS]
RUNNABLE = sorted(set(SCHEDULES) - {"ptst"})


class Rows(Dataset[str]):
    """Gives the id of each row."""

    def __getitem__(self, place: int) -> str:
        return IDS[place]

    def __len__(self) -> int:
        return len(IDS)


def sampler(schedule: str, *, batch: int = 4, **more: Foreign) -> CurriculumSampler:
    curriculum = Curriculum(ROWS, schedule, 5, epochs=2)
    return CurriculumSampler(curriculum, IDS, batch=batch, **more)


def stateful(schedule: str, workers: int = 0) -> Loader:
    return StatefulDataLoader(Rows(), batch_size=4, sampler=sampler(schedule), num_workers=workers)


def reported(loader: Loader, count: int | None = None) -> list[list[str]]:
    """The batches of a loader, each reported after it was given out."""
    curriculum = loader.sampler.curriculum
    given: list[list[str]] = []
    for batch in islice(loader, count):
        given.append(list(batch))
        report(curriculum, len(given), given[-1])
    return given


def report(curriculum: Curriculum, number: int, batch: list[str]) -> None:
    for place, one in enumerate(batch):
        curriculum.update(one, [1.0, 0.0, float(len(one))], 0.5, f"{number}/{place}")


@pytest.mark.parametrize("schedule", ["rewardmap", "coarse", "reverse", "random"])
def test_all_batches_are_full_of_one_stage_and_hold_every_question_once_an_epoch(
    schedule: str,
) -> None:
    made = sampler(schedule)
    rows = list(made)
    batches = [rows[i : i + 4] for i in range(0, len(rows), 4)]
    assert len(rows) == len(made)
    assert all(len(batch) == 4 for batch in batches)
    assert all(len({made.curriculum.stage_of(IDS[i]) for i in b}) == 1 for b in batches)
    planned = list(Curriculum(ROWS, schedule, 5, epochs=2).batches(4))
    for batch, plan in zip(batches, planned, strict=True):
        assert tuple(IDS[i] for i in batch)[: len(plan.ids)] == plan.ids
    counts = Counter(chain.from_iterable(plan.ids for plan in planned))
    assert set(counts.values()) == {2}


def test_copies_and_rounds_are_laid_out_as_trl_does() -> None:
    plain = list(sampler("rewardmap", batch=2))
    laid = list(sampler("rewardmap", batch=2, copies=3, rounds=2))
    a, b = plain[:2]
    assert laid[:12] == [a, a, a, b, b, b] * 2
    assert len(laid) == 6 * len(plain)


@pytest.mark.parametrize(
    ("schedule", "workers"),
    [*((name, 0) for name in RUNNABLE), ("rewardmap", 2), ("uniform", 2)],
)
def test_a_stateful_loader_stopped_at_any_batch_goes_on_with_what_would_have_followed(
    schedule: str, workers: int
) -> None:
    whole = list(map(list, stateful(schedule)))
    for k in range(0, len(whole) + 1, 1 if workers == 0 else 7):
        first = stateful(schedule, workers)
        assert [list(batch) for batch in islice(first, k)] == whole[:k]
        state = first.state_dict()
        second = stateful(schedule, workers)
        second.load_state_dict(state)
        assert list(map(list, second)) == whole[k:]


@pytest.mark.parametrize("schedule", RUNNABLE)
def test_a_stateful_loader_with_reports_goes_on_exactly(schedule: str) -> None:
    whole = reported(stateful(schedule))
    for k in range(1, len(whole)):
        first = stateful(schedule)
        assert reported(first, k) == whole[:k]
        state = json.loads(json.dumps(first.state_dict()))
        second = stateful(schedule)
        second.load_state_dict(state)
        curriculum = second.sampler.curriculum
        rest: list[list[str]] = []
        for number, batch in enumerate(second, k + 1):
            rest.append(list(batch))
            report(curriculum, number, rest[-1])
        assert rest == whole[k:]


@given(st.sampled_from(["rewardmap", "uniform", "replay", "gated"]), st.data())
@trying(deadline=None, max_examples=30)
def test_a_sampler_stopped_inside_a_batch_goes_on_at_that_row(
    schedule: str, data: st.DataObject
) -> None:
    whole = list(sampler(schedule, copies=2))
    stop = data.draw(st.integers(0, len(whole)))
    first = sampler(schedule, copies=2)
    assert list(islice(first, stop)) == whole[:stop]
    second = sampler(schedule, copies=2)
    second.load_state_dict(json.loads(json.dumps(first.state_dict())))
    assert list(second) == whole[stop:]


def test_an_iteration_that_was_given_up_loses_nothing() -> None:
    whole, made = list(sampler("rewardmap")), sampler("rewardmap")
    assert [*islice(made, 6), *islice(made, 5), *made] == whole
    assert list(made) == []


def process(folder: Path, rank: int, port: int, kill: int) -> None:
    """One of two processes that train with accelerate, and save and load as its users do."""
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": "2"}
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    os.environ["ACCELERATE_USE_CPU"] = "true"
    torch.set_num_threads(1)
    accelerator: Foreign = Accelerator(cpu=True)
    made = sampler("bandit", batch=4)
    loader: Loader = accelerator.prepare(DataLoader(Rows(), batch_size=2, sampler=made))
    accelerator.register_for_checkpointing(made)
    if (folder / "saved").exists():
        accelerator.load_state(str(folder / "saved"))
    told: list[list[str]] = []
    for batch in loader:
        told.append(list(batch))
        everyone: list[str] = accelerator.gather_for_metrics(list(batch), use_gather_object=True)
        for one in everyone:
            made.curriculum.update(one, [float(int(one[1:]) % 3), 1.0], 0.5)
        if len(told) == kill:
            accelerator.save_state(str(folder / "saved"))
            break
    accelerator.end_training()
    text = json.dumps({"told": told, "state": made.curriculum.state_dict()})
    (folder / f"told-{rank}.json").write_text(text, encoding="utf-8")


def two_processes(folder: Path, kill: int = 0) -> list[dict[str, Any]]:
    folder.mkdir(exist_ok=True)
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = int(found.getsockname()[1])
    started = [
        get_context("fork").Process(target=process, args=(folder, rank, port, kill))
        for rank in (0, 1)
    ]
    for one in started:
        one.start()
    for one in started:
        one.join(120)
    assert [one.exitcode for one in started] == [0, 0]
    return [json.loads((folder / f"told-{rank}.json").read_text("utf-8")) for rank in (0, 1)]


def test_accelerate_gives_two_processes_their_parts_and_resumes(tmp_path: Path) -> None:
    whole = two_processes(tmp_path / "a")
    first = two_processes(tmp_path / "b", kill=5)
    rest = two_processes(tmp_path / "b")
    assert whole[0]["state"] == whole[1]["state"] == rest[0]["state"] == rest[1]["state"]
    for before, begun, after in zip(whole, first, rest, strict=True):
        assert begun["told"] == before["told"][:5]
        assert after["told"] == before["told"][5:]
    parts = [one + two for one, two in zip(whole[0]["told"], whole[1]["told"], strict=True)]
    assert {len(part) for part in parts} == {4}
    assert len(parts) == -(-2 * len(ROWS) // 4)


def test_a_loader_that_runs_ahead_loses_nothing_without_reports_either() -> None:
    whole = list(sampler("rewardmap"))
    first = sampler("rewardmap", ahead=1)
    ahead = list(islice(first, 12))  # three batches were taken, two of them given out
    second = sampler("rewardmap")
    second.load_state_dict(first.state_dict())
    assert [*ahead[:8], *second] == whole


def test_a_sampler_made_in_the_middle_counts_what_came_before() -> None:
    first = sampler("rewardmap")
    rows = list(islice(first, 16))
    second = sampler("rewardmap", start=first.state_dict(), steps=len(first) // 4)
    assert len(second) == len(first)
    assert [*rows, *second] == list(sampler("rewardmap"))


@pytest.mark.parametrize(
    ("ids", "more", "said"),
    [
        (IDS[1:], {}, r"item 'q0' is not among the 28 rows of the dataset"),
        ([*IDS, "q3"], {}, r"dataset rows 3 and 29 have the same id 'q3'"),
        (IDS, {"batch": 0}, r"batch: found 0, expected 1 or more"),
        (IDS, {"steps": 99}, r"steps: found 99, but the curriculum deals 10 batches of 4"),
    ],
)
def test_what_cannot_work_is_told(ids: list[str], more: dict[str, Any], said: str) -> None:
    settings: dict[str, Any] = {"batch": 4, **more}
    with pytest.raises(CurriculumError, match=said):
        CurriculumSampler(Curriculum(ROWS), ids, **settings)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"schema": 3}, "schema: found 3, expected"),
        ({"chunks": -1}, "chunks: found -1, expected a number from 0"),
        ({"yielded": "x"}, "yielded: found 'x', expected a number from 0"),
        ({"again": [{"ids": 3}]}, "found the batch .*, expected its ids"),
        ({"curriculum": {}}, "is missing"),
    ],
)
def test_a_damaged_state_is_refused(change: dict[str, object], said: str) -> None:
    made = sampler("rewardmap")
    with pytest.raises(CurriculumError, match=said):
        made.load_state_dict({**made.state_dict(), **change})


def test_a_schedule_that_changes_the_number_of_replies_is_refused() -> None:
    with pytest.raises(CurriculumError, match="'ptst' changes the number of replies"):
        list(sampler("ptst"))
