from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from rm_eval import EvalError
from rm_eval.benchmarks import Published
from rm_eval.sources.download import downloaded

CONTENT = bytes(range(256)) * 4000
MD5 = hashlib.md5(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):
    """Serves `CONTENT`; breaks off after `most` bytes, and tells what was asked for."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.most = len(CONTENT)
        self.ranges: list[str | None] = []
        self.takes_ranges = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/rows.tsv"


class Handler(BaseHTTPRequestHandler):
    server: Server  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_GET(self) -> None:
        asked = self.headers.get("Range")
        self.server.ranges.append(asked)
        start = int(asked[6:-1]) if asked and self.server.takes_ranges else 0
        if start >= len(CONTENT):
            self.send_error(416)
            return
        if not self.path.startswith("/rows"):
            self.send_error(404)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(CONTENT) - start))
        self.end_headers()
        self.wfile.write(CONTENT[start : start + self.server.most])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def test_a_file_comes_once_and_is_checked(server: Server, tmp_path: Path) -> None:
    published = Published(server.url, MD5)
    file = downloaded(published, tmp_path / "cache", environment={})
    assert file.read_bytes() == CONTENT
    assert downloaded(published, tmp_path / "cache", environment={"HF_HUB_OFFLINE": "1"}) == file
    assert server.ranges == [None]
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["rows.tsv"]


@pytest.mark.parametrize("takes_ranges", [True, False])
def test_a_download_that_was_cut_off_is_gone_on_with(
    server: Server, tmp_path: Path, *, takes_ranges: bool
) -> None:
    server.takes_ranges = takes_ranges
    (tmp_path / "rows.tsv.part").write_bytes(CONTENT[:70_000])
    file = downloaded(Published(server.url, MD5), tmp_path, environment={})
    assert file.read_bytes() == CONTENT
    assert server.ranges == ["bytes=70000-"]


def test_a_part_that_is_whole_is_taken(server: Server, tmp_path: Path) -> None:
    (tmp_path / "rows.tsv.part").write_bytes(CONTENT)
    assert downloaded(Published(server.url, MD5), tmp_path, environment={}).is_file()


def test_another_version_is_refused_and_not_kept(server: Server, tmp_path: Path) -> None:
    with pytest.raises(EvalError, match=f"MD5 {MD5}, expected 0000"):
        downloaded(Published(server.url, "0" * 32), tmp_path, environment={})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["HF_HUB_OFFLINE", "RM_EVAL_OFFLINE"])
def test_offline_nothing_is_asked_for(server: Server, tmp_path: Path, name: str) -> None:
    with pytest.raises(EvalError, match=f"{name} forbids a download; get it elsewhere"):
        downloaded(Published(server.url, MD5), tmp_path, environment={name: "1"})
    assert server.ranges == []


def test_what_the_server_says_is_told(server: Server, tmp_path: Path) -> None:
    missing = Published(server.url.replace("rows", "none"), MD5)
    with pytest.raises(EvalError, match="the server says 404"):
        downloaded(missing, tmp_path, environment={})
    nobody = Published("http://127.0.0.1:9/rows.tsv", MD5)
    with pytest.raises(EvalError, match="call again to go on where it stopped"):
        downloaded(nobody, tmp_path, environment={})


def test_a_download_that_breaks_off_goes_on_at_the_next_call(
    server: Server, tmp_path: Path
) -> None:
    server.most = 600_000
    with pytest.raises(EvalError, match="broke off 424000 bytes early; call again"):
        downloaded(Published(server.url, MD5), tmp_path, environment={})
    assert downloaded(Published(server.url, MD5), tmp_path, environment={}).is_file()
    assert server.ranges == [None, "bytes=600000-"]
