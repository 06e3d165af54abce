from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import benchmark_files as files
import pytest

from rm_eval import EvalError, bench
from rm_eval.dataset import load_dataset
from rm_eval.preparing import prepare
from rm_eval.samples import read_samples
from rm_rewards import Reward, jsonl

if TYPE_CHECKING:
    from conftest import TinyModel

COMMAND = Path(sys.executable).parent / "rm-eval"


def call(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "RM_EVAL_OFFLINE": "1"},
    )


@pytest.fixture
def ready(tmp_path: Path) -> Path:
    source = files.tsv(tmp_path / "vstar.tsv", files.vstar())
    prepare("vstar", source, tmp_path / "ready", any_version=True)
    return tmp_path / "ready"


def test_a_general_benchmark_is_asked_graded_and_scored_again(
    tiny: TinyModel, ready: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    report = bench(tiny.folder, ready, out, tasks=["six"], max_new_tokens=8, min_pixels=3136)
    assert [(score.name, score.n) for score in report.types] == [("vstar", 5)]
    assert report.reward_version == "vlmevalkit-b862cf76"
    rewards = list(jsonl.read(Reward, out / "rewards.jsonl"))
    assert {reward.reward_version for reward in rewards} == {"vlmevalkit-b862cf76"}

    found = json.loads(call("rescore", out, "--format", "json").stdout)
    readings = {one["extractor"]: one for one in found["tasks"][0]["readings"]}
    assert readings["vlmevalkit-b862cf76"]["measures"]["all"] == report.types[0].accuracy
    again = bench(tiny.folder, ready, out, tasks=["six"], max_new_tokens=8, min_pixels=3136)
    assert again.types == report.types


@pytest.mark.parametrize("blind", [False, True])
def test_text_alone_is_asked_beside_pictures(
    tiny: TinyModel, tmp_path: Path, *, blind: bool
) -> None:
    """A batch holds both; each reply is what the question gets alone."""
    source = files.jsonl(tmp_path / "rows.jsonl", files.spatialeval_as_published())
    prepare("spatialeval", source, tmp_path / "data", prompt="official")
    runs = [tmp_path / "together", tmp_path / "alone"]
    report, _ = (
        bench(tiny.folder, tmp_path / "data", out, max_new_tokens=6, batch_size=size, blind=blind)
        for out, size in zip(runs, (4, 1), strict=True)
    )
    together, alone = [list(read_samples(out)) for out in runs]
    assert [one.reply for one in together] == [one.reply for one in alone]
    assert [one.visual_tokens == 0 for one in together] == [True, True] + [False] * 4
    assert [one.picture_sha256 is None for one in together] == [True, True] + [False] * 4
    found = {number.name: number.n for number in report.benchmark("spatialeval").numbers}
    assert found == {
        "all": 6,
        "mazenav": 6,
        **{f"mazenav / {modality}": 2 for modality in ("tqa", "vqa", "vtqa")},
    }


def test_another_answer_is_another_run(ready: Path) -> None:
    before = load_dataset(ready).fingerprint
    lines = (ready / "items.jsonl").read_text().splitlines()
    item = json.loads(lines[0])
    lines[0] = json.dumps({**item, "options": {**item["options"], "A": "pink"}})
    (ready / "items.jsonl").write_text("\n".join(lines) + "\n")
    assert load_dataset(ready).fingerprint != before


def test_questions_without_their_items_are_refused(ready: Path) -> None:
    (ready / "items.jsonl").unlink()
    with pytest.raises(EvalError, match=r"no item for question 'vstar:0' of vstar; make the fold"):
        load_dataset(ready)


def test_prepare_says_how_rows_of_text_alone_are_asked(tmp_path: Path) -> None:
    rows = [files.choices(0, category="x"), files.choices(1, category="x", image="")]
    source = files.tsv(tmp_path / "rows.tsv", rows)
    more: dict[str, str] = {"spatialeval": "; --prompt official asks them", "vstar": ""}
    for task, way_out in more.items():
        made = call("prepare", task, "--data", source, "--out", tmp_path / task, "--any-version")
        assert made.returncode == 0
        left = "1 more have no picture and were left out, as in VLMEvalKit"
        assert made.stderr == left + way_out + "\n"


def test_prepare_and_rescore_on_the_command_line(tmp_path: Path) -> None:
    source = files.tsv(tmp_path / "chartqa.tsv", files.chartqa())
    made = call("prepare", "chartqa", "--data", source, "--out", tmp_path / "out", "--any-version")
    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout == f"{tmp_path / 'out'}: 3 questions of chartqa, prompt of vlmevalkit\n"
    lines = [{"question_id": f"chartqa:{n}", "text": "Yes"} for n in range(3)]
    files.jsonl(tmp_path / "out" / "completions.jsonl", lines)
    shown = call("rescore", tmp_path / "out", "--extractor", "lmms-eval-75571cfe")
    assert shown.returncode == 0
    row = "| lmms-eval-75571cfe | 3 | 33.33 | 0.00 | 50.00 | 0.00 | 0 | whole 100.00 |"
    assert row in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("prepare", "docvqa", "--out", "o", "--download"), 2, "found 'docvqa', expected one of"),
        (("prepare", "mmstar", "--out", "o"), 2, "expected one of --data and --download"),
        (("prepare", "mmstar", "--out", "o", "--data", "/none"), 1, "/none: no such file or fol"),
        (
            ("prepare", "reasonmap", "--out", "o", "--download"),
            1,
            "FSCCS/ReasonMap: split validati",
        ),
        (("prepare", "mmstar", "--out", "o", "--download", "--cache", "c"), 1, "forbids a downl"),
        (("rescore", "/none"), 1, "/none: no questions.jsonl there, expected the folder of an rm"),
        (("rescore", "/none", "--extractor", "gpt"), 2, "found 'gpt', expected one of all, vlmeva"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    tmp_path: Path,
    arguments: tuple[str, ...],
    status: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = call(*arguments)
    assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (status, "", 1)
    assert said in ran.stderr
    assert list(tmp_path.iterdir()) == []
