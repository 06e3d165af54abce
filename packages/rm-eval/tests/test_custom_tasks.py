from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import benchmark_files as files
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from rm_eval import EvalError, bench, compare, rescore
from rm_eval.benchmarks import Scored
from rm_eval.cli import app
from rm_eval.custom import NO_TRUST, OWN, OwnTask, Trust, carried_task, own_name, read_task
from rm_eval.custom.rules import metrics_of
from rm_eval.custom.template import Asked, prompt_of
from rm_eval.custom.yaml_lines import read_yaml
from rm_eval.dataset import load_dataset
from rm_eval.item import Form, Item
from rm_eval.job import checked_job
from rm_eval.manifest import Settings
from rm_eval.preparing import prepare
from rm_eval.suite import bench_suite
from rm_rewards import Question, Reward, jsonl

if TYPE_CHECKING:
    from conftest import TinyModel

COLOURS = """\
name: colours
title: Colours of lines
source:
  file: rows.tsv
columns:
  index: id
  question: text
  image: picture
  answer: label
  options: [first, second, third]
  category: kind
prompt: |-
  {question}
  {options}
  Answer with the letter.
form: choice
metric: letter
sizes: {all: 6, line: 3}
scores:
  - {model: Qwen2.5-VL-7B, score: 61.5, source: a report}
"""

SHAPES = """\
from pathlib import Path

from rm_eval.benchmarks import Benchmark, Entry, by_category
from rm_eval.extractors import Extraction, Protocol
from rm_eval.item import Item
from rm_rewards import Question

Path(__file__).with_name("ran").write_text("yes")


def entries(row, style):
    item = Item(id=row.text("id"), task="shapes", form="text", answer=row.text("label"))
    asked = Question(id=f"shapes:{item.id}", type="shapes", question=row.text("text"))
    return [Entry(asked, item)]


def read(item, reply):
    return Extraction(reply[-1], "letter") if reply else Extraction(None, "none")


ONE = Benchmark(
    name="shapes",
    title="Shapes",
    published=None,
    hub=None,
    entries=entries,
    measures=by_category,
    styles=("own",),
    protocol=Protocol(read),
    columns={"image": "picture"},
)
"""


def rows(count: int = 6) -> list[files.Cells]:
    return [
        {
            "id": number,
            "text": f"Which colour {number}?",
            "picture": files.picture(number),
            "label": "ABC"[number % 3],
            "first": "red",
            "second": "blue",
            "third": "green",
            "kind": ("line", "stop")[number % 2],
        }
        for number in range(count)
    ]


def task_file(folder: Path, content: str = COLOURS, name: str = "colours.yaml") -> Path:
    file = folder / name
    file.write_text(content, encoding="utf-8")
    files.tsv(folder / "rows.tsv", rows())
    return file


def asked(folder: Path) -> list[Question]:
    return list(jsonl.read(Question, folder / "questions.jsonl"))


def items(folder: Path) -> list[Item]:
    return list(jsonl.read(Item, folder / "items.jsonl"))


def replied(folder: Path, task: str, texts: list[str]) -> None:
    lines = [{"question_id": f"{task}:{n}", "text": text} for n, text in enumerate(texts)]
    files.jsonl(folder / "completions.jsonl", lines)


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


# A task of one YAML file


