from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import benchmark_files as files
import pytest

from rm_eval import EvalError, prepare
from rm_eval.dataset import load_dataset, load_networks
from rm_rewards import Question, RecordError, jsonl

if TYPE_CHECKING:
    from conftest import Maps

LEGS = [[{"route_name": "Red", "departure_stop": "A", "arrival_stop": "B"}]]


def test_a_folder_stands_for_its_questions_file(maps: Maps) -> None:
    file = maps.write()
    assert load_dataset(maps.folder) == load_dataset(file)
    assert len(load_dataset(file).questions) == 12


def test_tasks_choose_by_type(maps: Maps) -> None:
    file = maps.write(
        [maps.row(0, 1), maps.row(1, 1, type="TorF1"), maps.row(2, 1, type="Counting3")]
    )
    chosen = load_dataset(file, tasks=["Counting2", "Counting3"])
    assert [question.id for question in chosen.questions] == ["q0", "q2"]
    with pytest.raises(EvalError, match="no question to ask: the file holds Counting2, Counting3"):
        load_dataset(file, tasks=["reasonmap"])


def test_limit_keeps_the_share_of_each_type_and_the_order(maps: Maps) -> None:
    kinds = ["Counting2"] * 30 + ["Counting3"] * 20 + ["TorF1"] * 10
    rows = [maps.row(i, 1, type=kind) for i, kind in enumerate(kinds)]
    file = maps.write(rows)

    for limit in (1, 2, 7, 12, 59, 60, 1000):
        kept = load_dataset(file, limit=limit).questions
        assert len(kept) == min(limit, 60)
        places = [int(question.id[1:]) for question in kept]
        assert places == sorted(places)
    assert Counter(q.type for q in load_dataset(file, limit=12).questions) == {
        "Counting2": 6,
        "Counting3": 4,
        "TorF1": 2,
    }


def test_limit_keeps_a_rare_type_if_it_can(maps: Maps) -> None:
    rows = [maps.row(i, 1, type="Counting3" if i == 30 else "Counting2") for i in range(60)]
    file = maps.write(rows)
    for limit, kinds in ((1, 1), (2, 2), (10, 2)):
        kept = load_dataset(file, limit=limit).questions
        assert (len(kept), len({question.type for question in kept})) == (limit, kinds)


def test_the_seed_decides_what_the_limit_keeps_whatever_the_order(maps: Maps) -> None:
    rows = [maps.row(i, 1) for i in range(40)]
    file, turned = maps.write(rows), maps.write(rows[::-1], "turned.jsonl")

    def ids(path: Path, seed: int) -> set[str]:
        return {question.id for question in load_dataset(path, limit=10, seed=seed).questions}

    assert ids(file, 1) == ids(turned, 1)
    assert ids(file, 1) != ids(file, 2)


def test_a_limit_keeps_the_share_of_each_category(tmp_path: Path) -> None:
    kinds = ["chart"] * 20 + ["map"] * 12 + ["web"] * 8
    rows = [files.choices(number, category=kind) for number, kind in enumerate(kinds)]
    source = files.tsv(tmp_path / "seed.tsv", rows)
    prepare("seedbench2-plus", source, tmp_path / "seed", any_version=True)
    for limit in (10, 0.25, 0.3):
        dataset = load_dataset(tmp_path / "seed", limit=limit)
        assert list(dataset.items) == [question.id for question in dataset.questions]
        count = Counter(item.category for item in dataset.items.values())
        assert count == ({"chart": 6, "map": 4, "web": 2} if limit == 0.3 else
                         {"chart": 5, "map": 3, "web": 2})  # fmt: skip


def test_a_limit_keeps_the_four_orders_of_a_question_together(tmp_path: Path) -> None:
    prepare("hrbench-4k", files.tsv(tmp_path / "hr.tsv", files.hrbench()), tmp_path / "hr",
            any_version=True)  # fmt: skip
    for limit, kept in ((1, 4), (6, 4), (7, 4), (0.5, 4), (8, 8), (100, 8)):
        items = load_dataset(tmp_path / "hr", limit=limit).items.values()
        assert Counter(item.cycle for item in items) == dict.fromkeys("0123", kept // 4)
        assert len({item.cluster for item in items}) == kept // 4


def test_a_limit_below_one_is_refused(maps: Maps) -> None:
    with pytest.raises(EvalError, match="limit: found 0"):
        load_dataset(maps.write(), limit=0)


def test_a_repeated_id_is_named_with_both_places(maps: Maps) -> None:
    file = maps.write([maps.row(0, 1), maps.row(0, 2)])
    with pytest.raises(RecordError) as caught:
        load_dataset(file)
    assert str(caught.value) == (
        f"{file}:2: id: found 'q0', expected each id once (first at {file}:1)"
    )


def test_an_empty_file_is_refused(maps: Maps) -> None:
    file = maps.write()
    file.write_text("\n")
    with pytest.raises(EvalError, match="no question to ask: the file holds no question"):
        load_dataset(file)


def test_a_folder_without_questions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EvalError, match=r"no questions\.jsonl there, nor folders that hold one"):
        load_dataset(tmp_path)


@pytest.mark.parametrize("column", ["network", "json"])
def test_a_network_is_found_by_its_path(maps: Maps, column: str) -> None:
    file = maps.write(
        [
            maps.row(0, 1, type="planning", answer=None, **{column: "nets/town.json"}),
            maps.row(1, 1),
        ]
    )
    (maps.folder / "nets").mkdir()
    (maps.folder / "nets" / "town.json").write_text(json.dumps({"Red": ["A", "B"]}))
    networks = load_networks(load_dataset(file))
    assert {key: [line.name for line in net.lines] for key, net in networks.items()} == {
        "q0": ["Red"]
    }


def test_a_network_may_stand_in_the_line_or_be_left_out(maps: Maps) -> None:
    file = maps.write(
        [
            maps.row(0, 1, type="planning", answer=None, json={"Red": ["A", "B"]}),
            maps.row(1, 1, type="planning", answer=None, routes=LEGS),
        ]
    )
    networks = load_networks(load_dataset(file))
    assert list(networks) == ["q0"]
    assert networks["q0"].lines[0].name == "Red"


def test_the_copy_of_the_questions_finds_its_files_from_its_own_folder(
    maps: Maps, tmp_path: Path
) -> None:
    dataset = load_dataset(maps.write())
    out = tmp_path / "runs" / "deep" / "one"
    out.mkdir(parents=True)
    jsonl.write(dataset.moved_to(out), out / "questions.jsonl")

    for question in jsonl.read(Question, out / "questions.jsonl"):
        assert question.figure is not None
        assert (out / question.figure).is_file()


def test_the_fingerprint_changes_with_any_question(maps: Maps) -> None:
    rows = maps.twelve()
    before = load_dataset(maps.write(rows)).fingerprint
    assert load_dataset(maps.write(rows, "again.jsonl")).fingerprint == before
    rows[3]["answer"] = 9
    assert load_dataset(maps.write(rows)).fingerprint != before
