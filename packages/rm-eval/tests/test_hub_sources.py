"""Data sets of Hugging Face: files that the real library wrote, and a small hub on this machine."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import benchmark_files as files
import pytest

from rm_eval import EvalError
from rm_eval.benchmarks import Hub, Style
from rm_eval.item import Item
from rm_eval.preparing import prepare
from rm_eval.sources.files import files_of, read_rows, split_of
from rm_eval.sources.hub import downloaded_split, files_of_split
from rm_rewards import Question, jsonl

COMMAND = Path(sys.executable).parent / "rm-eval"


def saved(folder: Path, count: int = 3) -> Any:  # noqa: ANN401 - the library is untyped
    """A data set with the picture feature: pictures as bytes, and one as a path."""
    datasets: Any = pytest.importorskip("datasets")
    datasets.disable_progress_bars()
    folder.mkdir(parents=True, exist_ok=True)
    features = datasets.Features(
        {
            "question_id": datasets.Value("string"),
            "text": datasets.Value("string"),
            "image": datasets.Image(),
            "label": datasets.ClassLabel(names=["A", "B"]),
            "category": datasets.Value("string"),
        }
    )
    columns = {
        "question_id": [f"v{n}" for n in range(count)],
        "text": [f"Which {n}? (A) red (B) blue" for n in range(count)],
        "image": [{"bytes": files.png(n), "path": None} for n in range(count)],
        "label": [n % 2 for n in range(count)],
        "category": ["direct_attributes"] * count,
    }
    return datasets.Dataset.from_dict(columns, features=features)


def items(folder: Path) -> list[Item]:
    return list(jsonl.read(Item, folder / "items.jsonl"))


def test_parquet_of_the_datasets_library_is_read_with_its_pictures_and_labels(
    tmp_path: Path,
) -> None:
    saved(tmp_path).to_parquet(str(tmp_path / "rows.parquet"))
    made = prepare("vstar", tmp_path / "rows.parquet", tmp_path / "out", prompt="lmms-eval")
    assert (made.questions, made.without_picture) == (3, 0)
    assert [item.answer for item in items(tmp_path / "out")] == ["A", "B", "A"]
    kept = {path.read_bytes() for path in (tmp_path / "out" / "pictures").iterdir()}
    assert kept == {files.png(n) for n in range(3)}


LEG = {"route_name": "Line 1", "departure_stop": "a", "arrival_stop": "b", "via_stops": ["x"]}
LETTERED = {f"choice_{letter}": text for letter, text in files.OPTIONS.items()}
PLANNED = {
    "country": "italy",
    "city": "rome",
    "station_1": "a",
    "station_2": "b",
    "difficulty_city": "easy",
    "difficulty_question": "hard",
    "question_short": "short?",
    "question_long": "long?",
    "json": {"Line 1": ["a", "x", "b"], "Line 2": None},
    "routes": {"1": [LEG], "2": None},
}
ROWS: dict[str, tuple[files.Cells, Style | None, list[str]]] = {
    "seedbench2-plus": (
        {"question_id": "1", "question": "?", **LETTERED, "answer": "B"},
        "lmms-eval",
        ["seedbench2-plus:1"],
    ),
    "spatialeval": (
        {"id": "mazenav.vqa.7.2", "text": "?\nA. x\nB. y", "oracle_option": "B"},
        "official",
        ["spatialeval:mazenav.vqa.7.2"],
    ),
    "vstar": (
        {"question_id": "1", "text": "? (A) x (B) y", "label": "B"},
        "lmms-eval",
        ["vstar:1"],
    ),
    "hrbench-4k": (
        {"index": 1, "question": "?", **files.OPTIONS, "answer": "B", "cycle_category": "0"},
        None,
        ["hrbench-4k:1"],
    ),
    "chartqa": ({"type": "human_test", "question": "?", "answer": "3"}, None, ["chartqa:1"]),
    "mmstar": (
        {
            "index": 1,
            "question": "?\nOptions: A: x, B: y",
            "answer": "B",
            "l2_category": "geometry",
        },
        "lmms-eval",
        ["mmstar:1"],
    ),
    "reasonmap": (PLANNED, None, ["reasonmap:1:short", "reasonmap:1:long"]),
    "reasonmap-plus": (
        {"type": "Counting2", "question": "?", "answer": 13, "country": "italy", "city": "rome"},
        None,
        ["reasonmap-plus:1"],
    ),
}


@pytest.mark.parametrize("task", list(ROWS))
def test_every_benchmark_can_be_read_from_a_saved_data_set(tmp_path: Path, task: str) -> None:
    datasets: Any = pytest.importorskip("datasets")
    datasets.disable_progress_bars()
    row, style, ids = ROWS[task]
    held = {"category": "math", "question_image_type": "Map", **row}
    rows = datasets.Dataset.from_list([{**held, "image": {"bytes": files.png(5), "path": "5.png"}}])
    rows.cast_column("image", datasets.Image()).save_to_disk(str(tmp_path / "disk"))
    made = prepare(task, tmp_path / "disk", tmp_path / "out", prompt=style)
    assert made.without_picture == 0
    found = list(jsonl.read(Question, tmp_path / "out" / "questions.jsonl"))
    assert [question.id for question in found] == ids
    for question in found:
        assert (tmp_path / "out" / str(question.figure)).read_bytes() == files.png(5)


def test_a_folder_that_save_to_disk_made_is_read_in_its_order(tmp_path: Path) -> None:
    saved(tmp_path, 5).save_to_disk(str(tmp_path / "disk"), num_shards=2)
    assert [file.suffix for file in files_of(tmp_path / "disk")] == [".arrow", ".arrow"]
    prepare("vstar", tmp_path / "disk", tmp_path / "out", prompt="lmms-eval")
    assert [item.id for item in items(tmp_path / "out")] == [f"vstar:v{n}" for n in range(5)]


def test_of_a_saved_dictionary_of_splits_the_benchmarks_own_is_taken(tmp_path: Path) -> None:
    datasets: Any = pytest.importorskip("datasets")
    both = datasets.DatasetDict({"train": saved(tmp_path, 4), "test": saved(tmp_path, 2)})
    both.save_to_disk(str(tmp_path / "both"))
    assert prepare("vstar", tmp_path / "both", tmp_path / "a", prompt="lmms-eval").questions == 2
    made = prepare("vstar", tmp_path / "both", tmp_path / "b", prompt="lmms-eval", split="train")
    assert made.questions == 4
    with pytest.raises(EvalError, match="both: split: found 'dev', expected one of train, test"):
        prepare("vstar", tmp_path / "both", tmp_path / "c", split="dev")
    with pytest.raises(EvalError, match="both: split: say by --split one of train, test"):
        prepare("mmstar", tmp_path / "both", tmp_path / "c")  # its split is called val


def test_a_list_with_one_picture_is_that_picture(tmp_path: Path) -> None:
    datasets: Any = pytest.importorskip("datasets")
    features = datasets.Features(
        {
            "index": datasets.Value("int64"),
            "question": datasets.Value("string"),
            "images": datasets.List(datasets.Image()),
            "answer": datasets.Value("string"),
        }
    )
    task = tmp_path / "t.yaml"
    task.write_text(
        "name: t\nprompt: question\nform: text\nmetric: exact\ncolumns: {image: images}\n"
    )
    for count, said in ((1, None), (2, "row 1: image: found 2 pictures, expected one")):
        pictures = [{"bytes": files.png(n), "path": None} for n in range(count)]
        columns = {"index": [0], "question": ["?"], "images": [pictures], "answer": ["x"]}
        rows = datasets.Dataset.from_dict(columns, features=features)
        rows.to_parquet(str(tmp_path / f"{count}.parquet"))
        if said is None:
            assert prepare(str(task), tmp_path / "1.parquet", tmp_path / "out").questions == 1
        else:
            with pytest.raises(EvalError, match=said):
                prepare(str(task), tmp_path / "2.parquet", tmp_path / "no")


def test_an_arrow_file_that_is_cut_off_is_told(tmp_path: Path) -> None:
    saved(tmp_path).save_to_disk(str(tmp_path / "disk"))
    (file,) = files_of(tmp_path / "disk")
    file.write_bytes(file.read_bytes()[:700])
    with pytest.raises(EvalError, match=r"after row \d: no Arrow stream that can be read: "):
        prepare("vstar", tmp_path / "disk", tmp_path / "out", prompt="lmms-eval")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "state",
    [
        "[",
        "{}",
        '{"_data_files": [{"filename": "../../secret.arrow"}]}',
        '{"_data_files": [{"filename": ""}]}',
        '{"_data_files": []}',
    ],
)
def test_a_saved_folder_cannot_name_files_elsewhere(tmp_path: Path, state: str) -> None:
    (tmp_path / "state.json").write_text(state)
    with pytest.raises(EvalError, match=r"state\.json: .*expected"):
        files_of(tmp_path)


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("test-00000-of-00002.parquet", "test"),
        ("reasonmap-1008-validation.parquet", "validation"),
        ("reasonmap-1008-train-00001-of-00009.parquet", "train"),
        ("test.jsonl", "test"),
        ("questions.test.jsonl", "test"),
        ("MMStar.tsv", ""),
        ("latest.tsv", ""),
    ],
)
def test_a_files_name_says_its_split(name: str, split: str) -> None:
    assert split_of(name) == split


def test_a_folder_of_several_splits_is_not_mixed(tmp_path: Path) -> None:
    for name in ("test-00000-of-00002", "test-00001-of-00002", "train-00000-of-00001"):
        (tmp_path / "data").mkdir(exist_ok=True)
        files.jsonl(tmp_path / "data" / f"{name}.jsonl", [{"index": name}])
    with pytest.raises(EvalError, match="split: say by --split one of test, train"):
        files_of(tmp_path)
    found = [row.text("index") for file in files_of(tmp_path, "test") for row in read_rows(file)]
    assert found == ["test-00000-of-00002", "test-00001-of-00002"]
    (tmp_path / "one.tsv").write_text("index\n1\n")
    with pytest.raises(EvalError, match="split: found 'test', expected one of none, since no file"):
        files_of(tmp_path, "test")


@pytest.mark.parametrize(
    ("hub", "held", "found"),
    [
        (
            Hub(name="a/b"),
            ["data/test-00000-of-00002.parquet", "data/train-0.parquet", "README.md"],
            ["data/test-00000-of-00002.parquet"],
        ),
        (
            Hub(name="a/b", split="validation"),
            ["data/reasonmap-1008-validation.parquet", "data/reasonmap-1008-train.parquet"],
            ["data/reasonmap-1008-validation.parquet"],
        ),
        (
            Hub(name="a/b", split="hrbench_4k", config="hrbench_version_split"),
            [
                "hrbench_version_split/hrbench_4k-00000-of-00001.parquet",
                "hrbench_version_split/hrbench_8k-00000-of-00001.parquet",
                "other/hrbench_4k-00000-of-00001.parquet",
            ],
            ["hrbench_version_split/hrbench_4k-00000-of-00001.parquet"],
        ),
        (
            Hub(name="a/b", split="val"),
            ["default/val/0000.parquet", "default/train/0000.parquet"],
            ["default/val/0000.parquet"],
        ),
        (Hub(name="a/b"), ["test.parquet", "train.parquet"], ["test.parquet"]),
        (Hub(name="a/b"), ["../test.parquet", "/test.parquet", "test.tsv"], []),
    ],
)
def test_the_files_of_a_split_are_found_by_their_names(
    hub: Hub, held: list[str], found: list[str]
) -> None:
    assert files_of_split(held, hub) == found


# A hub on this machine: the paths and headers that the real client asks for


@dataclass(slots=True)
class SmallHub:
    content: dict[str, bytes]
    breaks: int = 0
    asked: list[str] = field(default_factory=list[str])


class _Answers(BaseHTTPRequestHandler):
    def __init__(self, hub: SmallHub, *arguments: Any) -> None:  # noqa: ANN401
        self._hub = hub
        super().__init__(*arguments)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        del format, args

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        self._hub.asked.append(f"{self.command} {self.path} {self.headers.get('Range', '')}")
        path = unquote(self.path.partition("?")[0])
        if path.startswith("/api/datasets/a/b"):
            siblings = [{"rfilename": name} for name in self._hub.content]
            told = {"id": "a/b", "sha": "1" * 40, "siblings": siblings}
            if "/tree/" in path:
                told = [
                    {"type": "file", "path": name, "size": len(content), "oid": "0" * 40}
                    for name, content in self._hub.content.items()
                ]
            self._send(json.dumps(told).encode(), 200, {}, body=True)
            return
        found = re.fullmatch(r"/datasets/a/b/resolve/\w+/(.+)", path)
        content = self._hub.content.get(found[1]) if found else None
        if content is None:
            self._send(b"", 404, {"X-Error-Code": "RepoNotFound"}, body=body)
            return
        etag = f'"{hashlib.sha256(content).hexdigest()}"'
        self._send(content, 200, {"ETag": etag, "X-Repo-Commit": "1" * 40}, body=body)

    def _send(self, content: bytes, status: int, headers: dict[str, str], *, body: bool) -> None:
        first = int(self.headers.get("Range", "bytes=0-")[6:].partition("-")[0])
        self.send_response(206 if first else status)
        for name, value in {**headers, "Content-Length": str(len(content) - first)}.items():
            self.send_header(name, value)
        if first:
            self.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        if not body:
            return
        if self._hub.breaks and len(content) > 2000:
            self._hub.breaks -= 1
            self.wfile.write(content[first : first + 1000])
            self.wfile.flush()
            self.connection.close()
            return
        self.wfile.write(content[first:])


@contextmanager
def serving(hub: SmallHub) -> Generator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Answers, hub))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def call(folder: Path, address: str) -> subprocess.CompletedProcess[str]:
    task = folder / "t.yaml"
    task.write_text(
        "name: t\nsource: {hub: a/b}\nprompt: '{question}'\nform: choice\nmetric: letter\n"
        "columns: {index: question_id, question: text, answer: label, options: o}\n"
    )
    places = ["--cache", folder / "cache", "--out", folder / "out"]
    return subprocess.run(
        [COMMAND, "prepare", task, "--download", *places],
        capture_output=True,
        text=True,
        check=False,
        env={
            **{k: v for k, v in os.environ.items() if k not in ("HF_HUB_OFFLINE", "HF_TOKEN")},
            "HF_ENDPOINT": address,
            "HF_HOME": str(folder / "home"),
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        },
    )


def parquet(folder: Path, count: int) -> bytes:
    arrow: Any = pytest.importorskip("pyarrow")
    writer: Any = pytest.importorskip("pyarrow.parquet")
    rows = [
        {
            "question_id": f"v{n}",
            "text": f"Which {n}?",
            "image": {"bytes": files.png(n), "path": None},
            "label": "AB"[n % 2],
            "o": ["red", "blue"],
        }
        for n in range(count)
    ]
    writer.write_table(arrow.Table.from_pylist(rows), folder / "made.parquet")
    return (folder / "made.parquet").read_bytes()


def test_a_data_set_is_got_from_a_hub_that_breaks_off_and_then_read_offline(
    tmp_path: Path,
) -> None:
    rows = parquet(tmp_path, 30)
    assert len(rows) > 2000
    hub = SmallHub(
        {"data/test-00000-of-00001.parquet": rows, "data/train-0.parquet": b""}, breaks=1
    )
    with serving(hub) as address:
        made = call(tmp_path, address)
    assert (made.returncode, made.stdout) == (
        0,
        f"{tmp_path / 'out'}: 30 questions of t, prompt of own\n",
    ), made.stderr
    assert hub.breaks == 0
    assert sum(line.startswith("GET /datasets/a/b/resolve/") for line in hub.asked) == 2
    assert not any("train" in line for line in hub.asked)
    offline = {"HF_HUB_OFFLINE": "1"}
    (file,) = downloaded_split(Hub(name="a/b"), tmp_path / "cache", environment=offline)
    assert file.read_bytes() == rows


def test_offline_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(EvalError) as caught:
        downloaded_split(Hub(name="a/b"), tmp_path, environment={"RM_EVAL_OFFLINE": "1"})
    assert str(caught.value) == (
        f"a/b: split test is not in {tmp_path}, and RM_EVAL_OFFLINE forbids a download; get it "
        "elsewhere and pass --data"
    )


def test_a_data_set_without_the_split_is_told(tmp_path: Path) -> None:
    with serving(SmallHub({"data/train-0.parquet": b"x"})) as address:
        refused = call(tmp_path, address)
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "a/b: no parquet file of split test; get its rows elsewhere" in refused.stderr
    assert not (tmp_path / "out").exists()


def test_a_hub_that_does_not_answer_is_told(tmp_path: Path) -> None:
    gone = call(tmp_path, "http://127.0.0.1:9")
    assert (gone.returncode, gone.stderr.count("\n")) == (1, 1)
    assert "a/b: not to be had from the hub: " in gone.stderr


def test_a_data_set_with_an_unusual_name_is_refused_before_anything_is_asked(
    tmp_path: Path,
) -> None:
    for name in ("../../b", "b", "a/b/../c"):
        with pytest.raises(EvalError, match="expected ORG/NAME"):
            downloaded_split(Hub(name=name, split="../x"), tmp_path, environment={})
    assert list(tmp_path.iterdir()) == []