def test_a_yaml_task_goes_the_whole_way_on_the_command_line(
    tiny: TinyModel, tmp_path: Path
) -> None:
    file = task_file(tmp_path)
    data = tmp_path / "data"
    made = call("prepare", file, "--out", data)
    assert (made.exit_code, made.stdout) == (0, f"{data}: 6 questions of colours, prompt of own\n")
    assert asked(data)[1].question == (
        "Which colour 1?\nA. red\nB. blue\nC. green\nAnswer with the letter."
    )
    run = tmp_path / "run"
    options = ["--model", tiny.folder, "--max-new-tokens", 6, "--min-pixels", 3136]
    done = call("bench", *options, "--data", data, "--tasks", "colours", "--out", run)
    assert done.exit_code == 0, done.output
    hashed = hashlib.sha256(COLOURS.encode()).hexdigest()
    assert {one.reward_version for one in jsonl.read(Reward, run / "rewards.jsonl")} == {
        f"colours@{hashed[:12]}"
    }
    manifest = json.loads((run / "manifest.json").read_bytes())
    assert manifest["data"]["task_file"]["sha256"] == hashed
    assert manifest["reward_version"] == f"colours@{hashed[:12]}"

    file.unlink()  # the folders carry their own
    again = call("rescore", run, "--format", "json")
    assert again.exit_code == 0, again.output
    told = json.loads(again.stdout)["tasks"][0]
    assert (told["task"], told["title"], told["guard"]) == ("colours", "Colours of lines", [])
    assert [one["extractor"] for one in told["readings"]][:2] == [OWN, "vlmevalkit-before-1175"]
    assert told["reference"] == OWN
    report = json.loads((run / "report.json").read_bytes())
    assert told["readings"][0]["measures"]["all"] == report["types"][0]["accuracy"]
    for name in ("export", "view"):
        out = tmp_path / name
        form = ["--to", "csv"] if name == "export" else []
        assert call(name, run, *form, "--out", out).exit_code == 0
        assert "Which colour 5?" in out.read_text("utf-8")
    compared = call("compare", run, run)
    assert compared.exit_code == 0, compared.output
    assert "| colours |" in compared.stdout
    page = (run / "report.md").read_text("utf-8")
    assert "## Colours of lines, read by colours@" in page
    assert "| Qwen2.5-VL-7B | all | 61.5 | a report |" in page


def test_a_prepared_folder_carries_its_task_file_with_its_hash(tmp_path: Path) -> None:
    prepare(str(task_file(tmp_path)), None, tmp_path / "out")
    assert (tmp_path / "out" / "task.yaml").read_bytes() == COLOURS.encode()
    told = json.loads((tmp_path / "out" / "source.json").read_bytes())
    assert told["task_file"]["sha256"] == hashlib.sha256(COLOURS.encode()).hexdigest()
    assert own_name(tmp_path / "out") == "colours"
    (tmp_path / "out" / "task.yaml").write_text(COLOURS.replace("metric: letter", "metric: boxed"))
    replied(tmp_path / "out", "colours", ["A"])
    with pytest.raises(EvalError, match=r"task\.yaml: has changed since the folder was made"):
        rescore(tmp_path / "out")
    (tmp_path / "out" / "task.yaml").unlink()
    with pytest.raises(EvalError, match=r"no task\.yaml or task\.py there"):
        rescore(tmp_path / "out")


def test_runs_of_two_versions_of_a_task_file_are_not_compared(
    tiny: TinyModel, tmp_path: Path
) -> None:
    for name, metric in (("a", "letter"), ("b", "boxed")):
        content = COLOURS.replace("metric: letter", f"metric: {metric}")
        prepare(str(task_file(tmp_path, content)), None, tmp_path / name)
        bench(tiny.folder, tmp_path / name, tmp_path / f"run-{name}", max_new_tokens=2)
    with pytest.raises(EvalError, match="graded differently: colours@"):
        compare(tmp_path / "run-a", tmp_path / "run-b")
    with pytest.raises(EvalError, match=r"begun with data\.task_file\.sha256"):
        bench(tiny.folder, tmp_path / "b", tmp_path / "run-a", max_new_tokens=2)


def test_the_file_of_rows_can_be_another_one_and_must_be_there(tmp_path: Path) -> None:
    file = task_file(tmp_path)
    files.tsv(tmp_path / "other.tsv", rows(3))
    assert prepare(str(file), tmp_path / "other.tsv", tmp_path / "three").questions == 3
    bare = task_file(tmp_path, COLOURS.replace("  file: rows.tsv\n", "  split: test\n"), "b.yaml")
    with pytest.raises(EvalError, match=r"colours: no rows: pass --data, or source\.file"):
        prepare(str(bare), None, tmp_path / "none")
    assert call("prepare", bare, "--out", tmp_path / "none").exit_code == 2
    assert not (tmp_path / "none").exists()


def test_a_task_file_is_listed_with_its_sizes_and_published_scores(tmp_path: Path) -> None:
    shown = call("list", "--tasks-from", task_file(tmp_path))
    lines = [" ".join(line.split()) for line in shown.stdout.splitlines()]
    at = next(number for number, line in enumerate(lines) if line.startswith("colours "))
    assert lines[at].endswith("; all 6, line 3")
    assert lines[at + 1] == "Qwen2.5-VL-7B: all 61.5 %, a report"


