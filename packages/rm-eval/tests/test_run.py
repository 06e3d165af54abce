from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from rm_eval import EvalError, PolicyError, Report, bench
from rm_eval.report import Spread
from rm_rewards import Completion, Question, RecordError, Reward, jsonl

if TYPE_CHECKING:
    from conftest import Maps, TinyModel

COMMAND = Path(sys.executable).parent / "rm-eval"


def ask(tiny: TinyModel, data: Path, out: Path, **settings: Any) -> Report:  # noqa: ANN401
    chosen: dict[str, Any] = {"batch_size": 4, "max_new_tokens": 16, **settings}
    return bench(tiny.folder, data, out, **chosen)


def texts(out: Path) -> list[tuple[str, str]]:
    found = jsonl.read(Completion, out / "completions.jsonl")
    return [(completion.question_id, completion.text) for completion in found]


def test_a_model_that_reads_the_map_is_measured_as_such(
    tiny: TinyModel, maps: Maps, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    seen: list[tuple[int, int]] = []

    def tell(answered: int, total: int) -> None:
        seen.append((answered, total))

    report = ask(tiny, maps.write(), out, batch_size=5, progress=tell)

    assert seen == [(5, 12), (10, 12), (12, 12)]
    assert texts(out) == [(f"q{i}", f"\\boxed{{{i % 4 + 1}}}") for i in range(12)]
    counting = report.score("Counting2")
    assert (counting.n, counting.correct, report.unparsed, report.truncated) == (12, 8, 0.0, 0.0)
    # places 0 to 7 are right, the weights go 1, 1.5, 2 round and round
    assert counting.sum_of_weights == 18.0
    assert counting.weighted_accuracy == 11.5 / 18.0
    assert report.visual_tokens == Spread(min=4, median=4, max=4)
    assert report.new_tokens == Spread(min=10, median=10, max=10)  # \boxed{3} and end of turn
    assert report.seconds > 0


def test_the_run_folder_tells_what_was_done(tiny: TinyModel, maps: Maps, tmp_path: Path) -> None:
    out = tmp_path / "run"
    maps.write()
    report = ask(tiny, maps.folder, out)

    assert sorted(file.name for file in out.iterdir()) == [
        *("batches.jsonl", "completions.jsonl", "manifest.json", "questions.jsonl"),
        *("report.json", "report.md", "rewards.jsonl", "samples.jsonl"),
    ]
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert list(manifest["model"]["weights"]) == ["model.safetensors"]
    assert len(manifest["model"]["weights"]["model.safetensors"]) == 64
    assert {"config.json", "chat_template.jinja"} <= set(manifest["model"]["files"])
    assert manifest["settings"]["max_new_tokens"] == 16
    assert {"torch", "transformers", "rm-rewards", "python"} <= set(manifest["versions"])
    (sitting,) = manifest["sittings"]
    assert (sitting["dtype"], sitting["attention"]) == ("float32", "sdpa")
    assert json.loads(sitting["generation"])["max_new_tokens"] == 16
    assert {"device", "system"} <= set(sitting)
    rewards = list(jsonl.read(Reward, out / "rewards.jsonl"))
    assert [reward.question_id for reward in rewards] == [f"q{i}" for i in range(12)]
    assert manifest["reward_version"] == rewards[0].reward_version
    for question in jsonl.read(Question, out / "questions.jsonl"):
        assert (out / str(question.figure)).is_file()
    for completion in jsonl.read(Completion, out / "completions.jsonl"):
        assert (completion.finish_reason, completion.tokens) == ("stop", 10)

    page = (out / "report.md").read_text("utf-8")
    assert page == report.markdown()
    assert "| Counting2 | 12 | 8 | 66.7 | 39.1 to 86.2 | 0.0 |" in page
    assert json.loads((out / "report.json").read_text("utf-8"))["types"][0]["correct"] == 8


def test_without_its_pictures_the_model_says_one_thing(
    tiny: TinyModel, maps: Maps, tmp_path: Path
) -> None:
    data = maps.write()
    ask(tiny, data, tmp_path / "seeing")
    report = ask(tiny, data, tmp_path / "blind", blind=True)

    assert report.blind
    assert "blind" in report.markdown()
    assert len({text for _, text in texts(tmp_path / "seeing")}) == 4
    assert len({text for _, text in texts(tmp_path / "blind")}) == 1
    assert report.visual_tokens == Spread(min=4, median=4, max=4)


def test_all_types_are_graded_and_grouped(tiny: TinyModel, maps: Maps, tmp_path: Path) -> None:
    legs = [[{"route_name": "Red", "departure_stop": "A", "arrival_stop": "B"}]]
    rows = [
        maps.row(0, 1),
        maps.row(1, 2, type="TorF1", answer=1),
        maps.row(2, 3, type="Counting3"),
        maps.row(
            *(3, 4),
            type="planning",
            answer=None,
            routes=legs,
            station_1="A",
            station_2="B",
            difficulty_question="hard",
        ),
    ]
    report = ask(tiny, maps.write(rows), tmp_path / "run")

    assert [(score.name, score.n, score.correct) for score in report.types] == [
        *(("TorF1", 1, 0), ("Counting2", 1, 1), ("Counting3", 1, 1), ("planning", 1, 0)),
    ]
    assert [score.name for score in report.groups] == [
        *("ReasonMap-Plus", "ReasonMap-Plus TorF", "ReasonMap-Plus Counting", "ReasonMap planning"),
    ]
    assert report.score("ReasonMap planning").sum_of_weights == 2.0
    assert report.score("TorF1").unparsed == report.score("planning").unparsed == 1.0
    assert report.unparsed == 0.5


def test_the_batch_size_changes_no_reply(tiny: TinyModel, maps: Maps, tmp_path: Path) -> None:
    rows = [
        maps.row(i, i % 4 + 1, question="How many lines?" + " Tell me." * (i % 3)) for i in range(7)
    ]
    data = maps.write(rows)
    for size in (1, 3, 7):
        ask(tiny, data, tmp_path / str(size), batch_size=size)
    assert texts(tmp_path / "1") == texts(tmp_path / "3") == texts(tmp_path / "7")


def test_a_short_limit_cuts_replies_off_and_says_so(
    tiny: TinyModel, maps: Maps, tmp_path: Path
) -> None:
    report = ask(tiny, maps.write(), tmp_path / "run", max_new_tokens=4)
    assert (report.truncated, report.unparsed) == (1.0, 1.0)
    assert report.new_tokens == Spread(min=4, median=4, max=4)
    assert {
        c.finish_reason for c in jsonl.read(Completion, tmp_path / "run/completions.jsonl")
    } == {"length"}


def test_pixel_bounds_set_the_visual_tokens(tiny: TinyModel, maps: Maps, tmp_path: Path) -> None:
    report = ask(tiny, maps.write(), tmp_path / "run", min_pixels=112 * 112, max_pixels=112 * 112)
    assert report.visual_tokens == Spread(min=16, median=16, max=16)


def test_a_finished_run_is_not_asked_again(tiny: TinyModel, maps: Maps, tmp_path: Path) -> None:
    data, out = maps.write(), tmp_path / "run"
    first = ask(tiny, data, out)
    stamp = (out / "completions.jsonl").stat().st_mtime_ns
    (out / "rewards.jsonl").unlink()
    (out / "questions.jsonl").unlink()

    assert ask(tiny, data, out) == first
    assert (out / "completions.jsonl").stat().st_mtime_ns == stamp
    assert (out / "rewards.jsonl").is_file()
    assert (out / "questions.jsonl").is_file()


@pytest.mark.parametrize("lost", [1, 40, 400])
def test_a_cut_run_ends_as_the_whole_one(
    tiny: TinyModel, maps: Maps, tmp_path: Path, lost: int
) -> None:
    data, out = maps.write(), tmp_path / "run"
    whole = ask(tiny, data, out)
    expected = texts(out)
    for file in ("completions.jsonl", "batches.jsonl"):
        content = (out / file).read_bytes()
        (out / file).write_bytes(content[: max(0, len(content) - lost)])

    again = ask(tiny, data, out)

    assert texts(out) == expected
    assert (again.types, again.groups) == (whole.types, whole.groups)


def command(tiny: TinyModel, data: Path, out: Path) -> list[str | Path]:
    return [
        *(COMMAND, "bench", "--model", tiny.folder, "--data", data, "--out", out),
        *("--batch-size", "2", "--max-new-tokens", "16"),
    ]


def wait_for_lines(file: Path, count: int, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        if file.is_file() and file.read_bytes().count(b"\n") >= count:
            return
        time.sleep(0.002)
    pytest.fail(f"{file} never had {count} lines; the run ended with {process.poll()}")


@pytest.fixture
def long_data(maps: Maps) -> Path:
    return maps.write([maps.row(i, i % 4 + 1) for i in range(120)])


def test_a_killed_run_goes_on_with_nothing_lost_or_doubled(
    tiny: TinyModel, long_data: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    running = subprocess.Popen(command(tiny, long_data, out), text=True)
    wait_for_lines(out / "completions.jsonl", 6, running)
    running.kill()
    assert running.wait() == -signal.SIGKILL
    kept = (out / "completions.jsonl").read_bytes()
    assert 6 <= kept.count(b"\n") < 120
    assert not (out / "report.json").exists()

    ended = subprocess.run(
        command(tiny, long_data, out), capture_output=True, text=True, check=False
    )

    assert (ended.returncode, ended.stderr) == (0, "")
    assert "| Counting2 | 120 | 120 | 100.0 |" in ended.stdout
    assert texts(out) == [(f"q{i}", f"\\boxed{{{i % 4 + 1}}}") for i in range(120)]
    whole_batches = b"".join(kept.splitlines(keepends=True)[: kept.count(b"\n") // 2 * 2])
    assert (out / "completions.jsonl").read_bytes().startswith(whole_batches)


def test_ctrl_c_ends_with_130_and_the_way_to_go_on(
    tiny: TinyModel, long_data: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    running = subprocess.Popen(
        command(tiny, long_data, out), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    wait_for_lines(out / "completions.jsonl", 2, running)
    os.kill(running.pid, signal.SIGINT)
    stdout, stderr = running.communicate(timeout=60)

    assert (running.returncode, stdout) == (130, "")
    assert stderr == (
        "rm-eval: interrupted; what was answered is kept, go on with: rm-eval "
        + " ".join(map(str, command(tiny, long_data, out)[1:]))
        + "\n"
    )
    assert ask(tiny, long_data, out, batch_size=2).score("Counting2").correct == 120


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"max_new_tokens": 17}, "settings.max_new_tokens = 16, now it is 17"),
        ({"blind": True}, "settings.blind = False, now it is True"),
        ({"limit": 3}, "data.questions = 12, now it is 3"),
        ({"reward": "sparse"}, "settings.reward = 'rewardmap', now it is 'sparse'"),
    ],
)
def test_a_folder_of_another_run_is_refused(
    tiny: TinyModel, maps: Maps, tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    data, out = maps.write(), tmp_path / "run"
    ask(tiny, data, out)
    before = {file.name: file.read_bytes() for file in out.iterdir()}
    with pytest.raises(EvalError, match="was begun with") as caught:
        ask(tiny, data, out, **change)
    assert said in str(caught.value)
    assert "take another --out" in str(caught.value)
    assert {file.name: file.read_bytes() for file in out.iterdir()} == before


def test_other_weights_are_another_run_but_another_place_is_not(
    tiny: TinyModel, maps: Maps, tmp_path: Path
) -> None:
    data, out = maps.write(), tmp_path / "run"
    ask(tiny, data, out)
    moved = tmp_path / "moved"
    shutil.copytree(tiny.folder, moved)
    bench(moved, data, out, batch_size=4, max_new_tokens=16)

    weights = moved / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    with pytest.raises(EvalError, match=r"model.weights.model.safetensors = "):
        bench(moved, data, out, batch_size=4, max_new_tokens=16)


def test_the_folder_of_the_questions_is_not_written_over(tiny: TinyModel, maps: Maps) -> None:
    data = maps.write()
    before = data.read_bytes()
    with pytest.raises(EvalError, match=r"holds questions\.jsonl but no manifest\.json"):
        ask(tiny, data, maps.folder)
    assert data.read_bytes() == before


def _no_picture(maps: Maps) -> None:
    (maps.folder / "maps" / "2.png").unlink()


def _no_network(maps: Maps) -> None:
    maps.write([maps.row(0, 1, type="planning", answer=None, network="gone.json")])


def _no_answer(maps: Maps) -> None:
    maps.write([maps.row(0, 1, type="Terminals", answer=None)])


@pytest.mark.parametrize(
    ("damage", "error", "said"),
    [
        (_no_picture, EvalError, "question 'q1': figure"),
        (_no_network, RecordError, "gone.json"),
        (_no_answer, RecordError, "Terminals"),
    ],
)
def test_input_that_cannot_be_used_stops_the_run_before_it_begins(
    tiny: TinyModel,
    maps: Maps,
    tmp_path: Path,
    damage: Callable[[Maps], None],
    error: type[Exception],
    said: str,
) -> None:
    data = maps.write()
    damage(maps)
    with pytest.raises(error, match=said):
        ask(tiny, data, tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("settings", "error", "said"),
    [
        ({"batch_size": 0}, EvalError, "batch_size: found 0, expected 1 or more"),
        ({"engines": 0}, EvalError, "engines: found 0, expected 1 or more"),
        ({"backend": "vllm", "device": "cuda:1"}, EvalError, "expected cpu or cuda with vllm"),
        ({"max_new_tokens": 0}, EvalError, "max_new_tokens: found 0"),
        ({"device": "gpu"}, EvalError, "device: found 'gpu', expected cpu, cuda"),
        ({"tasks": ["seven"]}, EvalError, "tasks: found 'seven', expected some of reasonmap-plus"),
        ({"reward": "best"}, RecordError, "reward: found 'best', expected one of"),
        ({"min_pixels": 9999, "max_pixels": 100}, PolicyError, "min_pixels, max_pixels"),
    ],
)
def test_settings_out_of_range_are_named(
    tiny: TinyModel,
    maps: Maps,
    tmp_path: Path,
    settings: dict[str, Any],
    error: type[Exception],
    said: str,
) -> None:
    with pytest.raises(error, match=said):
        ask(tiny, maps.write(), tmp_path / "run", **settings)
    assert not (tmp_path / "run").exists()


def test_a_text_with_a_token_of_the_model_is_refused(
    tiny: TinyModel, maps: Maps, tmp_path: Path
) -> None:
    data = maps.write([maps.row(0, 1), maps.row(1, 2, question="How many? <|image_pad|>")])
    with pytest.raises(EvalError, match=r"question 'q1': question: found '<\|image_pad\|>'"):
        ask(tiny, data, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_picture_that_the_processor_refuses_is_named(
    tiny: TinyModel, maps: Maps, tmp_path: Path
) -> None:
    data = maps.write([maps.row(0, 1)])
    Image.new("RGB", (600, 2)).save(maps.folder / "maps" / "1.png")
    with pytest.raises(EvalError, match=r"questions 'q0': the processor refused them: .*ratio"):
        ask(tiny, data, tmp_path / "run")


@pytest.mark.parametrize("missing", ["config.json", "model.safetensors", "processor_config.json"])
def test_a_broken_model_leaves_no_folder(
    tiny: TinyModel, maps: Maps, tmp_path: Path, missing: str
) -> None:
    shutil.copytree(tiny.folder, tmp_path / "model")
    (tmp_path / "model" / missing).unlink()
    with pytest.raises(PolicyError, match=f"{missing} is missing"):
        bench(tmp_path / "model", maps.write(), tmp_path / "run")
    assert not (tmp_path / "run").exists()
