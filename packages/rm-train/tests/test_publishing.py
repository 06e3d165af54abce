from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Generator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml
from huggingface_hub import constants
from typer.testing import CliRunner

from rm_eval import load_policy
from rm_rewards import Completion, Question, gold_answer, jsonl, score
from rm_train import resolve
from rm_train.cli import app
from rm_train.run_directory import RunDirectory

REPO = "somebody/metro"


def measured(folder: Path, right: int) -> None:
    folder.mkdir(parents=True)
    asked = [Question(id=f"q{i}", type="TorF1", question="Is it?", answer=1) for i in range(4)]
    said = [gold_answer(q) if i < right else "no idea" for i, q in enumerate(asked)]
    replies = [Completion(question_id=q.id, text=text) for q, text in zip(asked, said, strict=True)]
    jsonl.write(asked, folder / "questions.jsonl")
    jsonl.write(replies, folder / "completions.jsonl")
    rewards = [score(q, text) for q, text in zip(asked, said, strict=True)]
    jsonl.write(rewards, folder / "rewards.jsonl")


@pytest.fixture
def run(tiny_model: Path, tmp_path: Path) -> Path:
    directory = RunDirectory(tmp_path / "secret place" / "run")
    settings = {"model": str(tiny_model), "questions": str(tmp_path / "secret place" / "q.jsonl")}
    config = resolve("embedded", overrides={**settings, "out": str(directory.path)})
    directory.begin(config, {"questions": "1" * 64, "model": "2" * 64})
    lines = [{"step": 1, "stage": "judgement", "reward": 1.0, "accuracy": 0.5}]
    directory.metrics.write_text(json.dumps(lines[0]) + "\n", encoding="utf-8")
    alarm = {"step": 1, "code": "kl", "level": "warning", "message": "far away"}
    directory.alarms.write_text(json.dumps(alarm) + "\n", encoding="utf-8")
    measured(directory.path / "eval" / "before", 1)
    measured(directory.path / "eval" / "after", 3)
    shutil.copytree(tiny_model, directory.model)
    return directory.path


