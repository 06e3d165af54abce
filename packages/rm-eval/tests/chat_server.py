"""A server of OpenAI's chat protocol that knows the colours, and fails as it is told."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any, Final, cast

from PIL import Image

NAME: Final = "colours-1"
KEY: Final = "sk-not-to-be-seen"


@dataclass(slots=True)
class Fault:
    """One answer that is not a reply.

    Attributes:
        status: 0 drops the connection, 200 sends `text` as if it were a reply.
        wait_s: Seconds before the answer.
    """

    status: int
    text: str = '{"error": {"message": "told to fail"}}'
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    wait_s: float = 0.0


@dataclass(slots=True)
class Script:
    """What the server is to do, and what it was asked.

    Attributes:
        colours: RGB -> the number that a picture of it stands for.
        says: What it answers to a text without a picture.
        faults: For a text, what comes before (or, if `forever`, instead of) its reply.
        asked: The text of each request, in order.
        bodies: The requests.
        most: The most requests that were under way at once.
        refuses: It refuses each request whose text has this in it.
        names: The models that it has.
        opened: How often it was asked for them, as each client does once.
    """

    colours: Mapping[tuple[int, ...], int | str]
    says: Callable[[str], str] | None = None
    faults: dict[str, list[Fault]] = field(default_factory=dict[str, list[Fault]])
    forever: bool = False
    key: str = ""
    asked: list[str] = field(default_factory=list[str])
    bodies: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    most: int = 0
    refuses: str = ""
    names: tuple[str, ...] = (NAME,)
    opened: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    now: int = 0

    def fault(self, text: str) -> Fault | None:
        """The next fault for a text."""
        if self.refuses and self.refuses in text:
            return Fault(400)
        left: Sequence[Fault] = self.faults.get(text, [])
        if not left:
            return None
        return left[0] if self.forever else self.faults[text].pop(0)


def first_pixel(picture: Path | BytesIO) -> tuple[int, ...]:
    """The colour of a picture, if it has one alone."""
    with Image.open(picture) as opened:
        colour = opened.getpixel((0, 0))
    assert isinstance(colour, tuple)
    return tuple(int(part) for part in colour)


def reply(script: Script, body: Mapping[str, Any]) -> dict[str, Any]:
    """What a model says that reads the colour of the first pixel; without one, as the script."""
    content = body["messages"][0]["content"]
    if len(content) == 1:
        assert script.says is not None
        return {
            "model": f"{NAME}-2026",
            "choices": [{"message": {"content": script.says(content[0]["text"])}}],
            "usage": {"completion_tokens": 5, "prompt_tokens": 100},
        }
    picture = content[0]["image_url"]["url"].partition("base64,")[2]
    number = script.colours[first_pixel(BytesIO(base64.b64decode(picture)))]
    text = f"\\boxed{{{number}}}"
    return {
        "choices": [{"message": {"content": text}, "finish_reason": "stop"}],
        "usage": {"completion_tokens": 10, "prompt_tokens": 40},
    }


class ChatServer(ThreadingHTTPServer):
    """Listens on a free port of this machine until it is closed."""

    daemon_threads = True

    def __init__(self, script: Script) -> None:
        self.script = script
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def base_url(self) -> str:
        """As `--base-url` takes it."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(BaseHTTPRequestHandler):
    """One request."""

    def do_GET(self) -> None:
        """The list of models."""
        script = cast("ChatServer", self.server).script
        script.opened += 1
        self._send(200, json.dumps({"data": [{"id": name} for name in script.names]}))

    def do_POST(self) -> None:
        """A reply, or a fault."""
        script = cast("ChatServer", self.server).script
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text = body["messages"][0]["content"][-1]["text"]
        with script.lock:
            script.asked.append(text)
            script.bodies.append(body)
            script.now += 1
            script.most = max(script.most, script.now)
            fault = script.fault(text)
        time.sleep(fault.wait_s if fault else 0.02)
        with script.lock:
            script.now -= 1
        if script.key and self.headers.get("Authorization") != f"Bearer {script.key}":
            self._send(401, '{"error": {"message": "no such key"}}')
        elif fault is None:
            self._send(200, json.dumps(reply(script, body)))
        elif fault.status:
            self._send(fault.status, fault.text, fault.headers)
        else:
            self.close_connection = True

    def _send(self, status: int, text: str, headers: Mapping[str, str] | None = None) -> None:
        content = text.encode()
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing on the screen."""
