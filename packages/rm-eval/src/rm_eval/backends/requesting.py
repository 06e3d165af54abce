"""One request to a server, asked again where the server or the way to it failed."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Mapping
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from rm_eval.errors import EvalError, RefusedError

if TYPE_CHECKING:
    import httpx

    from rm_eval.backends.server_settings import Server

_AGAIN: Final = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_REFUSED: Final = frozenset({400, 413, 422})
_LONGEST_PAUSE: Final = 60.0


class Pace:
    """Lets requests begin at most so many a minute, evenly spread.

    Args:
        per_minute: None: as fast as they come.
    """

    def __init__(self, per_minute: float | None) -> None:
        self._gap = 60.0 / per_minute if per_minute else 0.0
        self._next = 0.0

    async def turn(self) -> None:
        """Wait until the next request may begin."""
        now = asyncio.get_running_loop().time()
        begin = max(now, self._next)
        self._next = begin + self._gap
        if begin > now:
            await asyncio.sleep(begin - now)


class Asker:
    """Posts requests for as long as its client is open."""

    def __init__(self, client: httpx.AsyncClient, server: Server) -> None:
        self._client = client
        self._server = server
        self._pace = Pace(server.requests_per_minute)
        self._open = asyncio.Semaphore(server.concurrency)

    async def ask(self, question_id: str, body: Mapping[str, Any]) -> tuple[dict[str, Any], float]:
        """The server's answer to a chat request, and the seconds since it was first sent.

        Raises:
            RefusedError: If it refuses the request for what is in it.
            EvalError: If it refuses every request, or fails more often than it is asked again.
        """
        reason = ""
        async with self._open:
            began = perf_counter()
            for attempt in range(self._server.retries + 1):
                await self._pace.turn()
                answer, reason, wanted = await self._once(question_id, body)
                if answer is not None:
                    return answer, perf_counter() - began
                if attempt < self._server.retries:
                    await asyncio.sleep(_pause(attempt, wanted))
        raise EvalError(
            f"question {question_id!r}: {self._server.base_url}: {reason}, asked "
            f"{self._server.retries + 1} times; go on with the same command once the server answers"
        )

    async def _once(
        self, question_id: str, body: Mapping[str, Any]
    ) -> tuple[dict[str, Any] | None, str, float | None]:
        """The answer; or why there is none, and the pause that the server asks for."""
        import httpx  # noqa: PLC0415 - `--help` must not wait for it

        try:
            found = await self._client.post("chat/completions", json=body)
        except httpx.TimeoutException:
            return None, f"no answer within {self._server.timeout_s:g} s", None
        except httpx.TransportError as error:
            return None, _line(str(error)) or type(error).__name__, None
        if found.is_success:
            return _object(found), "an answer that is no JSON object", None
        told = f"HTTP {found.status_code}: {_message(found)}"
        if found.status_code in _AGAIN:
            return None, told, _seconds(found.headers.get("retry-after"))
        kind = RefusedError if found.status_code in _REFUSED else EvalError
        raise kind(
            f"question {question_id!r}: {self._server.base_url} refused it: {told}; "
            + _way_out(found.status_code, told, self._server.key_variable)
        )


def _pause(attempt: int, wanted: float | None) -> float:
    """1, 2, 4 ... seconds, half of it by chance so that requests do not come back together."""
    grown = min(_LONGEST_PAUSE, 2.0**attempt)
    own = grown * (0.5 + 0.5 * random.random())
    return own if wanted is None else min(_LONGEST_PAUSE, max(own, wanted))


def _seconds(header: str | None) -> float | None:
    try:
        return None if header is None else float(header)
    except ValueError:  # a date, which no server of this kind sends
        return None


def _object(found: httpx.Response) -> dict[str, Any] | None:
    try:
        loaded: object = found.json()
    except ValueError:
        return None
    return dict(loaded) if isinstance(loaded, dict) else None  # pyright: ignore[reportUnknownArgumentType,reportUnknownVariableType]


def _message(found: httpx.Response) -> str:
    """What the server says of an error, in one line."""
    held = _object(found) or {}
    error: Any = held.get("error", held)
    text = error.get("message") if isinstance(error, dict) else error  # pyright: ignore[reportUnknownVariableType,reportUnknownMemberType]
    return _line(text if isinstance(text, str) else json.dumps(held) if held else found.text)


def _line(text: str) -> str:
    return " ".join(text.split())[:300]


def _way_out(status: int, told: str, variable: str) -> str:
    if status in (401, 403):
        return f"set the environment variable {variable} to a key that may use the model"
    if status == 404:
        return "--model names what the server calls it, --base-url ends in /v1"
    if "mm_processor_kwargs" in told:
        return (
            "start the server with --trust-request-mm-kwargs, or with --mm-processor-kwargs for "
            "the bounds and leave out --min-pixels and --max-pixels"
        )
    return "lower --max-pixels or --max-new-tokens, or leave the question out"
