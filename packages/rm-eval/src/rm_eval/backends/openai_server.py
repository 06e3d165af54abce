"""Replies of a model behind a server that speaks the chat protocol of OpenAI."""

# ruff: noqa: PLC0415 - `--help` must not wait for httpx

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import Sequence
from io import BytesIO
from time import perf_counter
from typing import TYPE_CHECKING, Any

from rm_eval.backends.backend import Prompt, Reply, Unanswered
from rm_eval.backends.requesting import Asker
from rm_eval.backends.server_settings import Server
from rm_eval.errors import EvalError

if TYPE_CHECKING:
    from PIL.Image import Image


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
        try:
            self._runner.run(self._check_there())
        except BaseException:
            self.close()
            raise

    def replies(self, prompts: Sequence[Prompt]) -> list[Reply]:
        """One reply a prompt; as many requests at once as the settings allow.

        Raises:
            Unanswered: If a question is refused, or the server fails for good.
        """
        return self._runner.run(self._replies(prompts))

    def close(self) -> None:
        """Close the connections."""
        self._runner.run(self._client.aclose())
        self._runner.close()

    async def _replies(self, prompts: Sequence[Prompt]) -> list[Reply]:
        shown = {p.picture_key: _picture(p.picture) for p in _first_of_each(prompts)}
        tasks = [asyncio.create_task(self._reply(p, shown[p.picture_key])) for p in prompts]
        done: list[Reply] = []
        try:
            for task in tasks:
                done.append(await task)  # noqa: PERF401 - those before a failure are kept
        except EvalError as error:
            raise Unanswered(str(error), done) from error
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return done

    async def _reply(self, prompt: Prompt, picture: list[dict[str, Any]]) -> Reply:
        content = [*picture, {"type": "text", "text": prompt.text}]
        wanted = {
            "model": self._model,
            "messages": [{"role": "user", "content": content}],
            **self._fields,
        }
        body = {name: value for name, value in wanted.items() if value is not None}
        began = perf_counter()
        answer = await self._asker.ask(prompt.question_id, body)
        return _read(prompt.question_id, answer, round(perf_counter() - began, 4))

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


def _first_of_each(prompts: Sequence[Prompt]) -> list[Prompt]:
    return list({prompt.picture_key: prompt for prompt in prompts}.values())


def _picture(picture: Image | None) -> list[dict[str, Any]]:
    """The picture as part of a turn, without loss, so that every backend sees the same pixels."""
    if picture is None:
        return []
    written = BytesIO()
    picture.save(written, format="PNG", compress_level=1)
    url = "data:image/png;base64," + base64.b64encode(written.getvalue()).decode("ascii")
    return [{"type": "image_url", "image_url": {"url": url}}]


def _names(found: Any) -> list[str]:  # noqa: ANN401 - an httpx.Response
    try:
        return [str(one["id"]) for one in found.json()["data"]]
    except (ValueError, KeyError, TypeError):  # a server without a list of its models
        return []


def _name(told: object) -> str | None:
    return told if isinstance(told, str) and told else None


def _read(question_id: str, answer: dict[str, Any], seconds: float) -> Reply:
    try:
        choice = answer["choices"][0]
        text = choice["message"]["content"] or ""
        reason = "length" if choice.get("finish_reason") == "length" else "stop"
        usage: dict[str, Any] = answer.get("usage") or {}
        details: dict[str, Any] = usage.get("prompt_tokens_details") or {}
        return Reply(
            str(text),
            usage.get("completion_tokens"),
            reason,
            prompt_tokens=usage.get("prompt_tokens"),
            cached_tokens=details.get("cached_tokens"),
            seconds=seconds,
            model=_name(answer.get("model")),
        )
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise EvalError(
            f"question {question_id!r}: found an answer without choices[0].message.content; "
            "expected a server of OpenAI's chat protocol"
        ) from error