def test_rows_that_are_not_the_whole_task_are_told(tmp_path: Path) -> None:
    prepare(str(task_file(tmp_path)), None, tmp_path / "out")
    replied(tmp_path / "out", "colours", ["A", "B", "C", "A", "B"])
    assert rescore(tmp_path / "out", OWN).tasks[0].guard == (
        "Colours of lines all: 5 items, the published benchmark has 6",
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("metric: letter", "metrik: letter", ":17: metrik: unknown key, expected one of name, "),
        ("metric: letter", "metrik: letter", "; did you mean 'metric'?"),
        ("  options:", "  option:", ":10: columns.option: unknown key, "),
        ("  options:", "  option:", "did you mean 'options'?"),
        ("  file: rows.tsv", "  fil: rows.tsv", ":4: source.fil: unknown key"),
        ("model: Q", "modell: Q", ":20: scores.0.modell: unknown key"),
        ("name: colours", "name: vstar", ":1: name: 'vstar' is a built-in task"),
        ("name: colours", "name: Colours!", ":1: name: found 'Colours!', expected small letters"),
        ("name: colours", "name: no", ":1: name: found False, expected a valid string"),
        ("name: colours\n", "", "name: found None, expected a value: the field is missing"),
        ("form: choice", "form: essay", ":16: form: found 'essay', expected 'choice', 'yes_no'"),
        ("metric: letter", "metric: relaxed", ":17: metric: found 'relaxed', expected for the f"),
        ("{question}", "{qestion}", ":12: prompt: found"),
        ("  {question}", "  {question} {optoins}", "did you mean {options}?"),
        ("  {question}", "  Say", "or a template that holds {question}"),
        ("all: 6", "all: 0", ":18: sizes.all: found 0, expected 1 or more"),
        ("all: 6", "all: six", ":18: sizes.all: found 'six', expected a valid integer"),
        ("score: 61.5", "score: high", ":20: scores.0.score: found 'high', expected a valid n"),
        ("metric: letter", "metric: letter\nclusters: column", "but columns.cluster names none"),
        ("form: choice\nmetric: letter", "form: text\nmetric: exact", ":10: columns.options: te"),
        ("  file: rows.tsv", "  file: rows.tsv\n  hub: a/b", ":5: source.hub: expected one of"),
        ("title: Colours", "title: [", ":3: not YAML: expected"),
        ("title: Colours of lines", "name: twice", ":2: name: is said on line 1 already"),
        ("title: Colours of lines", "title: 2026-01-01", "another value that JSON does not know"),
        ("title: Colours of lines", "title: !!python/name:os.system", ":2: not YAML: could not"),
        ("title: Colours", "\t: Colours", "not YAML"),
    ],
)
def test_a_task_file_that_is_wrong_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in COLOURS
    file = task_file(tmp_path, COLOURS.replace(old, new, 1))
    with pytest.raises(EvalError) as caught:
        read_task(file)
    assert str(caught.value).startswith(str(file))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [("", "found 'None', expected keys"), ("- a\n", "expected keys"), ("a: " + "[" * 1200, "YAML")],
)
def test_a_file_that_declares_nothing_is_refused(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(EvalError, match=said):
        read_task(task_file(tmp_path, content))


def refused(content: bytes) -> str | None:
    try:
        read_yaml(content, "f.yaml")
    except EvalError as error:
        return str(error)
    return None


@given(st.text(max_size=60) | st.binary(max_size=60))
def test_whatever_is_no_yaml_mapping_is_told_in_one_line(content: str | bytes) -> None:
    held = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    told = refused(held)
    assert told is None or (told.startswith("f.yaml") and "\n" not in told)


@pytest.mark.parametrize(
    ("old", "new", "changes", "said"),
    [
        ("", "", {"label": "D"}, "row 1: answer: found 'D', expected A, B, C"),
        ("", "", {"label": ""}, "row 1: answer: found no value, expected one; the row has "),
        ("", "", {"first": "", "second": ""}, "row 1: options: found 1, expected two or more"),
        ("category: kind", "category: king", {}, "no row has a value in the column 'king'"),
        ("category: kind", "weight: kind", {}, "weight: found 'line', expected a number above 0"),
        ("options: [first, second, third]", "options: first", {}, "expected a list of options"),
        ("metric: letter", "metric: letter\nanswer_as: index", {}, "found 'A', expected 0 to 2"),
    ],
)
def test_a_row_that_does_not_fit_the_task_is_named(
    tmp_path: Path, old: str, new: str, changes: files.Cells, said: str
) -> None:
    file = task_file(tmp_path, COLOURS.replace(old, new, 1) if old else COLOURS)
    first, *others = rows()
    files.tsv(tmp_path / "rows.tsv", [{**first, **changes}, *others])
    with pytest.raises(EvalError) as caught:
        prepare(str(file), None, tmp_path / "out")
    assert said in str(caught.value)
    assert not (tmp_path / "out").exists()


# What a task file can say


def declared(folder: Path, lines: str, *cells: files.Cells) -> Path:
    """A prepared folder of a task with the rows' own columns and one picture."""
    folder.mkdir(exist_ok=True)
    file = folder / "t.yaml"
    file.write_text(f"name: t\nprompt: question\n{lines}", encoding="utf-8")
    held = [{"image": {"bytes": None, "path": "a.png"}, **one} for one in cells]
    (folder / "a.png").write_bytes(files.png())
    prepare(str(file), files.jsonl(folder / "rows.jsonl", held), folder / "out")
    return folder / "out"


@pytest.mark.parametrize(
    ("lines", "cells", "answer"),
    [
        ("form: choice\nmetric: letter", {**files.OPTIONS, "answer": "c"}, "C"),
        ("form: choice\nmetric: letter\nanswer_as: index", {**files.OPTIONS, "answer": 2}, "C"),
        ("form: choice\nmetric: letter\nanswer_as: text", {**files.OPTIONS, "answer": "blue"}, "B"),
        (
            "form: choice\nmetric: letter\ncolumns: {options: o}",
            {"o": ["x", "y"], "answer": "B"},
            "B",
        ),
        (
            "form: choice\nmetric: letter\ncolumns: {options: o}",
            {"o": '["x", "y"]', "answer": "B"},
            "B",
        ),
        ("form: yes_no\nmetric: boxed", {"answer": True}, "yes"),
        ("form: yes_no\nmetric: boxed", {"answer": 0}, "no"),
        ("form: number\nmetric: boxed", {"answer": 13}, "13"),
        ("form: number\nmetric: boxed", {"answer": "13.0"}, "13"),
        ("form: text\nmetric: exact", {"answer": " Ring Line "}, "Ring Line"),
    ],
)
def test_answers_come_in_several_forms(
    tmp_path: Path, lines: str, cells: files.Cells, answer: str
) -> None:
    folder = declared(tmp_path, lines, {"question": "?", **cells})
    assert items(folder)[0].answer == answer
    assert items(folder)[0].id == asked(folder)[0].id == "t:1"


def test_clusters_are_pictures_questions_or_a_column(tmp_path: Path) -> None:
    found: dict[str, int] = {}
    for clusters in ("picture", "question", "itself", "column"):
        more = "columns: {cluster: city}" if clusters == "column" else ""
        folder = declared(
            tmp_path / clusters,
            f"form: text\nmetric: exact\nclusters: {clusters}\n{more}",
            *({"question": f"{n // 2}", "city": n // 3, "answer": "x"} for n in range(6)),
        )
        found[clusters] = len({item.cluster for item in items(folder)})
    assert found == {"picture": 1, "question": 3, "itself": 1, "column": 2}


def test_a_limit_keeps_the_orders_of_one_question_together(tmp_path: Path) -> None:
    for clusters, kept in (("question", 1), ("itself", 3)):
        folder = declared(
            tmp_path / clusters,
            f"form: text\nmetric: exact\nclusters: {clusters}",
            *({"question": f"{n % 5}", "answer": "x"} for n in range(15)),
        )
        found = load_dataset(folder, limit=3).questions
        assert (len(found), len({question.question for question in found})) == (3, kept)


def test_weights_make_the_quoted_number(tmp_path: Path) -> None:
    folder = declared(
        tmp_path,
        "form: text\nmetric: exact\ncolumns: {weight: w, category: kind, leaf: part}",
        {"question": "?", "answer": "a", "w": 3, "kind": "x", "part": "p"},
        {"question": "?", "answer": "b", "w": 1, "kind": "y", "part": "q"},
    )
    task = carried_task(folder)
    assert task is not None
    one, other = items(folder)
    found = task.benchmark.measures([Scored(one, right=True), Scored(other, right=False)])
    assert {measure.name: measure.value for measure in found} == {
        "all": 0.75,
        "x": 1.0,
        "y": 0.0,
        "all, not weighted": 0.5,
        "x / p": 1.0,
        "y / q": 0.0,
    }


@pytest.mark.parametrize(
    ("form", "metric", "answer", "reply", "value", "right"),
    [
        ("choice", "letter", "B", "The answer is B.", "B", True),
        ("choice", "exact", "B", "The answer is B.", "The answer is B.", False),
        ("choice", "exact", "B", " b ", "b", True),
        ("choice", "boxed", "B", "\\boxed{B}", "B", True),
        ("choice", "official", "A", "a man", "A", True),
        ("text", "exact", "Ring Line", "ring line", "ring line", True),
        ("text", "exact", "Ring Line", "ring line.", "ring line.", False),
        ("text", "boxed", "Ring Line", "\\boxed{ring line}", "ring line", True),
        ("text", "relaxed", "100", "105", "105", True),
        ("text", "relaxed", "100", "105.1", "105.1", False),
        ("number", "relaxed", "20", "20.5", "20.5", True),
        ("number", "boxed", "20", "\\boxed{20}", "20", True),
        ("number", "official", "20", "The answer is 20.", "20", True),
        ("number", "exact", "20", "", None, False),
        ("yes_no", "boxed", "yes", "\\boxed{\\text{Yes}}", "yes", True),
        ("yes_no", "official", "yes", "\\boxed{\\text{Yes}}", None, False),
        ("yes_no", "vlmevalkit-e8e78f05", "no", "The answer is n", "no", True),
    ],
)
def test_replies_are_read_as_the_metric_says(
    form: Form, metric: str, answer: str, reply: str, value: str | None, *, right: bool
) -> None:
    item = Item(
        id="1",
        task="t",
        form=form,
        answer=answer,
        options=dict(files.OPTIONS) if form == "choice" else {},
    )
    protocol = metrics_of(form)[metric]
    found = protocol.read(item, reply)
    assert found.value == value
    assert (found.value is not None and protocol.right(item, found.value)) == right


@pytest.mark.parametrize(
    ("template", "form", "prompt"),
    [
        ("question", "text", "Which?"),
        ("lmms-eval", "text", "Which?\nAnswer the question with a single word."),
        ("vlmevalkit", "text", "Which?\nAnswer the question using a single word or phrase."),
        (
            "vlmevalkit",
            "choice",
            "Hint: Look.\nQuestion: Which?\nOptions:\nA. red\nB. blue\n"
            "Please select the correct answer from the options above. \n",
        ),
        (
            "lmms-eval",
            "choice",
            "Which?\nA. red\nB. blue\n"
            "Answer with the option's letter from the given choices directly.",
        ),
        ("{question} Put it in \\boxed{}.", "number", "Which? Put it in \\boxed{}."),
        ("{{question}} {question}", "text", "{question} Which?"),
        ("{column:city}: {question} ({category}/{leaf})", "text", "Rome: Which? (map/x)"),
        ("{question}{column:nothing}", "text", "Which?"),
    ],
)
def test_prompts_are_those_of_a_harness_or_a_template(
    template: str, form: Form, prompt: str
) -> None:
    texts = {"question": "Which?", "hint": "Look.", "category": "map", "leaf": "x", "index": "1"}
    options = {"A": "red", "B": "blue"}
    assert prompt_of(template, form)(Asked(texts, options, {"city": "Rome"})) == prompt


def test_what_stands_in_a_row_is_not_filled_in_again() -> None:
    texts = {**dict.fromkeys(("hint", "category", "leaf", "index"), ""), "question": "{options}"}
    assert prompt_of("{question}", "choice")(Asked(texts, {"A": "red"}, {})) == "{options}"


# A task of one Python file


def shapes(folder: Path) -> tuple[Path, Path]:
    """The task file, and a folder that was prepared by it."""
    file = task_file(folder, SHAPES, "shapes.py")
    prepare(str(file), folder / "rows.tsv", folder / "out")
    replied(folder / "out", "shapes", ["so A", "so B", "", "so B", "so B", "so C"])
    return file, folder / "out"


def test_the_code_in_a_prepared_folder_runs_only_if_it_is_passed_or_trusted(
    tiny: TinyModel, tmp_path: Path
) -> None:
    file, folder = shapes(tmp_path)
    (tmp_path / "ran").unlink()
    with pytest.raises(EvalError, match=r"task\.py: is code, and is run only if you pass the same"):
        rescore(folder)
    with pytest.raises(EvalError, match=r"or trust the folder's own by --trust-task-code"):
        bench(tiny.folder, folder, tmp_path / "run")
    refused = call("rescore", folder)
    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
    assert load_dataset(folder, tasks=["shapes"]).own == "shapes"
    assert not (tmp_path / "ran").exists()
    assert not (folder / "ran").exists()
    assert not (tmp_path / "run").exists()

    passed = json.loads(call("rescore", folder, "--tasks-from", file, "--format", "json").stdout)
    trusted = json.loads(call("rescore", folder, "--trust-task-code", "--format", "json").stdout)
    assert passed == trusted
    assert (folder / "ran").exists()  # by the second
    assert passed["tasks"][0]["readings"][0]["measures"]["all"] == pytest.approx(4 / 6)
    assert passed["tasks"][0]["readings"][0]["unparsed"] == pytest.approx(1 / 6)


def test_another_version_of_the_code_is_not_taken_for_the_folders_own(tmp_path: Path) -> None:
    file, folder = shapes(tmp_path)
    file.write_text(SHAPES.replace("reply[-1]", "reply[0]"))
    with pytest.raises(EvalError, match="was made with another version of the task file"):
        rescore(folder, trust=Trust((read_task(file),)))
    other = task_file(tmp_path, SHAPES.replace('"shapes"', '"others"'), "other.py")
    with pytest.raises(EvalError, match="is code"):
        rescore(folder, trust=Trust((read_task(other),)))


def test_a_python_task_is_asked_and_graded_by_its_own_protocol(
    tiny: TinyModel, tmp_path: Path
) -> None:
    file, folder = shapes(tmp_path)
    job = checked_job(
        tiny.folder, load_dataset(folder), Settings(), tmp_path / "run", Trust((read_task(file),))
    )
    assert job.own is not None
    assert job.own.record()["defined_as"] == "ONE"
    report = bench(tiny.folder, folder, tmp_path / "run", max_new_tokens=2, tasks_from=[file])
    assert [(one.name, one.n) for one in report.types] == [("shapes", 6)]
    assert report.reward_version == job.own.version
    assert (tmp_path / "run" / "task.py").read_bytes() == SHAPES.encode()
    with pytest.raises(EvalError, match="is code"):
        rescore(tmp_path / "run")
    assert rescore(tmp_path / "run", OWN, trust=Trust(code=True)).tasks[0].task == "shapes"
    assert compare(tmp_path / "run", tmp_path / "run").row("shapes").difference == 0
    refused = call("noise", tmp_path / "run")
    assert (refused.exit_code, "is code" in refused.stderr) == (1, True)
    assert call("noise", tmp_path / "run", "--trust-task-code").exit_code == 0
    assert json.loads((tmp_path / "run" / "noise.json").read_bytes())["n"] == 6


def test_a_suite_runs_the_code_that_was_passed_and_no_other(
    tiny: TinyModel, tmp_path: Path
) -> None:
    file, folder = shapes(tmp_path)
    folder.rename(tmp_path / "shapes")
    prepare(str(task_file(tmp_path)), None, tmp_path / "data" / "colours")
    (tmp_path / "shapes").rename(tmp_path / "data" / "shapes")
    chosen = ["colours", "shapes"]

    def failed(out: str, **trust: Any) -> list[tuple[str, str]]:  # noqa: ANN401
        made = bench_suite(
            [tiny.folder],
            tmp_path / "data",
            tmp_path / out,
            tasks=chosen,
            max_new_tokens=1,
            **trust,
        )
        return [(one.task, one.reason) for one in made.failures]

    ((task, reason),) = failed("a")
    assert (task, "is code, and is run only if you pass" in reason) == ("shapes", True)
    assert failed("a", tasks_from=[file]) == []
    assert failed("b", trust_task_code=True) == []
    assert (tmp_path / "b" / "shapes" / "report.json").is_file()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("def read(item", "def read(item item", "shapes.py:17: SyntaxError: "),
        ("from pathlib", "from pathlibb", "shapes.py:1: ModuleNotFoundError: No module named"),
        ("protocol=Protocol(read),", "", "ONE: protocol: found None, expected a Protocol(read"),
        ('name="shapes"', 'name="vstar"', "ONE: 'vstar' is a built-in task"),
        ("ONE = Benchmark(", "ONE = dict(", "defines none, expected one Benchmark: NAME ="),
        ("Path(__file__)", "raise SystemExit(3)\nPath(__file__)", "shapes.py:8: SystemExit: 3"),
    ],
)
def test_a_python_file_that_defines_no_task_is_told(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    file = task_file(tmp_path, SHAPES.replace(old, new, 1), "shapes.py")
    with pytest.raises(EvalError) as caught:
        read_task(file)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('row.text("label")', "row.label", "shapes.py:12: AttributeError: 'Row' object has no"),
        ("return [Entry(asked, item)]", "return None", "entries: found 'None', expected Sequence"),
    ],
)
def test_a_python_task_that_fails_on_a_row_is_told_in_one_line(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    file = task_file(tmp_path, SHAPES.replace(old, new, 1), "shapes.py")
    with pytest.raises(EvalError) as caught:
        prepare(str(file), tmp_path / "rows.tsv", tmp_path / "out")
    assert said in str(caught.value)


def test_of_several_benchmarks_in_a_file_one_is_named(tmp_path: Path) -> None:
    file = task_file(tmp_path, f"{SHAPES}\nTWO = ONE\n", "shapes.py")
    with pytest.raises(EvalError, match=r"defines ONE, TWO, expected one Benchmark; name one as"):
        read_task(file)
    assert read_task(f"{file}:TWO").defined_as == "TWO"
    with pytest.raises(EvalError, match="no Benchmark named THREE; it defines ONE, TWO"):
        read_task(f"{file}:THREE")


def test_a_source_that_names_a_file_elsewhere_is_not_followed(tmp_path: Path) -> None:
    _, folder = shapes(tmp_path)
    told = json.loads((folder / "source.json").read_bytes())
    told["task_file"]["file"] = "../shapes.py"
    (folder / "source.json").write_text(json.dumps(told))
    with pytest.raises(EvalError, match=r"no task\.yaml or task\.py there"):
        carried_task(folder, Trust(code=True))


def test_a_folder_of_a_built_in_benchmark_carries_no_task(tmp_path: Path) -> None:
    source = files.tsv(tmp_path / "rows.tsv", files.vstar())
    prepare("vstar", source, tmp_path / "out", any_version=True)
    assert carried_task(tmp_path / "out", NO_TRUST) is None
    assert own_name(tmp_path / "out") == ""
    task: OwnTask = read_task(task_file(tmp_path))
    assert carried_task(tmp_path / "out", Trust((task,))) is None


# The page that describes all this

PAGE = Path(__file__).parents[3] / "docs" / "eval-tasks.md"


@pytest.mark.skipif(not PAGE.is_file(), reason="docs/ is not beside this package")
def test_the_task_files_of_the_documentation_can_be_used(tmp_path: Path) -> None:
    text = PAGE.read_text("utf-8")
    blocks = dict(re.findall(r"```(yaml|python)\n(.*?)```", text, re.DOTALL))
    task = read_task(task_file(tmp_path, blocks["yaml"]))
    assert (task.name, task.benchmark.sizes["line"]) == ("colours", 300)
    prepare(task, None, tmp_path / "yaml")
    assert asked(tmp_path / "yaml")[0].question.endswith("C. green\nAnswer with the letter.")
    file = task_file(tmp_path, blocks["python"], "shapes.py")
    prepare(str(file), tmp_path / "rows.tsv", tmp_path / "python")
    replied(tmp_path / "python", "shapes", ["It is Apple", "b", "x y", "", "B", "C"])
    found = rescore(tmp_path / "python", OWN, trust=Trust((read_task(file),))).tasks[0].readings[0]
    assert (found.measures["all"], found.unparsed) == (4 / 6, 1 / 6)
