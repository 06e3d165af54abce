from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import benchmark_files as files
import pytest

from rm_eval import EvalError
from rm_eval.preparing import prepare
from rm_eval.rescoring import TaskReadings, rescore
from rm_eval.rescoring.table import rescoring_markdown
from rm_rewards import Question, RecordError, jsonl

VERBOSE = "The correct answer is **{}**. Here is why: the sky is blue in the picture."


def answered(folder: Path, task: str, rows: list[files.Cells], replies: list[str]) -> Path:
    source = files.tsv(folder / "rows.tsv", rows)
    prepare(task, source, folder / "run", any_version=True)
    questions = jsonl.read(Question, folder / "run" / "questions.jsonl")
    lines = [
        {"question_id": question.id, "text": reply}
        for question, reply in zip(questions, replies, strict=False)
    ]
    files.jsonl(folder / "run" / "completions.jsonl", lines)
    return folder / "run"


def only(folder: Path, extractor: str = "all") -> TaskReadings:
    (task,) = rescore(folder, extractor).tasks
    return task


def test_the_same_replies_score_differently_under_each_extractor(tmp_path: Path) -> None:
    letters = "ABCD"
    replies = [VERBOSE.format(letters[n % 4]) for n in range(4)] + ["A", "nothing", "C"]
    task = only(answered(tmp_path, "mmstar", files.mmstar(), replies))
    found = {reading.extractor: reading for reading in task.readings}
    assert {name: round(7 * reading.main) for name, reading in found.items()} == {
        "vlmevalkit-before-1175": 6,
        "vlmevalkit-b862cf76": 2,
        "vlmevalkit-e8e78f05": 6,
        "lmms-eval-75571cfe": 6,
        "official": 2,
        "boxed": 0,
    }
    assert found["vlmevalkit-b862cf76"].unparsed == pytest.approx(5 / 7)
    assert found["vlmevalkit-e8e78f05"].rules == {"regex": 4, "letter": 2, "none": 1}
    assert task.spread == pytest.approx(6 / 7)
    assert task.disagreeing == 6
    assert "MMStar all: 7 items, the published benchmark has 1500" in task.guard


def test_each_extractor_tells_the_path_and_how_many_replies_change_sides(tmp_path: Path) -> None:
    letters = "ABCD"
    replies = [VERBOSE.format(letters[n % 4]) for n in range(4)] + ["A", "nothing", "C"]
    task = only(answered(tmp_path, "mmstar", files.mmstar(), replies))
    assert task.reference == "vlmevalkit-b862cf76"
    assert {reading.extractor: reading.changed for reading in task.readings} == {
        "vlmevalkit-before-1175": 4,
        "vlmevalkit-b862cf76": 0,
        "vlmevalkit-e8e78f05": 4,
        "lmms-eval-75571cfe": 4,
        "official": 0,
        "boxed": 2,
    }
    assert all(sum(reading.rules.values()) == reading.n for reading in task.readings)
    shown = rescoring_markdown(rescore(tmp_path / "run"))
    assert "| 14.29 | 4 | regex 57.14, letter 28.57, none 14.29 |" in shown


def test_replies_in_another_order_and_more_than_one_to_a_question_are_scored_alike(
    tmp_path: Path,
) -> None:
    run = answered(tmp_path, "hrbench-4k", files.hrbench(), list("ABCDABCA"))
    assert only(run).readings[0].measures["all four orders right"] == 0.5
    lines = (run / "completions.jsonl").read_text("utf-8").splitlines(keepends=True)
    in_order = only(run)
    (run / "completions.jsonl").write_text("".join(lines[3:] + lines[:3]))
    assert only(run) == in_order
    (run / "completions.jsonl").write_text("".join(line * 2 for line in lines))
    assert only(run).readings[0].n == 16
    (run / "completions.jsonl").write_text("".join(lines[::3]))
    assert only(run).readings[0].n == 3
    for name in ("questions", "items"):
        kept = run / f"{name}.jsonl"
        kept.rename(run / "away")
        (run / "completions.jsonl").write_text("".join(lines))
        if name == "questions":
            assert only(run) == in_order
        else:
            with pytest.raises(RecordError, match="expected the id of a question"):
                rescore(run)
        (run / "away").rename(kept)


