from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import string
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

import benchmark_files as files
import httpx
import pytest
import torch
from PIL import Image, ImageDraw
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

from rm_eval import EvalError, Report, bench, bench_suite, load_processor
from rm_eval.ahead import Made
from rm_eval.backends import offline
from rm_eval.backends.server_settings import Server
from rm_eval.journal import Batch
from rm_eval.preparing import prepare
from rm_rewards import Completion, jsonl

if TYPE_CHECKING:
    from conftest import Maps, TinyModel

pytestmark = pytest.mark.skipif(
    find_spec("vllm") is None, reason="vLLM is not installed (.ci/vllm installs it)"
)

HEADS = {"hidden_size": 64, "num_attention_heads": 2, "num_key_value_heads": 1}
ROPE = {"rope_type": "default", "rope_theta": 1e4, "mrope_section": [4, 6, 6]}
PRINTABLE = set(string.ascii_letters + string.digits)


@pytest.fixture(scope="session")
def wide_model(tiny: TinyModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random model that writes ASCII, with heads of 32 numbers, vLLM's fewest on a CPU."""
    place = tmp_path_factory.mktemp("wide")
    shutil.copytree(tiny.folder, place, dirs_exist_ok=True)
    config: dict[str, Any] = json.loads((place / "config.json").read_text(encoding="utf-8"))
    config["text_config"] |= {**HEADS, "rope_parameters": ROPE, "tie_word_embeddings": False}
    config["tie_word_embeddings"] = False
    torch.manual_seed(0)
    made = Qwen2_5_VLForConditionalGeneration(Qwen2_5_VLConfig.from_dict(config))
    tokens = cast("Any", load_processor(place)).tokenizer.get_vocab()
    silent = [i for token, i in tokens.items() if not (token in PRINTABLE or token == "<|im_end|>")]
    with torch.no_grad():
        made.lm_head.weight[silent] = 0.0  # the largest of the others is above 0
    made.save_pretrained(place)
    return place


@dataclass(frozen=True, slots=True)
class Serving:
    """A real `vllm serve` of the model."""

    process: subprocess.Popen[bytes]
    base_url: str

    def die(self) -> None:
        """End it at once, with the processes of its engine."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


Serve: TypeAlias = Callable[[], Serving]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="session")
def serve(
    wide_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Callable[[], Serving]]:
    started: list[Serving] = []
    log = tmp_path_factory.mktemp("serving") / "log.txt"

    def start() -> Serving:
        port = free_port()
        command = [str(Path(sys.executable).parent / "vllm"), "serve", str(wide_model)]
        command += ["--served-model-name", NAME, "--port", str(port), "--host", "127.0.0.1"]
        command += ["--dtype", "float32", "--enforce-eager", "--max-model-len", "512"]
        command += ["--max-num-seqs", "16", "--block-size", "32", "--kv-cache-memory-bytes", "128M"]
        command += ["--trust-request-mm-kwargs"]  # pixel bounds come with the requests
        command += ["--limit-mm-per-prompt", '{"image": 1, "video": 0}']
        with log.open("ab") as stream:
            process = subprocess.Popen(
                [sys.executable, *command], stdout=stream, stderr=stream, start_new_session=True
            )
        started.append(Serving(process, f"http://127.0.0.1:{port}/v1"))
        wait_for(f"http://127.0.0.1:{port}/health", process, log)
        return started[-1]

    yield start
    for serving in started:
        serving.die()


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 300
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text(encoding="utf-8")[-3000:]
        try:
            if httpx.get(url).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.5)
    raise AssertionError(log.read_text(encoding="utf-8")[-3000:])


@pytest.fixture(scope="session")
def serving(serve: Serve) -> Serving:
    return serve()


SIZES: Final = ((56, 56), (112, 84), (300, 200), (40, 90))
NAME: Final = "tiny-vl"
REPLIES: Final = 12


def asked(maps: Maps) -> Path:
    """Twenty-four questions about four pictures of different sizes, the pictures taking turns."""
    (maps.folder / "maps").mkdir(parents=True, exist_ok=True)
    for number, size in enumerate(SIZES):
        drawn = Image.new("RGB", size, (40 * number, 200, 255 - 50 * number))
        ImageDraw.Draw(drawn).line((0, 0, *size), fill=(255, 0, 0), width=5)
        drawn.save(maps.folder / "maps" / f"size{number}.png")
    rows = [
        maps.row(i, i % 4 + 1, question=f"How many lines, {i}?", figure=f"maps/size{i % 4}.png")
        for i in range(24)
    ]
    return maps.write(rows)


def answers(out: Path) -> list[tuple[str, str, int | None, str | None]]:
    return [
        (one.question_id, one.text, one.tokens, one.finish_reason)
        for one in jsonl.read(Completion, out / "completions.jsonl")
    ]


def by_transformers(model: Path, data: Path, out: Path, **settings: Any) -> None:  # noqa: ANN401
    bench(model, data, out, max_new_tokens=REPLIES, **settings)


def by_vllm(model: Path, data: Path, out: Path, **settings: Any) -> Report:  # noqa: ANN401
    chosen: dict[str, Any] = {"max_new_tokens": REPLIES, "max_model_len": 512, **settings}
    return bench(model, data, out, backend="vllm", **chosen)


def by_server(url: str, data: Path, out: Path, **settings: Any) -> Report:  # noqa: ANN401
    chosen: dict[str, Any] = {"max_new_tokens": REPLIES, **settings}
    server = Server(base_url=url, retries=0, timeout_s=60, concurrency=8)
    return bench(NAME, data, out, backend="openai", server=server, **chosen)


@pytest.mark.parametrize(
    "bounds", [{}, {"min_pixels": 56 * 56, "max_pixels": 84 * 84}], ids=["own", "other"]
)
def test_three_backends_give_the_same_replies(
    wide_model: Path, maps: Maps, tmp_path: Path, serving: Serving, bounds: Mapping[str, int]
) -> None:
    data, runs = asked(maps), [tmp_path / name for name in ("transformers", "vllm", "openai")]
    by_transformers(wide_model, data, runs[0], **bounds)
    report = by_vllm(wide_model, data, runs[1], **bounds)
    by_server(serving.base_url, data, runs[2], **bounds)
    expected = answers(runs[0])
    assert len({text for _, text, _, _ in expected}) > 3  # they differ from question to question
    assert answers(runs[1]) == expected
    assert answers(runs[2]) == expected
    assert visual_tokens(runs[1]) == visual_tokens(runs[0])
    assert report.cached is not None
    if not bounds:  # else the tokens before the text are fewer than a block of the cache
        assert report.cached > 0.1


def test_three_backends_read_text_alone_alike(
    wide_model: Path, tmp_path: Path, serving: Serving
) -> None:
    source = files.jsonl(tmp_path / "rows.jsonl", files.spatialeval_as_published())
    prepare("spatialeval", source, tmp_path / "data", prompt="official")
    data, runs = tmp_path / "data", [tmp_path / name for name in ("transformers", "vllm", "openai")]
    by_transformers(wide_model, data, runs[0], batch_size=4)
    by_vllm(wide_model, data, runs[1])
    by_server(serving.base_url, data, runs[2])
    expected = answers(runs[0])
    assert len({text for _, text, _, _ in expected}) > 1
    assert answers(runs[1]) == expected
    assert answers(runs[2]) == expected
    assert visual_tokens(runs[1]) == visual_tokens(runs[0])
    assert visual_tokens(runs[1])[:2] == [0, 0]


def visual_tokens(out: Path) -> list[int]:
    return [n for batch in jsonl.read(Batch, out / "batches.jsonl") for n in batch.visual_tokens]


def test_two_engines_side_by_side_give_the_same_replies(
    wide_model: Path, maps: Maps, tmp_path: Path
) -> None:
    data = asked(maps)
    by_transformers(wide_model, data, tmp_path / "transformers")
    by_vllm(wide_model, data, tmp_path / "vllm", engines=2)
    assert answers(tmp_path / "vllm") == answers(tmp_path / "transformers")


def test_two_models_one_after_another_in_a_process_answer_as_each_alone(
    wide_model: Path, maps: Maps, tmp_path: Path
) -> None:
    data, models = asked(maps), (wide_model, tmp_path / "twin")
    shutil.copytree(*models)
    for name in ("a", "b"):
        shutil.copytree(data.parent, tmp_path / "sets" / name)
    options: dict[str, Any] = {"max_new_tokens": REPLIES, "max_model_len": 512}
    out = tmp_path / "out"
    report = bench_suite(models, tmp_path / "sets", out, backend="vllm", **options)
    by_transformers(wide_model, data, tmp_path / "transformers")
    assert report.failures == ()
    runs = sorted(out.glob("*/*/"))
    assert len(runs) == 4
    assert all(answers(run) == answers(tmp_path / "transformers") for run in runs)


def test_a_model_that_vllm_cannot_compute_is_one_line(
    tiny: TinyModel, maps: Maps, tmp_path: Path
) -> None:
    with pytest.raises(EvalError, match=r"vLLM cannot .*head_dim=16"):
        by_vllm(tiny.folder, asked(maps), tmp_path / "run")


def test_tokens_that_the_processor_would_not_make_are_refused(
    wide_model: Path, maps: Maps, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def expanded(backend: Any, prompt: Any, text: str) -> dict[str, Any]:  # noqa: ANN401
        ids = list(backend._made(prompt, text))  # as a harness would hand them over
        return {"prompt_token_ids": ids, "multi_modal_data": {"image": prompt.picture}}

    monkeypatch.setattr(offline.VllmBackend, "_row", expanded)
    with pytest.raises(EvalError, match=r"vLLM read \d+ tokens where the processor makes \d+, so"):
        by_vllm(wide_model, asked(maps), tmp_path / "run")
    assert answers(tmp_path / "run") == []


def test_a_prompt_that_is_too_long_is_named(
    wide_model: Path, maps: Maps, tmp_path: Path, serving: Serving
) -> None:
    rows = [maps.row(i, i + 1, question="How many?" if i < 2 else "How? " * 150) for i in range(4)]
    data = maps.write(rows)
    with pytest.raises(EvalError, match=r"question 'q2': its 7\d\d tokens of text, 4 of its pict"):
        by_vllm(wide_model, data, tmp_path / "vllm")
    with pytest.raises(EvalError, match=r"question 'q2': .* refused it: HTTP 400: .*512"):
        by_server(serving.base_url, data, tmp_path / "openai")
    assert [identity for identity, *_ in answers(tmp_path / "openai")] == ["q0", "q1"]


def test_a_server_that_dies_loses_and_doubles_nothing(
    wide_model: Path, maps: Maps, tmp_path: Path, serving: Serving, serve: Serve
) -> None:
    data, out = asked(maps), tmp_path / "run"

    def kill(answered: int, _total: int) -> None:
        if answered == 8:
            serving.die()

    with pytest.raises(EvalError, match=r"question 'q\d+': .*, asked 1 times; go on with the same"):
        by_server(serving.base_url, data, out, batch_size=4, progress=kill)
    kept = (out / "completions.jsonl").read_bytes()
    early = {one.question_id: one.reply for one in jsonl.read(Made, out / "ahead.jsonl")}
    assert 8 <= kept.count(b"\n") + len(early) < 24
    again = serve()
    by_server(again.base_url, data, out, batch_size=4)
    by_transformers(wide_model, data, tmp_path / "transformers")
    assert answers(out) == answers(tmp_path / "transformers")
    assert (out / "completions.jsonl").read_bytes().startswith(kept)
    seconds = {
        c.question_id: c.latency_s for c in jsonl.read(Completion, out / "completions.jsonl")
    }
    assert {key: seconds[key] for key in early} == {key: r.seconds for key, r in early.items()}
    assert not (out / "ahead.jsonl").exists()
