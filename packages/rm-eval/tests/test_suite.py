from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import benchmark_files as files
import pytest
from chat_server import NAME, ChatServer, Fault, Script

from rm_eval import EvalError, Server, Standing, SuiteReport, bench_suite, compare, load_policy
from rm_eval.preparing import prepare
from rm_eval.suite import Failure, holds_sets, planned
from rm_rewards import Completion, Question, jsonl

if TYPE_CHECKING:
    from conftest import Maps, TinyModel

COMMAND: Final = Path(sys.executable).parent / "rm-eval"
SIZES: Final = {
    "seedbench2-plus": 6,
    "spatialeval": 4,
    "vstar": 5,
    "hrbench-4k": 8,
    "chartqa": 3,
    "mmstar": 7,
}


class AlwaysA(dict[tuple[int, ...], int | str]):
    """Whatever the picture shows, the answer is A."""

    def __missing__(self, colour: tuple[int, ...]) -> str:
        return "A"


@pytest.fixture
def script() -> Script:
    return Script(colours=AlwaysA())


@pytest.fixture
def server(script: Script) -> Generator[ChatServer]:
    with ChatServer(script) as started:
        yield started
        started.shutdown()


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The six benchmarks, and ReasonMap-Plus, prepared from small files of their schemas."""
    folder = tmp_path_factory.mktemp("six")
    made = {
        "seedbench2-plus": files.seed(),
        "spatialeval": files.spatialeval(),
        "vstar": files.vstar(),
        "hrbench-4k": files.hrbench(),
        "chartqa": files.chartqa(),
        "mmstar": files.mmstar(),
    }
    for task, rows in made.items():
        source = files.tsv(folder / f"{task}.tsv", rows)
        prepare(task, source, folder / "data" / task, any_version=True)
    plus = folder / "rows"
    (plus / "maps/china").mkdir(parents=True)
    (plus / "maps/china/beijing.png").write_bytes(files.png(1))
    source = files.jsonl(plus / "plus.jsonl", files.plus())
    prepare("reasonmap-plus", source, folder / "data" / "plus")
    return folder / "data"


def sets_of(maps: Maps, **counts: int) -> Path:
    """Folders of questions, each question with a text of its own."""
    place = maps.folder.parent / "sets"
    for name, count in counts.items():
        there = type(maps)(place / name)
        rows = [
            there.row(i, i % 4 + 1, id=f"{name}{i}", question=f"How many, {name} {i}?")
            for i in range(count)
        ]
        there.write(rows)
    return place


def suite(server: ChatServer, data: Path, out: Path, *models: str, **changes: Any) -> SuiteReport:  # noqa: ANN401
    options: dict[str, Any] = {"max_new_tokens": 20, "batch_size": 4, **changes}
    asked = Server(base_url=server.base_url, retries=0, timeout_s=60.0)
    return bench_suite(models or (NAME,), data, out, backend="openai", server=asked, **options)


def ids(folder: Path) -> list[str]:
    return [one.question_id for one in jsonl.read(Completion, folder / "completions.jsonl")]


def test_the_six_benchmarks_are_measured_in_one_call_with_their_mean(
    server: ChatServer, script: Script, six: Path, tmp_path: Path
) -> None:
    report = suite(server, six, tmp_path, tasks=["six", "reasonmap-plus"])

    assert [(row.task, row.benchmark, row.n) for row in report.rows] == [
        ("plus", "ReasonMap-Plus", 5),
        ("seedbench2-plus", "SEED-Bench-2-Plus", 6),
        ("seedbench2-plus", "SEED-Bench-2-Plus, map", 2),
        ("spatialeval", "SpatialEval", 4),
        ("vstar", "V*Bench", 5),
        ("hrbench-4k", "HR-Bench 4K", 8),
        ("chartqa", "ChartQA", 3),
        ("mmstar", "MMStar", 7),
    ]
    # right is the A of 0, 4, 8 ...: of the maps 4 out of 1, 4
    assert [row.accuracy for row in report.rows] == pytest.approx(
        [0, 2 / 6, 1 / 2, 1 / 4, 2 / 5, 2 / 8, 0, 2 / 7]
    )
    assert [row.weighted for row in report.rows] == [0.0, *[None] * 7]
    mean = (1 / 2 + 1 / 4 + 2 / 5 + 1 / 4 + 0 + 2 / 7) / 6
    assert report.averages[NAME].value == pytest.approx(mean)
    assert report.failures == ()
    assert (script.opened, len(script.asked)) == (1, 5 + sum(SIZES.values()))
    assert (report.tokens.prompt, report.tokens.new) == (38 * 40, 38 * 10)

    page = (tmp_path / "report.md").read_text("utf-8")
    assert page == report.markdown()
    assert f"| {NAME} | seedbench2-plus | SEED-Bench-2-Plus | 6 | 33.3 |  |" in page
    assert f"| {NAME} | {100 * mean:.2f} |" in page
    assert f"- {NAME} vstar, V*Bench: 5 questions, the published set has 191\n" in page
    assert json.loads((tmp_path / "report.json").read_text("utf-8"))["rows"][0]["n"] == 5
    for task, count in SIZES.items():
        assert len(set(ids(tmp_path / task))) == count
        assert (tmp_path / task / "report.md").is_file()


def test_without_all_six_there_is_no_mean(server: ChatServer, six: Path, tmp_path: Path) -> None:
    report = suite(server, six, tmp_path, tasks=["vstar", "mmstar"], limit=0.5)
    assert [(row.task, row.n) for row in report.rows] == [("vstar", 2), ("mmstar", 4)]
    assert report.averages == {}
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        *("mmstar", "report.json", "report.md", "vstar"),
    ]


def test_several_models_have_folders_that_can_be_compared(
    server: ChatServer, script: Script, six: Path, tmp_path: Path
) -> None:
    script.names = ("base", "tuned")
    report = suite(server, six, tmp_path, *script.names, tasks=["vstar", "chartqa"])
    assert [(row.model, row.task) for row in report.rows] == [
        *(("base", "vstar"), ("base", "chartqa"), ("tuned", "vstar"), ("tuned", "chartqa")),
    ]
    assert script.opened == 2
    found = compare(tmp_path / "base", tmp_path / "tuned")
    assert (found.runs, found.row("all").scores[1].n) == (("base", "tuned"), 8)


def test_a_run_that_fails_leaves_the_others_and_goes_on_once_it_is_mended(
    server: ChatServer, script: Script, maps: Maps, tmp_path: Path
) -> None:
    data, out = sets_of(maps, a=3, b=3, c=3), tmp_path / "out"
    (data / "b" / "maps" / "2.png").rename(data / "b" / "gone.png")
    script.faults = {"How many, c 1?": [Fault(400)]}
    told: list[str] = []

    def tell(failure: Failure) -> None:
        told.append(f"{failure.task}: {failure.reason}")

    report = suite(server, data, out, on_failure=tell)

    assert [row.task for row in report.rows] == ["a"]
    assert [one.task for one in report.failures] == ["b", "c"]
    assert told[0].startswith(f"b: {data / 'b' / 'questions.jsonl'}: question 'b1': figure: ")
    assert told[1].startswith("c: question 'c1': ")
    assert "| b | | | failed |" in report.markdown()
    assert f"- {NAME} b: failed: {report.failures[0].reason}\n" in report.markdown()
    assert not (out / "b").exists()

    (data / "b" / "gone.png").rename(data / "b" / "maps" / "2.png")
    before = len(script.asked)
    again = suite(server, data, out)
    assert [row.task for row in again.rows] == ["a", "b", "c"]
    assert len(script.asked) - before == 3 + 2  # all of b, what was left of c
    assert [ids(out / name) for name in "abc"] == [[f"{n}{i}" for i in range(3)] for n in "abc"]


def command(server: ChatServer, data: Path, out: Path, *more: str) -> list[str]:
    asked = ("--backend", "openai", "--base-url", server.base_url, "--max-new-tokens", "20")
    named = ("--model", NAME, "--data", str(data), "--out", str(out))
    return [str(COMMAND), "bench", *named, *asked, "--batch-size", "1", *more]


def killed_at(script: Script, text: str, call: list[str]) -> None:
    """Run the command, and kill it when the server has been asked that and does not answer."""
    script.faults = {text: [Fault(500, wait_s=60.0)]}
    begun = len(script.asked)
    running = subprocess.Popen(call, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while text not in script.asked[begun:] and running.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    running.kill()
    assert running.wait() == -signal.SIGKILL
    script.faults = {}


def test_a_killed_suite_goes_on_with_nothing_lost_or_doubled(
    server: ChatServer, script: Script, maps: Maps, tmp_path: Path
) -> None:
    data, out = sets_of(maps, a=9, b=9, c=9), tmp_path / "out"
    call = command(server, data, out)
    killed_at(script, "How many, a 5?", call)
    assert ids(out / "a") == ["a0", "a1"]  # 4 and 8, of the picture of 0, wait for their turn
    killed_at(script, "How many, b 0?", call)  # between two runs: nothing of the second is there
    assert ids(out / "a") == [f"a{i}" for i in range(9)]
    assert not (out / "b" / "report.json").exists()
    killed_at(script, "How many, c 7?", call)
    ended = subprocess.run(call, capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stderr) == (0, "")
    for name in "abc":
        assert ids(out / name) == [f"{name}{i}" for i in range(9)]
        assert not (out / name / "ahead.jsonl").exists()
    assert len(script.asked) == 27 + 3  # those that it was killed at
    whole = suite(server, data, tmp_path / "whole")
    held = json.loads((out / "report.json").read_text("utf-8"))
    assert [row["accuracy"] for row in held["rows"]] == [row.accuracy for row in whole.rows]
    assert held["tokens"]["prompt"] == 27 * 40


def test_on_the_command_line_a_failed_run_is_one_line_and_exit_1(
    server: ChatServer, maps: Maps, tmp_path: Path
) -> None:
    data = sets_of(maps, a=2, b=2)
    (data / "a" / "questions.jsonl").write_text("{}\n")
    ran = subprocess.run(
        command(server, data, tmp_path / "out", "--limit", "50%"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert ran.stderr.count("\n") == 1
    assert ran.stderr.startswith(f"rm-eval: {NAME} a: {data / 'a' / 'questions.jsonl'}:1: id: ")
    assert f"| {NAME} | b | ReasonMap-Plus | 1 | " in ran.stdout
    assert f"| {NAME} | a | | | failed |" in ran.stdout
    assert ran.stdout == (tmp_path / "out" / "report.md").read_text("utf-8")


def test_on_a_terminal_one_line_is_written_over(
    server: ChatServer, maps: Maps, tmp_path: Path
) -> None:
    data = sets_of(maps, a=3, b=3)
    ours, theirs = pty.openpty()
    ran = subprocess.run(
        command(server, data, tmp_path / "out", "--price-in", "1000", "--price-out", "0"),
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        check=False,
    )
    os.close(theirs)
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    assert ran.returncode == 0
    lines = [part.removesuffix("\x1b[K") for part in shown.replace("\r\n", "\r").split("\r")]
    assert f"{NAME} a: 3 of 3 answered, 120 tokens in, 30 out" in shown
    assert any(line.startswith(f"{NAME} b: 3 of 3") for line in lines)
    assert "cost 0.24" in lines[-2]
    assert shown.endswith("\r\n")


def test_a_model_is_loaded_once_for_all_its_benchmarks(
    tiny: TinyModel, maps: Maps, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads: list[Path] = []

    def load(folder: Path, **settings: Any) -> Any:  # noqa: ANN401
        loads.append(folder)
        return load_policy(folder, **settings)

    monkeypatch.setattr("rm_eval.backends.opening.load_policy", load)
    data, out = sets_of(maps, a=2, b=2), tmp_path / "out"
    standings: list[Standing] = []
    report = bench_suite(
        *([tiny.folder], data, out), max_new_tokens=4, batch_size=1, tell=standings.append
    )
    assert loads == [tiny.folder]
    assert [row.n for row in report.rows] == [2, 2]
    assert report.tokens.visual == 4 * 4
    assert report.tokens.prompt is not None
    label = tiny.folder.name
    assert [(one.name, one.answered, one.total) for one in standings] == [
        *((f"{label} a", 1, 2), (f"{label} a", 2, 2), (f"{label} b", 1, 2), (f"{label} b", 2, 2)),
    ]
    bench_suite([tiny.folder], data, out, max_new_tokens=4, batch_size=1)
    assert loads == [tiny.folder]  # everything is answered: nothing to load


def test_one_budget_holds_for_all_runs_and_can_be_raised(
    server: ChatServer, script: Script, maps: Maps, tmp_path: Path
) -> None:
    data, out = sets_of(maps, a=4, b=4, c=4), tmp_path / "out"
    # a question costs 0.4 + 0.1; at worst, with a reply of 20 tokens, 0.4 + 0.2
    prices = {"price_in": 10_000.0, "price_out": 10_000.0}
    report = suite(server, data, out, budget=3.3, **prices)
    assert [row.task for row in report.rows] == ["a"]
    assert [one.task for one in report.failures] == ["b", "c"]
    assert report.failures[0].reason == (
        "budget: 3.0000 of 3.3 spent, and one more question may cost more than is left; 2 of 4 "
        "questions are answered, the same command with a higher --budget goes on"
    )
    assert report.failures[1].reason == "not asked, the budget is spent"
    assert len(script.asked) == 6
    assert not (out / "c").exists()

    again = suite(server, data, out, budget=6.1, **prices)
    assert (again.failures, len(script.asked)) == ((), 12)
    assert again.cost == pytest.approx(6.0)
    assert "- cost 6.0000" in again.markdown()


@pytest.mark.parametrize(
    ("models", "labels"),
    [
        (["ORG/A", "ORG/B"], ["A", "B"]),
        (["runs/x/final", "runs/y/final"], ["x-final", "y-final"]),
        (["gpt:4 o", "../c"], ["gpt_4_o", "c"]),
        (["a/b", "b"], ["a-b", "b"]),
    ],
)
def test_models_are_called_by_the_end_of_their_names(
    maps: Maps, tmp_path: Path, models: list[str], labels: list[str]
) -> None:
    plan = planned(models, sets_of(maps, a=1), tmp_path / "out")
    assert [one.label for one in plan] == labels
    assert [one.out for one in plan] == [tmp_path / "out" / label / "a" for label in labels]
    assert [one.model for one in plan] == models


def test_one_set_may_be_a_file_or_a_folder(maps: Maps, tmp_path: Path) -> None:
    file = maps.write(name="held_out.jsonl")
    folder = sets_of(maps, a=1) / "a"
    for data, task in ((file, "held_out"), (folder, "a"), (folder / "questions.jsonl", "a")):
        assert not holds_sets(data)
        (one,) = planned(["m"], data, tmp_path)
        assert (one.task, one.out, one.data) == (task, tmp_path / task, data)


def test_tasks_choose_among_the_sets(six: Path, tmp_path: Path) -> None:
    plan = planned(["m"], six, tmp_path, ["vstar", "TorF1", "six"])
    assert [(one.task, one.tasks) for one in plan] == [
        ("plus", ("TorF1",)),
        *(("seedbench2-plus", ("six",)), ("spatialeval", ("six",))),
        *(("vstar", ("vstar", "six")), ("hrbench-4k", ("six",))),
        *(("chartqa", ("six",)), ("mmstar", ("six",))),
    ]


def test_what_cannot_be_planned_is_refused(six: Path, tmp_path: Path) -> None:
    with pytest.raises(EvalError, match=r"no question of planning there, found the sets plus, se"):
        planned(["m"], six, tmp_path, ["vstar", "planning"])
    with pytest.raises(EvalError, match="tasks: found 'seven', expected some of"):
        planned(["m"], six, tmp_path, ["seven"])
    with pytest.raises(EvalError, match="models: found 'm' twice, expected each once"):
        planned(["m", "n", "m"], six, tmp_path)
    with pytest.raises(EvalError, match="models: found none"):
        planned([], six, tmp_path)
    run = tmp_path / "run"
    run.mkdir()
    (run / "manifest.json").write_text("{}")
    with pytest.raises(EvalError, match="is the folder of one run, expected one for several"):
        planned(["m", "n"], six, run)


def test_the_questions_of_each_set_stay_whole_under_a_limit(
    server: ChatServer, six: Path, tmp_path: Path
) -> None:
    suite(server, six, tmp_path, tasks=["hrbench-4k"], limit=6)
    kept = list(jsonl.read(Question, tmp_path / "hrbench-4k" / "questions.jsonl"))
    assert len(kept) == 4
    assert len({question.question.partition("?")[0] for question in kept}) == 1