def test_questions_of_the_maps_and_of_a_benchmark_may_lie_in_one_run(tmp_path: Path) -> None:
    run = answered(tmp_path, "vstar", files.vstar(), list("ABCDA"))
    plus = [{**row, "id": f"p{n}"} for n, row in enumerate(files.plus())]
    lines = [{"question_id": row["id"], "text": r"\boxed{yes}"} for row in plus]
    for name, more in (("questions.jsonl", plus), ("completions.jsonl", lines)):
        held = (run / name).read_text("utf-8").splitlines(keepends=True)
        mixed = [*held[:2], *(json.dumps(one) + "\n" for one in more), *held[2:]]
        (run / name).write_text("".join(mixed), "utf-8")
    found = {task.task: task.readings[0] for task in rescore(run).tasks}
    assert {name: one.n for name, one in found.items()} == {"vstar": 5, "reasonmap-plus": 5}
    assert found["vstar"].main == 1.0


def test_a_reply_takes_a_few_bytes_of_memory(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        run = tmp_path / str(count)
        run.mkdir()
        with (
            (run / "items.jsonl").open("w") as items,
            (run / "completions.jsonl").open("w") as said,
        ):
            for n in range(count):
                item = {"id": f"q{n}", "task": "mmstar", "form": "choice", "answer": "A"}
                item |= {"options": files.OPTIONS, "cluster": f"picture {n}"}
                items.write(json.dumps(item) + "\n")
                said.write(json.dumps({"question_id": f"q{n}", "text": "B"}) + "\n")
        rescore(run)  # what is cached once and for all
        tracemalloc.start()
        rescore(run)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert (peak(3_000) - peak(1_000)) / 2_000 < 100


def test_one_extractor_alone(tmp_path: Path) -> None:
    run = answered(tmp_path, "chartqa", files.chartqa(), ["104", "yes ", "14%"])
    assert only(run, "vlmevalkit-b862cf76").readings[0].measures == {
        "all": 1.0,
        "augmented": 1.0,
        "human": 1.0,
    }
    assert only(run, "lmms-eval-75571cfe").readings[0].measures["human"] == 0.5
    with pytest.raises(EvalError, match="official scores nothing there: it holds chartqa"):
        rescore(run, "official")


def test_a_run_that_is_not_finished_is_scored_as_far_as_it_is(tmp_path: Path) -> None:
    run = answered(tmp_path, "vstar", files.vstar(), ["A", "B"])
    assert [reading.n for reading in only(run).readings] == [2] * 5


def test_plus_questions_need_no_items(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    rows = [{**row, "id": f"p{n}"} for n, row in enumerate(files.plus())]
    files.jsonl(folder / "questions.jsonl", rows)
    replies = [r"\boxed{yes}", "No.", "there is a transfer, so C", "13", "none"]
    lines = [{"question_id": f"p{n}", "text": text} for n, text in enumerate(replies)]
    files.jsonl(folder / "completions.jsonl", lines)
    task = only(folder)
    found = {reading.extractor: reading.measures for reading in task.readings}
    assert list(found) == ["vlmevalkit-e8e78f05", "official", "boxed"]
    assert found["official"]["all"] == (1 + 1.5 + 1) / 7
    assert found["vlmevalkit-e8e78f05"]["TorF"] == 1 / 2.5  # `No.` with its dot is no word there
    assert found["boxed"]["all"] == 1 / 7
    assert (
        "ReasonMap-Plus all: the weights sum to 7, those of the published test set to 2212"
        in task.guard
    )


def test_plus_is_prepared_from_its_rows_and_maps(tmp_path: Path) -> None:
    (tmp_path / "maps" / "china").mkdir(parents=True)
    (tmp_path / "maps" / "china" / "beijing.png").write_bytes(files.png(5))
    prepare("reasonmap-plus", files.jsonl(tmp_path / "test.jsonl", files.plus()), tmp_path / "out")
    questions = list(jsonl.read(Question, tmp_path / "out" / "questions.jsonl"))
    assert [question.type for question in questions] == [row["type"] for row in files.plus()]
    assert questions[0].question == files.plus()[0]["question"]
    assert all((tmp_path / "out" / str(question.figure)).is_file() for question in questions)

    broken = [{**files.plus()[0], "answer": "maybe"}]
    with pytest.raises(EvalError, match="answer: found 'maybe', expected a whole number"):
        prepare("reasonmap-plus", files.jsonl(tmp_path / "b.jsonl", broken), tmp_path / "b")


def reasonmap_row() -> files.Cells:
    leg = {
        "route_name": "地铁1号线(A--D)",
        "departure_stop": "A",
        "arrival_stop": "D",
        "via_stops": ["B", "C"],
        "num_via_stops": "2",
    }
    return {
        "country": "china",
        "city": "beijing",
        "figure": files.picture(7),
        "json": json.dumps({"Line 1": ["A站", "B站", "C站", "D站"]}),
        "station_1": "A站",
        "station_2": "D站",
        "question_short": "How?",
        "question_long": "How? Say Number of Via Stops: too.",
        "routes": json.dumps({"1": [leg], "2": None}),
        "difficulty_city": "hard",
        "difficulty_question": "middle",
        "question_transfer_count": 0,
    }


def test_reasonmap_is_asked_twice_and_scored_with_faults_and_without(tmp_path: Path) -> None:
    rows = files.jsonl(tmp_path / "rows.jsonl", [reasonmap_row()])
    prepare("reasonmap", rows, tmp_path / "run")
    questions = list(jsonl.read(Question, tmp_path / "run" / "questions.jsonl"))
    assert [question.id for question in questions] == ["reasonmap:1:short", "reasonmap:1:long"]
    reply = "Route Name: Line 1\nDeparture Stop: A站\nArrival Stop: D站\nNumber of Via Stops: 2"
    lines = [{"question_id": q.id, "text": t} for q, t in zip(questions, (reply, "?"), strict=True)]
    files.jsonl(tmp_path / "run" / "completions.jsonl", lines)

    short, long = rescore(tmp_path / "run").routes
    assert (short.form, short.n, short.weighted_accuracy, short.unparsed) == ("short", 1, 0, 0)
    assert (long.form, long.unparsed, long.map_scores) == ("long", 1, {"compat": 0, "fixed": 0})
    assert short.guard == (
        "ReasonMap short: the weights sum to 2.5, those of the published test set to 576"
    )


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("routes", "[1]", "routes: found '[1]', expected an object"),
        ("routes", '{"1": ["x"]}', "routes: found 'x', expected a section"),
        ("routes", "{", "routes: no JSON"),
        ("json", '{"Line 1": [1]}', "json: expected a list of stations for each line"),
        ("json", "../../etc/passwd", "json: found '../../etc/passwd', expected a file inside"),
        ("question_long", None, "question_long: found no value"),
    ],
)
def test_a_broken_reasonmap_row_is_named(
    tmp_path: Path, column: str, value: str | None, said: str
) -> None:
    rows = files.jsonl(tmp_path / "rows.jsonl", [{**reasonmap_row(), column: value}])
    with pytest.raises(EvalError) as caught:
        prepare("reasonmap", rows, tmp_path / "run")
    assert str(caught.value).startswith(f"{rows}:1: ")
    assert said in str(caught.value)


