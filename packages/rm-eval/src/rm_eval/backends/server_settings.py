"""How a server is asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from rm_eval.errors import EvalError


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server that speaks the chat protocol of OpenAI. The key is never part of it.

    Attributes:
        base_url: Up to and with `/v1`.
        concurrency: Most requests that are under way at once.
        requests_per_minute: Most requests that begin in a minute; None: any number.
        timeout_s: Longest wait for one reply, in seconds.
        retries: How often a request is asked again after 408, 409, 429, 5xx, a broken connection
            or no answer in time; pauses grow from 1 to 60 seconds.
        fields: Further fields of each request, as the server takes them; null takes one of ours
            out.
        key_variable: The environment variable that holds the key.
    """

    base_url: str = "http://localhost:8000/v1"
    concurrency: int = 16
    requests_per_minute: float | None = None
    timeout_s: float = 600.0
    retries: int = 6
    fields: dict[str, Any] = field(default_factory=dict[str, Any])
    key_variable: str = "OPENAI_API_KEY"

    def check(self) -> None:
        """Find what cannot be used, before anything is asked.

        Raises:
            EvalError: Naming the setting, the value and what was expected.
        """
        parts = urlsplit(self.base_url)
        rate = self.requests_per_minute
        rules = (
            ("base_url", parts.scheme in ("http", "https") and parts.hostname, "http://HOST/v1"),
            ("concurrency", self.concurrency >= 1, "1 or more"),
            ("requests_per_minute", rate is None or rate > 0, "a number above 0"),
            ("timeout_s", self.timeout_s > 0, "a number above 0"),
            ("retries", self.retries >= 0, "0 or more"),
        )
        for name, good, expected in rules:
            if not good:
                raise EvalError(f"{name}: found {getattr(self, name)!r}, expected {expected}")
        if parts.username or parts.password:
            raise EvalError("base_url: found a password in it, expected a key in the environment")
