from __future__ import annotations

import csv
import json
import random
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browser import EVIL, in_browser, in_chromium
from typer.testing import CliRunner, Result

from rm_eval import EvalError
from rm_eval.cli import app
from rm_eval.item import Item
from rm_eval.journal import Batch
from rm_eval.leaderboard import Board, latex, leaderboard, markdown, page, table_csv, table_json
from rm_eval.manifest import Data, Manifest, Model, Settings
from rm_eval.samples import read_samples
from rm_rewards import Completion, Question, Reward, jsonl
from rm_rewards.command_line import printable

SIX = ("seedbench2-plus", "spatialeval", "vstar", "hrbench-4k", "chartqa", "mmstar")


def write_run(
    folder: Path,
    task: str,
    right: Sequence[bool],
    *,
    weights: str = "a",
    model: str = "/models/base",
    clusters: int = 0,
    category: str = "map",
    limit: int | None = None,
    fingerprint: str = "f",
    **changes: Any,  # noqa: ANN401 - of `Settings`
) -> Path:
    """A run on a general benchmark as `bench` leaves it, with these answers right."""
    folder.mkdir(parents=True)
    ids = [f"{task}:{place}" for place in range(len(right))]
    questions = [Question(id=one, type=task, question=f"{one}?") for one in ids]
    items = [
        Item(
            id=one,
            task=task,
            form="choice",
            answer="A",
            options={"A": "yes", "B": "no"},
            category=category,
            cluster=f"c{place % clusters}" if clusters else one,
        )
        for place, one in enumerate(ids)
    ]
    jsonl.write(questions, folder / "questions.jsonl")
    jsonl.write(items, folder / "items.jsonl")
    replies = [Completion(question_id=one, text="A", tokens=1) for one in ids]
    jsonl.write(replies, folder / "completions.jsonl")
    jsonl.write([Batch(questions=len(ids), seconds=1.0)], folder / "batches.jsonl")
    rewards = [
        Reward(
            question_id=one,
            total=float(good),
            format=0.0,
            correctness=float(good),
            detail=0.0,
            weight=1.0,
            correct=good,
            accuracy=float(good),
            parsed="A",
            reward_version="vlmevalkit-b862cf76",
        )
        for one, good in zip(ids, right, strict=True)
    ]
    jsonl.write(rewards, folder / "rewards.jsonl")
    Manifest(
        model=Model(
            path=model,
            weights={"model.safetensors": weights} if weights else {},
            files={},
            repetition_penalty=1.0,
        ),
        data=Data(file="q", questions=len(ids), fingerprint=fingerprint, pictures="p"),
        settings=Settings(limit=limit, **changes),
        reward_version="vlmevalkit-b862cf76",
        versions={"transformers": "5.17"},
    ).write(folder)
    return folder


def answers(n: int, share: float, seed: int = 0) -> list[bool]:
    """So many right answers of n, at random places."""
    right = [place < round(share * n) for place in range(n)]
    random.Random(seed).shuffle(right)
    return right


def test_runs_of_one_model_stand_in_one_row(tmp_path: Path) -> None:
    for weights in "ab":
        for task in ("vstar", "chartqa"):
            write_run(tmp_path / f"{weights}-{task}", task, answers(20, 0.5), weights=weights)
    board = leaderboard([tmp_path])
    assert board.columns == ("vstar", "chartqa")
    assert [set(row.cells) for row in board.rows] == [{"vstar", "chartqa"}] * 2
    assert len({row.model for row in board.rows}) == 2
    assert {Path(cell.run).name for cell in board.rows[0].cells.values()} in (
        {"a-vstar", "a-chartqa"},
        {"b-vstar", "b-chartqa"},
    )


def test_models_change_places_only_where_a_test_tells_them_apart(tmp_path: Path) -> None:
    """Six more right answers are p = 0.03 alone, but not among three pairs."""
    for right in (60, 54, 48):
        run = [place < right for place in range(100)]
        write_run(tmp_path / str(right), "chartqa", run, weights=str(right), model=f"m{right}")
    board = leaderboard([tmp_path])
    assert [(row.name, str(row.rank)) for row in board.rows] == [
        ("m60", "1-2"),
        ("m54", "1-3"),
        ("m48", "2-3"),
    ]
    assert board.rows[0].cells["chartqa"].tied == ("m54",)
    two = leaderboard([tmp_path / "60", tmp_path / "54"])
    assert [str(row.rank) for row in two.rows] == ["1", "2"]


def test_ranks_count_whole_clusters(tmp_path: Path) -> None:
    for right in (60, 40):
        run = [place < right for place in range(100)]
        write_run(tmp_path / str(right), "chartqa", run, weights=str(right), clusters=5)
    assert [str(row.rank) for row in leaderboard([tmp_path]).rows] == ["1-2", "1-2"]