@dataclass
class Hub:
    """A hub of its own, with the few endpoints that an upload asks."""

    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    asked: list[tuple[str, Any]] = field(default_factory=list[tuple[str, Any]])
    refuses: bool = False

    def answer(self, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        if self.refuses:
            return 403, {"error": "You are not allowed to write there"}
        if path.endswith("/preupload/main"):
            wanted = json.loads(body)["files"]
            plain = {"uploadMode": "regular", "shouldIgnore": False}
            return 200, {"files": [{"path": one["path"], **plain} for one in wanted]}
        if path.endswith("/commit/main"):
            for line in map(json.loads, body.splitlines()):
                if line["key"] == "file":
                    content = base64.b64decode(line["value"]["content"])
                    self.files[line["value"]["path"]] = content
            return 200, {"commitOid": "0" * 40, "commitUrl": f"/{REPO}/commit/0"}
        self.asked.append((path, json.loads(body)))
        if path == "/api/repos/create":
            return 200, {"url": f"{constants.ENDPOINT}/{REPO}", "name": REPO}
        return 200, {"errors": [], "warnings": []}


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Generator[Hub]:
    found = Hub()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["authorization"] == "Bearer hf_token"
            body = self.rfile.read(int(self.headers["content-length"]))
            code, told = found.answer(self.path.partition("?")[0], body)
            text = json.dumps(told).encode()
            self.send_response(code)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setenv("HF_TOKEN", "hf_token")
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


def pushed(*words: str) -> Any:  # noqa: ANN401 - click's result
    return CliRunner().invoke(app, ["push", *words])


def test_a_run_is_uploaded_with_card_and_records(run: Path, hub: Hub) -> None:
    found = pushed(str(run), "--repo", REPO, "--private")
    assert found.exit_code == 0, found.output
    assert found.stdout.strip().endswith(f"/{REPO}")
    made = dict(hub.asked)["/api/repos/create"]
    assert (made["name"], made["organization"]) == ("metro", "somebody")
    assert made["visibility"] == "private"
    whole = (run / "model" / "model.safetensors").read_bytes()
    assert hub.files["model.safetensors"] == whole
    records = {"training/metrics.jsonl", "training/settings.yaml", "training/versions.json"}
    assert {"README.md", "config.json", *records} <= hub.files.keys()
    assert not (run / ".hub").exists()


def test_a_dry_run_writes_the_folder_that_would_be_uploaded(run: Path) -> None:
    found = pushed(str(run), "--repo", REPO, "--dry-run")
    assert found.exit_code == 0, found.output
    assert f"{run / 'hub'}: " in found.stdout
    assert load_policy(run / "hub")
    card = (run / "hub" / "README.md").read_text(encoding="utf-8")
    head = yaml.safe_load(card.split("---")[1])
    assert head["library_name"] == "transformers"
    assert "base_model" not in head  # a folder of this machine says nothing to others
    assert "| TorF1 | 4 | 0.250 [0.046, 0.699] | 0.750 [0.301, 0.954] |" in card
    assert f"- questions: `{'1' * 64}`" in card
    assert "questions: q.jsonl" in card
    assert "The watchdog raised 1 alarms in training: kl." in card
    assert "One run with one seed (0)" in card
    for file in (run / "hub").rglob("*"):
        if file.suffix in {".md", ".json", ".jsonl", ".yaml"}:
            assert "secret place" not in file.read_text(encoding="utf-8"), file
    again = pushed(str(run), "--repo", REPO, "--dry-run")
    assert (again.exit_code, len(again.stderr.splitlines())) == (1, 1)
    assert "hub: exists already; remove it or choose another --out" in again.stderr


def as_adapter(folder: Path, base: str) -> None:
    (folder / "config.json").unlink()
    settings = json.dumps({"base_model_name_or_path": base, "peft_type": "LORA"})
    (folder / "adapter_config.json").write_text(settings, encoding="utf-8")


def test_an_adapter_names_its_base_on_the_hub(run: Path) -> None:
    as_adapter(run / "model", "Qwen/Qwen2.5-VL-7B-Instruct")
    assert pushed(str(run), "--repo", REPO, "--dry-run").exit_code == 0
    card = (run / "hub" / "README.md").read_text(encoding="utf-8")
    head = yaml.safe_load(card.split("---")[1])
    assert (head["base_model"], head["library_name"]) == ("Qwen/Qwen2.5-VL-7B-Instruct", "peft")
    assert "A LoRA adapter for Qwen/Qwen2.5-VL-7B-Instruct" in card


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("local base", "which only this machine has; publish the whole model: `rm-train merge"),
        ("no model", "no model yet; the run is not done"),
        ("no run", "expected a run directory"),
        ("no token", "no token for the hub; log in with `hf auth login` or set HF_TOKEN"),
        ("offline", "the hub is switched off by HF_HUB_OFFLINE"),
        ("bad name", "--repo: found 'a/b/c'"),
        ("refused", "did not take it: "),
        ("nobody there", "did not take it: "),
    ],
)
def test_what_stands_in_the_way_is_told_in_one_line(
    run: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch, fault: str, message: str
) -> None:
    repo = "a/b/c" if fault == "bad name" else REPO
    match fault:
        case "local base":
            as_adapter(run / "model", str(run / "warmup"))
        case "no model":
            shutil.rmtree(run / "model")
        case "no run":
            (run / "config.yaml").unlink()
        case "no token":
            monkeypatch.delenv("HF_TOKEN")
            monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(run / "no token"))
        case "offline":
            monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
        case "refused":
            hub.refuses = True
        case "nobody there":
            monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
        case _:
            pass
    found = pushed(str(run), "--repo", repo)
    assert found.exit_code == 1, found.output
    assert message in found.stderr
    assert len(found.stderr.splitlines()) == 1
    assert hub.files == {}
    assert not (run / ".hub").exists()
