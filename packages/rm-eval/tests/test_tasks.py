from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from rm_eval import TASKS, EvalError, bench
from rm_eval.cli import app
from rm_eval.dataset import load_dataset
from rm_eval.map_splits import map_stratum
from rm_eval.tasks import SPLITS, questions_file, types_of_tasks
from rm_rewards import Difficulty, Question

if TYPE_CHECKING:
    from conftest import Maps, TinyModel


@pytest.mark.parametrize(
    ("tasks", "types"),
    [
        (["reasonmap"], ("planning",)),
        (["planning", "reasonmap"], ("planning",)),
        (["reasonmap-plus"], ("TorF1", "TorF2", "Counting1", "Counting2", "Counting3")),
        (["Counting3", "TorF2"], ("TorF2", "Counting3")),
        (["mmstar", "TorF2"], ("TorF2", "mmstar")),
        (["ChoiceTerminal", "TorF2"], ("TorF2", "ChoiceTerminal")),
        (
            ["six"],
            ("seedbench2-plus", "spatialeval", "vstar", "hrbench-4k", "chartqa", "mmstar"),
        ),
    ],
)
def test_tasks_stand_for_question_types(tasks: list[str], types: tuple[str, ...]) -> None:
    assert types_of_tasks(tasks) == types


@pytest.mark.parametrize("tasks", [["seven"], ["reasonmap", "docvqa"], [""], []])
def test_an_unknown_task_is_answered_by_the_list(tasks: list[str]) -> None:
    with pytest.raises(EvalError) as caught:
        types_of_tasks(tasks)
    assert str(caught.value).endswith(f"expected some of {', '.join(TASKS)}")


def test_a_task_of_ones_own_is_known_where_it_is_at_hand() -> None:
    assert types_of_tasks(["colours", "vstar"], iter(["colours"])) == ("vstar", "colours")
    with pytest.raises(EvalError, match=r"found 'shapes', expected some of .*, colours$"):
        types_of_tasks(["shapes"], ["colours"])


def test_rm_data_stands_for_every_type_that_it_asks(maps: Maps) -> None:
    kinds = ("TorF1", "ChoiceTerminal", "CountingStations", "TorFCrossing", "planning", "vstar")
    rows = [
        maps.row(place, 1, type=kind, answer=None if kind == "planning" else 1)
        for place, kind in enumerate(kinds[:-1])
    ]
    file = maps.write(rows)
    assert len(load_dataset(file, tasks=["rm-data"]).questions) == len(rows)
    found = load_dataset(file, tasks=["ChoiceTerminal", "planning"]).questions
    assert [question.type for question in found] == ["ChoiceTerminal", "planning"]


@pytest.mark.parametrize(("task", "ending"), list(SPLITS.items()))
def test_a_split_of_rm_data_is_found_by_its_file(tmp_path: Path, task: str, ending: str) -> None:
    for name in ("q.train.jsonl", "q.test.jsonl", "q.level1.jsonl", "q.level2.jsonl"):
        (tmp_path / name).touch()
    (tmp_path / "q.level3.jsonl").touch()
    assert questions_file(tmp_path, [task]) == tmp_path / f"q{ending}"
    assert questions_file(tmp_path / f"q{ending}", [task]) == tmp_path / f"q{ending}"
    assert questions_file(tmp_path, ["rm-data"]) == tmp_path / "questions.jsonl"
    with pytest.raises(EvalError, match=r"found q\.train\.jsonl, expected one split, and one file"):
        questions_file(tmp_path / "q.train.jsonl", [task])
    (tmp_path / f"r{ending}").touch()
    with pytest.raises(EvalError, match=r"found q\.\w+\.jsonl, r\.\w+\.jsonl, expected one split"):
        questions_file(tmp_path, [task])
    with pytest.raises(EvalError, match="found none, expected one split"):
        questions_file(tmp_path / "..", [task])


def test_several_splits_are_several_runs(tmp_path: Path) -> None:
    (tmp_path / "q.level1.jsonl").touch()
    with pytest.raises(EvalError, match="rm-data-level1, rm-data-level2: found"):
        questions_file(tmp_path, ["rm-data-level1", "rm-data-level2"])


@pytest.mark.parametrize(
    ("kind", "city", "question", "weight"),
    [
        ("TorF1", "easy", "hard", 1.0),
        ("Counting2", "hard", "easy", 2.0),
        ("ChoiceTerminal", "middle", "easy", 1.5),
        ("CountingStations", "hard", "easy", 2.0),
        ("planning", "hard", "hard", 3.0),
        ("planning", "easy", "middle", 1.5),
    ],
)
def test_types_of_rm_data_are_weighted_like_the_published_ones(
    kind: str, city: Difficulty, question: Difficulty, weight: float
) -> None:
    answer = None if kind == "planning" else 1
    asked = Question(
        id="1",
        type=kind,
        question="?",
        answer=answer,
        difficulty_city=city,
        difficulty_question=question,
    )
    found = map_stratum(asked)
    assert (found.task, found.category, found.cycle) == ("rm-data", city, question)
    assert found.weight == weight


def test_a_split_is_reported_by_difficulty_country_and_weight(
    tiny: TinyModel, maps: Maps, tmp_path: Path
) -> None:
    rows = [{**row, "country": ("rome", "synthetic")[n % 2]} for n, row in enumerate(maps.twelve())]
    maps.write(rows, "q.test.jsonl")
    maps.write(rows[:1], "q.train.jsonl")
    report = bench(
        tiny.folder, maps.folder, tmp_path / "run", tasks=["rm-data-city"], max_new_tokens=12
    )
    found = report.benchmark("rm-data")
    assert [(one.name, one.n) for one in found.numbers] == [
        *(("all", 12), ("easy maps", 4), ("middle maps", 4), ("hard maps", 4)),
        *(("easy questions", 12), ("rome", 6), ("synthetic", 6), ("all, not weighted", 12)),
    ]
    whole = found.number("all")
    assert whole.sum_of_weights == 4 * (1 + 1.5 + 2)
    assert whole.clusters == 4
    right = [n for n in range(12) if n < 8]
    weights = [(1.0, 1.5, 2.0)[n % 3] for n in range(12)]
    assert whole.value == pytest.approx(sum(weights[n] for n in right) / sum(weights))
    assert found.number("all, not weighted").value == pytest.approx(8 / 12)
    plain = bench(tiny.folder, maps.folder / "q.test.jsonl", tmp_path / "other", max_new_tokens=12)
    assert [one.task for one in plain.benchmarks if one.task == "rm-data"] == []


def test_the_list_tells_what_file_each_split_expects() -> None:
    shown = CliRunner().invoke(app, ["list"]).stdout
    for task, ending in SPLITS.items():
        line = next(line for line in shown.splitlines() if line.strip().startswith(f"{task} "))
        assert f"*{ending} of rm-data questions --split" in line