def test_runs_over_other_questions_are_not_ranked_against_each_other(tmp_path: Path) -> None:
    for name, n in (("a", 40), ("b", 40), ("c", 30)):
        right = answers(n, 0.9 if name == "b" else 0.2, seed=3)
        write_run(tmp_path / name, "chartqa", right, weights=name, model=name, limit=n)
    cells = {row.name: row.cells["chartqa"] for row in leaderboard([tmp_path]).rows}
    assert {name: str(cell.rank) for name, cell in cells.items()} == {
        "a": "2",
        "b": "1",
        "c": "None",
    }
    assert cells["a"].warnings == ("40 questions, the published set has 2500", "--limit 40")
    other = "other questions, or graded otherwise, than most runs of this column"
    assert cells["c"].warnings == (
        "30 questions, the published set has 2500",
        "--limit 30",
        other,
    )


def test_pictures_that_differ_make_other_questions(tmp_path: Path) -> None:
    for name in "ab":
        run = write_run(tmp_path / name, "chartqa", answers(20, 0.5), weights=name)
        manifest = json.loads((run / "manifest.json").read_text())
        manifest["data"]["pictures"] = name
        (run / "manifest.json").write_text(json.dumps(manifest))
    assert [row.rank for row in leaderboard([tmp_path]).rows] == [None, None]


def test_a_blind_run_stands_beside_the_run_it_controls(tmp_path: Path) -> None:
    write_run(tmp_path / "run", "vstar", answers(40, 0.75))
    write_run(tmp_path / "blind", "vstar", answers(40, 0.25), blind=True)
    write_run(tmp_path / "other", "vstar", answers(30, 0.5), weights="b", blind=True)
    board = leaderboard([tmp_path])
    (row,) = board.rows
    assert (row.cells["vstar"].value, row.cells["vstar"].blind) == (0.75, 0.25)
    assert board.blind == ("vstar",)
    assert board.left_out == (f"{tmp_path / 'other'}: blind, without the run that it controls",)
    with pytest.raises(EvalError, match="only blind runs there"):
        leaderboard([tmp_path / "blind"])


def test_a_blind_run_over_other_questions_controls_nothing(tmp_path: Path) -> None:
    write_run(tmp_path / "run", "vstar", answers(40, 0.75))
    write_run(tmp_path / "blind", "vstar", answers(30, 0.25), blind=True)
    board = leaderboard([tmp_path])
    assert (board.rows[0].cells["vstar"].blind, board.blind) == (None, ())


def test_the_average_is_that_of_all_six(tmp_path: Path) -> None:
    for place, task in enumerate(SIX):
        write_run(tmp_path / f"a-{task}", task, answers(20, 0.5 + place / 20), model="a")
        if place:
            write_run(tmp_path / f"b-{task}", task, answers(20, 0.9), model="b", weights="b")
    board = leaderboard([tmp_path])
    assert [row.name for row in board.rows] == ["a", "b"]
    assert board.by == "average"
    mean = board.rows[0].average
    assert mean is not None
    assert mean.value == pytest.approx(0.625)
    assert mean.low < 0.625 < mean.high
    assert board.rows[1].average is None
    assert "seedbench2-plus" not in board.columns, "a run over maps alone is no whole benchmark"
    published = {one.name: one.average for one in board.references}
    assert published["Qwen2.5-VL-7B + RewardMap"] == pytest.approx(72.27, abs=0.01)


