"""Replies of a model behind a server that speaks the chat protocol of OpenAI."""

# ruff: noqa: PLC0415 - `--help` must not wait for httpx

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from typing import Any, TypeAlias

from rm_eval.backends.backend import Prompt, Reply
from rm_eval.backends.chat import sha256_of
from rm_eval.backends.requesting import Asker
from rm_eval.backends.server_settings import Server
from rm_eval.backends.window import streamed
from rm_eval.errors import EvalError
from rm_eval.picture_file import picture_bytes, shows_the_same

Parts: TypeAlias = list[dict[str, Any]]


class OpenAIBackend:
    """Greedy replies, many requests under way at once.

    Args:
        model: What the server calls the model.
        server: How it is asked.
        max_new_tokens: Longest reply.
        min_pixels, max_pixels: Sent as vLLM's servers take them; None leaves pictures to the
            server.

    Raises:
        EvalError: If the server is not there, or has no model of that name.
    """

    def __init__(
        self,
        model: str,
        server: Server,
        *,
        max_new_tokens: int,
        min_pixels: int | None = None,
        max_pixels: int | None = None,
    ) -> None:
        import httpx

        self._model = model
        self._server = server
        self._fields = _fields(max_new_tokens, min_pixels, max_pixels) | server.fields
        key = os.environ.get(server.key_variable)
        self._runner = asyncio.Runner()
        self._client = httpx.AsyncClient(
            base_url=server.base_url.rstrip("/") + "/",
            timeout=httpx.Timeout(server.timeout_s, connect=min(10.0, server.timeout_s)),
            headers={"Authorization": f"Bearer {key}"} if key else {},
            limits=httpx.Limits(max_connections=server.concurrency),
        )
        self._asker = Asker(self._client, server)
        self._places: dict[asyncio.Task[Reply], int] = {}
        self._shown: dict[str, asyncio.Task[Parts]] = {}  # the last pictures, as they are sent
        try:
            self._runner.run(self._check_there())
        except BaseException:
            self.close()
            raise

    def begin(self, place: int, prompt: Prompt) -> None:
        """Ask it as soon as the settings allow one more request."""
        loop, key = self._runner.get_loop(), prompt.picture_key
        if key not in self._shown:
            for old in list(self._shown)[:-1]:  # those who wait for it hold it themselves
                del self._shown[old]
            self._shown[key] = loop.create_task(asyncio.to_thread(_picture, prompt))
        reply = self._reply(prompt.question_id, prompt.text, self._shown[key])
        self._places[loop.create_task(reply)] = place

    def finished(self) -> list[tuple[int, Reply | EvalError]]:
        """Wait for a request; what has been answered or has failed for good since."""
        return self._runner.run(self._ended())

    def abandon(self) -> None:
        """Give up what is under way."""
        self._runner.run(self._cancelled())

    def replies(self, prompts: Sequence[Prompt]) -> list[Reply]:
        """One reply a prompt, in order; as many requests at once as the settings allow.

        Raises:
            EvalError: If a question is refused, or the server fails for good.
        """
        return [one for part in streamed(self, prompts, max(len(prompts), 1)) for one in part]

    def close(self) -> None:
        """Close the connections."""
        self._runner.run(self._client.aclose())
        self._runner.close()

    async def _ended(self) -> list[tuple[int, Reply | EvalError]]:
        done, _ = await asyncio.wait(self._places, return_when=asyncio.FIRST_COMPLETED)
        return [(self._places.pop(task), _outcome(task)) for task in done]

    async def _cancelled(self) -> None:
        tasks: list[asyncio.Task[Any]] = [*self._places, *self._shown.values()]
        self._places.clear()
        self._shown.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _reply(self, question_id: str, text: str, shown: asyncio.Task[Parts]) -> Reply:
        content = [*await shown, {"type": "text", "text": text}]
        wanted = {
            "model": self._model,
            "messages": [{"role": "user", "content": content}],
            **self._fields,
        }
        body = {name: value for name, value in wanted.items() if value is not None}
        answer, seconds = await self._asker.ask(question_id, body)
        reply = _read(question_id, answer, round(seconds, 4))
        return replace(reply, prompt_sha256=sha256_of(text))

    async def _check_there(self) -> None:
        import httpx

        url = self._server.base_url
        try:
            found = await self._client.get("models")
        except httpx.HTTPError as error:
            text = str(error) or type(error).__name__
            raise EvalError(
                f"{url}: no server answers there ({text}); start it, or set --base-url"
            ) from error
        if found.status_code in (401, 403):
            raise EvalError(
                f"{url}: HTTP {found.status_code}; set the environment variable "
                f"{self._server.key_variable} to a key"
            )
        names = _names(found) if found.is_success else []
        if names and self._model not in names:
            few = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
            raise EvalError(f"{url}: model: found {self._model!r}, expected one of {few}")


def _fields(
    max_new_tokens: int, min_pixels: int | None, max_pixels: int | None
) -> dict[str, object]:
    size = {"shortest_edge": min_pixels, "longest_edge": max_pixels}
    given = {name: value for name, value in size.items() if value is not None}
    pixels: dict[str, object] = {"mm_processor_kwargs": {"size": given}} if given else {}
    return {"temperature": 0.0, "max_tokens": max_new_tokens, **pixels}


def _picture(prompt: Prompt) -> Parts:
    """The picture as part of a turn, without loss, so that every backend sees the same pixels."""
    if prompt.picture is None:
        return []
    content = b"" if prompt.file is None else picture_bytes(prompt.file)
    if not shows_the_same(content):
        written = BytesIO()
        prompt.picture.save(written, format="PNG", compress_level=1)
        content = written.getvalue()
    url = "data:image/png;base64," + base64.b64encode(content).decode("ascii")
    return [{"type": "image_url", "image_url": {"url": url}}]


def _outcome(task: asyncio.Task[Reply]) -> Reply | EvalError:
    error = task.exception()
    return error if isinstance(error, EvalError) else task.result()


def _names(found: Any) -> list[str]:  # noqa: ANN401 - an httpx.Response
    try:
        return [str(one["id"]) for one in found.json()["data"]]
    except (ValueError, KeyError, TypeError):  # a server without a list of its models
        return []


def _name(told: object) -> str | None:
    return told if isinstance(told, str) and told else None


def _count(told: object) -> int | None:
    return told if isinstance(told, int) and told >= 0 else None


def _whole(text: str) -> str:
    """The text with each half of a letter, which JSON can hold but no file in UTF-8, replaced."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _read(question_id: str, answer: dict[str, Any], seconds: float) -> Reply:
    try:
        choice = answer["choices"][0]
        text = choice["message"]["content"] or ""
        reason = "length" if choice.get("finish_reason") == "length" else "stop"
        usage: dict[str, Any] = answer.get("usage") or {}
        details: dict[str, Any] = usage.get("prompt_tokens_details") or {}
        return Reply(
            _whole(str(text)),
            _count(usage.get("completion_tokens")),
            reason,
            prompt_tokens=_count(usage.get("prompt_tokens")),
            cached_tokens=_count(details.get("cached_tokens")),
            seconds=seconds,
            model=_name(answer.get("model")),
        )
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise EvalError(
            f"question {question_id!r}: found an answer without choices[0].message.content; "
            "expected a server of OpenAI's chat protocol"
        ) from error
