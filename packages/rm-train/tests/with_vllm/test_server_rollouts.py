from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from trl.generation.vllm_client import VLLMClient
from trl.import_utils import is_vllm_available

import rm_train.learner
from rm_train import resolve, run
from rm_train.rollouts.generation import PictureGeneration
from rm_train.run_directory import RunError

pytestmark = pytest.mark.skipif(
    not is_vllm_available(), reason="vLLM is not installed (.ci/vllm installs it)"
)

BOUNDS = {"size": {"shortest_edge": 3136, "longest_edge": 4 * 3136}}


@pytest.fixture(scope="module")
def server(wide_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Generator[int]:
    """A real `vllm serve` with the flags of `start_command`, but for the transfer of weights."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = int(found.getsockname()[1])
    log = tmp_path_factory.mktemp("server") / "log.txt"
    command = [sys.executable, str(Path(sys.executable).parent / "vllm"), "serve", str(wide_model)]
    command += ["--port", str(port), "--host", "127.0.0.1", "--dtype", "float32"]
    command += ["--mm-processor-kwargs", json.dumps(BOUNDS), "--enable-scale-out"]
    command += ["--logprobs-mode", "processed_logprobs", "--max-logprobs", "-1"]
    command += ["--enforce-eager", "--max-model-len", "1024", "--kv-cache-memory-bytes", "128M"]
    command += ["--limit-mm-per-prompt", '{"image": 1, "video": 0}', "--block-size", "32"]
    with (
        log.open("wb") as stream,
        pytest.MonkeyPatch.context() as environment,
    ):
        environment.setenv("VLLM_SERVER_DEV_MODE", "1")
        for name in ("RANK", "LOCAL_RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"):
            environment.delenv(name, raising=False)  # of an engine in this process
        process = subprocess.Popen(command, stdout=stream, stderr=stream)
    try:
        _wait_for(f"http://127.0.0.1:{port}/health", process, log)
        yield port
    finally:
        process.terminate()
        process.wait(60)


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        assert process.poll() is None, log.read_text(encoding="utf-8")[-3000:]
        try:
            urlopen(url).close()
        except (URLError, ConnectionError):
            time.sleep(0.5)
        else:
            return
    raise AssertionError(log.read_text(encoding="utf-8")[-3000:])


def nothing(*_args: object, **_settings: object) -> None: ...


@pytest.fixture
def served(
    sampled: dict[str, object], server: int, monkeypatch: pytest.MonkeyPatch
) -> dict[str, object]:
    """Settings of one step in the mode `server`; weights cannot go there, for want of a GPU."""
    monkeypatch.setattr(rm_train.learner, "check_vllm", nothing)
    monkeypatch.setattr(VLLMClient, "init_communicator", nothing)
    monkeypatch.setattr(PictureGeneration, "sync_weights", nothing)
    more = {"vllm_mode": "server", "vllm_server_port": server, "vllm_server_timeout": 30}
    return {**sampled, **more, "max_steps": 1, "lr": 1e-9}


def test_a_server_samples_from_the_policy(
    served: dict[str, object], capfd: pytest.CaptureFixture[str]
) -> None:
    done = run(resolve("embedded", overrides=served))
    line = json.loads((done.out / "metrics.jsonl").read_text(encoding="utf-8"))
    assert line["rollout_difference"] < 1e-4
    assert "rollouts: vLLM, " in capfd.readouterr().err


def test_a_server_with_other_pixel_bounds_is_refused(served: dict[str, object]) -> None:
    config = resolve("embedded", overrides={**served, "max_pixels": 3136})
    with pytest.raises(RunError, match=r"makes \[16\] tokens of pictures of which .* makes \[4\]"):
        run(config)