def test_the_table_tells_the_spread_and_escapes_names(tmp_path: Path) -> None:
    rows = [{**row, "category": "a|b"} for row in files.vstar()]
    shown = rescoring_markdown(rescore(answered(tmp_path, "vstar", rows, ["A"] * 5)))
    assert "| extractor | n | all | a\\|b | unparsed % | change sides | read by, % |" in shown
    assert "Spread over the extractors: 40.00 points; 2 of 5 replies" in shown
    assert "- V*Bench all: 5 items, the published benchmark has 191" in shown


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EvalError, match="expected the folder of an rm-eval run"):
        rescore(tmp_path)
    run = answered(tmp_path, "vstar", files.vstar(), [])
    with pytest.raises(EvalError, match="vlmevalkit"):
        rescore(run, "vlmevalkit")
    files.jsonl(run / "completions.jsonl", [{"question_id": "x", "text": ""}])
    with pytest.raises(RecordError, match="question_id: found 'x', expected the id of a question"):
        rescore(run)


def test_rows_of_several_files_are_counted_through(tmp_path: Path) -> None:
    (tmp_path / "shards").mkdir()
    for name in ("0.jsonl", "1.jsonl"):
        files.jsonl(tmp_path / "shards" / name, [reasonmap_row()])
    prepare("reasonmap", tmp_path / "shards", tmp_path / "run")
    questions = list(jsonl.read(Question, tmp_path / "run" / "questions.jsonl"))
    assert [question.id.split(":")[1] for question in questions] == ["1", "1", "2", "2"]
    assert len({question.json for question in questions if isinstance(question.json, str)}) == 1