def test_where_the_published_code_was_asked_it_decides(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", "reasonmap-plus", [True, True, False, False])
    assert leaderboard([run]).rows[0].cells["reasonmap-plus"].graded_by == "vlmevalkit-b862cf76"
    samples = list(read_samples(run))
    told = [replace(one, published_correct=at == 3) for at, one in enumerate(samples)]
    jsonl.write(told, run / "samples.jsonl")
    cell = leaderboard([run]).rows[0].cells["reasonmap-plus"]
    assert (cell.value, cell.graded_by) == (0.25, "the benchmark's published code")
    jsonl.write([*told[:3], samples[3]], run / "samples.jsonl")
    assert leaderboard([run]).rows[0].cells["reasonmap-plus"].value == 0.5


def test_a_whole_column_and_its_maps_are_told_apart(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", "seedbench2-plus", [True, False, False, False])
    items = list(jsonl.read(Item, run / "items.jsonl"))
    charts = [replace(one, category="chart" if at > 1 else "map") for at, one in enumerate(items)]
    jsonl.write(charts, run / "items.jsonl")
    cells = leaderboard([run]).rows[0].cells
    assert {name: (cell.n, cell.value) for name, cell in cells.items()} == {
        "seedbench2-plus": (4, 0.25),
        "seedbench2-plus map": (2, 0.5),
    }


def test_the_orders_of_hrbench_count_alike(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", "hrbench-4k", [True, True, True, False])
    items = list(jsonl.read(Item, run / "items.jsonl"))
    turned = [replace(one, cycle="0" if at < 3 else "1") for at, one in enumerate(items)]
    jsonl.write(turned, run / "items.jsonl")
    assert leaderboard([run]).rows[0].cells["hrbench-4k"].value == pytest.approx(0.5)


def test_two_runs_of_a_model_on_one_benchmark_are_two_rows(tmp_path: Path) -> None:
    write_run(tmp_path / "a", "vstar", answers(20, 0.5), dtype="float32")
    write_run(tmp_path / "b", "vstar", answers(20, 0.75), dtype="bfloat16")
    write_run(tmp_path / "c", "vstar", answers(20, 0.6), dtype="float32", weights="c", model="c")
    rows = {row.name: row for row in leaderboard([tmp_path]).rows}
    assert list(rows) == ["base (2)", "c", "base (1)"]
    told = {
        name: [(s.name, s.value, s.unusual) for s in row.settings] for name, row in rows.items()
    }
    assert told == {
        "base (1)": [("dtype", "float32", False)],
        "base (2)": [("dtype", "bfloat16", True)],
        "c": [("dtype", "float32", False)],
    }


def test_models_are_called_by_the_shortest_end_that_tells_them_apart(tmp_path: Path) -> None:
    paths = ("/runs/sft/final", "/runs/rl/final", "/models/base", "/models/base")
    for place, path in enumerate(paths):
        run = tmp_path / str(place)
        write_run(run, "vstar", answers(20, 0.9 - place / 5), weights=str(place), model=path)
    names = [row.name for row in leaderboard([tmp_path]).rows]
    assert names[:2] == ["sft/final", "rl/final"]
    assert names[2].startswith("base ")
    assert len(set(names)) == 4


@pytest.fixture
def board(tmp_path: Path) -> Board:
    """Three models, one with a name that nobody would choose."""
    names = {"a": "=cmd|' !C calc'!A0 & 50_% #1", "b": f"m|{EVIL.replace('/', '')}", "c": "gpt"}
    for place, (weights, name) in enumerate(names.items()):
        write_run(
            tmp_path / "runs" / f"{weights}<i>",
            "vstar",
            answers(191, 0.9 - place / 4, seed=place),
            weights="" if weights == "c" else weights,
            model=name,
            backend="openai" if weights == "c" else "transformers",
        )
    write_run(tmp_path / "runs/blind", "vstar", answers(191, 0.3), model="b", blind=True)
    unfinished = write_run(tmp_path / "runs/half", "vstar", answers(191, 0.3), weights="d")
    (unfinished / "rewards.jsonl").unlink()
    return leaderboard([tmp_path / "runs"])


def test_csv_json_latex_and_markdown_hold_the_same_table(board: Board) -> None:
    rows = list(csv.DictReader(table_csv(board).splitlines()))
    own = [row for row in rows if row["kind"] == "measured"]
    values = [row.cells["vstar"].value for row in board.rows]
    assert [float(row["vstar"]) for row in own] == values
    assert [one["cells"]["vstar"]["value"] for one in json.loads(table_json(board))["rows"]] == (
        values
    )
    for text in (markdown(board), latex(board)):
        for row in own:
            low, high = float(row["vstar low"]), float(row["vstar high"])
            told = f"{100 * float(row['vstar']):.1f} [{100 * low:.1f}, {100 * high:.1f}]"
            assert text.count(told) == 1
    published = {row["model"]: row["vstar"] for row in rows if row["kind"] == "published"}
    assert float(published["Qwen2.5-VL-7B + RewardMap"]) == pytest.approx(0.801)


def test_names_act_in_no_form(board: Board) -> None:
    cells = [cell for row in csv.reader(table_csv(board).splitlines()) for cell in row]
    assert not any(cell.startswith(("=", "+", "@", "\t", "\r")) for cell in cells)
    assert "'=cmd|" in table_csv(board)
    assert r"A0 \& 50\_\% \#1" in latex(board)
    table = [line for line in markdown(board).splitlines() if line.startswith("| ")]
    assert {len(re.split(r"(?<!\\)\|", line)) for line in table} == {len(table[0].split("|"))}
    assert "<" not in markdown(board)


@in_chromium
def test_in_a_browser_no_name_can_run(board: Board, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(page(board, {board.rows[0].cells["vstar"].run: "a.html"}))
    script = """
    const texts = [...document.querySelectorAll("#scores th[scope=row]")].map(one => one.innerText);
    const told = [document.querySelectorAll("img, script").length,
      texts.filter(one => one.includes("onerror=")).length,
      [...document.links].map(one => one.getAttribute("href")).join()];
    setTimeout(() => { document.title = [document.title, ...told].join(" "); }, 300);
    """
    assert in_browser(tmp_path / "page.html", tmp_path / "p", script) == "Leaderboard 2 1 a.html"


@in_chromium
def test_in_a_browser_columns_sort_and_rows_are_filtered(board: Board, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(page(board))
    script = """
    const all = [...document.querySelectorAll("#scores tbody tr")][0].parentNode.rows;
    const rows = () => [...all].filter(one => !one.hidden);
    const names = () => rows().map(one => one.cells[0].dataset.value.slice(0, 3));
    const head = text => [...document.querySelectorAll("#scores thead button")]
      .find(one => one.textContent.startsWith(text));
    const set = (id, value) => {
      const box = document.getElementById(id);
      if (box.type === "checkbox") box.checked = value; else box.value = value;
      box.dispatchEvent(new Event("input"));
    };
    const told = [rows().length > 10];
    set("published", false); told.push(names().join());
    head("Model").click(); told.push(names().join());
    head("V*Bench").click(); told.push(names().join(), head("V*Bench").parentNode.ariaSort);
    head("V*Bench").click(); told.push(names().join(), head("V*Bench").parentNode.ariaSort);
    set("find", "GPT"); told.push(names().join(), document.getElementById("count").textContent);
    set("find", ""); set("published", true); head("V*Bench").click();
    const shown = rows().map(one => Number(one.querySelectorAll("td")[1].dataset.value));
    told.push(shown.every((one, at) => at === 0 || !(one > shown[at - 1])));
    document.title = told.join(" ");
    """
    title = in_browser(tmp_path / "page.html", tmp_path / "profile", script)
    count = len(board.rows) + len(board.references)
    assert title == (
        f"true =cm,m|<,gpt =cm,gpt,m|< =cm,m|<,gpt descending gpt,m|<,=cm ascending "
        f"gpt 1 of {count} rows true"
    )


def test_the_page_needs_nothing_beside_it(board: Board) -> None:
    text = page(board)
    assert "default-src 'none'" in text
    assert "unsafe-inline" not in text
    assert not re.search(r"(src|href)=\"|https?://", text)
    assert text.count('scope="row"') == 2 * len(board.rows) + len(board.references)


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["leaderboard", *map(str, arguments)])


def test_the_command_writes_each_form(board: Board, tmp_path: Path) -> None:
    outs = {form: tmp_path / f"out/x.{form}" for form in ("markdown", "csv", "json", "latex")}
    options = [part for form, path in outs.items() for part in (f"--{form}", path)]
    views = tmp_path / "views"
    views.mkdir()
    (views / "a<i>.html").write_text("")
    (views / "runs-b<i>.html").write_text("")
    made = call(tmp_path / "runs", "--out", tmp_path / "page.html", "--views", views, *options)
    assert (made.exit_code, made.stdout) == (0, "")
    assert made.stderr == f"left out: {tmp_path / 'runs/half'}: not finished\n"
    assert outs["csv"].read_text() == table_csv(board)
    links = re.findall(r'href="([^"]+)"', (tmp_path / "page.html").read_text())
    assert sorted(links) == ["views/a%3Ci%3E.html", "views/runs-b%3Ci%3E.html"]
    shown = call(tmp_path / "runs" / "a<i>")
    assert shown.stdout.startswith("| model | rank | V*Bench |\n")


@pytest.mark.parametrize(
    ("place", "status", "said"),
    [
        ("nothing", 1, "nothing: no such folder, expected a run or a folder of runs"),
        ("empty", 1, "empty: no manifest.json in it or below it, expected a run"),
        ("half", 1, "half: the run is not finished; go on with rm-eval bench"),
        ("broken", 1, "broken: line 2: questions.jsonl, completions.jsonl and rewards.jsonl do"),
    ],
)
def test_what_is_no_finished_run_is_named(
    tmp_path: Path, place: str, status: int, said: str
) -> None:
    (tmp_path / "empty").mkdir()
    (write_run(tmp_path / "half", "vstar", [True]) / "rewards.jsonl").unlink()
    rewards = write_run(tmp_path / "broken", "vstar", [True, False]) / "rewards.jsonl"
    rewards.write_text(rewards.read_text().splitlines(keepends=True)[0])
    made = call(tmp_path / place, "--out", tmp_path / "page.html")
    assert (made.exit_code, made.stderr.count("\n")) == (status, 1)
    assert f"{tmp_path}/{said}" in made.stderr
    assert not (tmp_path / "page.html").exists()


def test_a_terminal_is_shown_no_escape_sequence(tmp_path: Path) -> None:
    name = "red\x1b[31m\u202etxt\x07"
    write_run(tmp_path / "run", "vstar", [True], model=name)
    shown = call(tmp_path / "run").stdout
    assert "red\\x1b[31m\\u202etxt\\x07" in shown
    assert printable("站台 é\tα\n") == "站台 é\tα\n"
