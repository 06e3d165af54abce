"""A benchmark's published file brought here: resumed where it was cut off, and checked.

Nothing is downloaded unless it is asked for, and nothing at all offline.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from rm_eval.benchmarks.benchmark import Published
from rm_eval.errors import EvalError
from rm_eval.sources.files import md5_of

OFFLINE: Final = ("RM_EVAL_OFFLINE", "HF_HUB_OFFLINE")
"""Each of them forbids downloads by any value but 0."""

MOST: Final = 32 << 30
"""Bytes of the largest file that is downloaded: seven times the largest published one."""

_BLOCK: Final = 1 << 20
_PATIENCE: Final = 60.0  # seconds without a byte


def downloaded(
    published: Published, cache: Path, *, environment: Mapping[str, str] = os.environ
) -> Path:
    """The file in the cache, brought there if it is not; its MD5 is that of the publication.

    What a broken download left behind (`NAME.part`) is gone on with.

    Raises:
        EvalError: If it cannot be had, may not be downloaded, or is another version.
        OSError: If the cache cannot be written.
    """
    target = cache / published.name
    if target.is_file():
        _check(target, published)
        return target
    named = [name for name in OFFLINE if environment.get(name, "0") not in ("", "0")]
    if named:
        raise EvalError(
            f"{published.url}: is not in {cache}, and {named[0]} forbids a download; get it "
            "elsewhere and pass --data"
        )
    cache.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    _bring(published.url, part)
    try:
        _check(part, published)
    except EvalError:
        part.unlink()  # it is whole but wrong: to go on with it would never end well
        raise
    part.replace(target)
    return target


def _check(file: Path, published: Published) -> None:
    found = md5_of(file)
    if found != published.md5:
        raise EvalError(
            f"{file}: MD5 {found}, expected {published.md5} as of {published.url}; delete it and "
            "try again, or pass the file with --data and --any-version"
        )


def _bring(url: str, part: Path) -> None:
    there = part.stat().st_size if part.is_file() else 0
    asked = Request(url, headers={"Range": f"bytes={there}-"} if there else {})
    try:
        with urlopen(asked, timeout=_PATIENCE) as answer:
            resumed = answer.status == HTTPStatus.PARTIAL_CONTENT
            left = int(answer.headers.get("Content-Length") or 0)
            with part.open("ab" if resumed else "wb") as stream:
                while block := answer.read(_BLOCK):
                    left -= stream.write(block)
                    if stream.tell() > MOST:
                        raise EvalError(f"{url}: does not end after {MOST} bytes; delete {part}")
        if left > 0:
            raise EvalError(f"{url}: broke off {left} bytes early; call again to go on there")
    except HTTPError as error:
        if error.code != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise EvalError(f"{url}: the server says {error.code} {error.reason}") from None
    except (URLError, HTTPException, TimeoutError, ConnectionError) as error:
        reason = getattr(error, "reason", error)
        raise EvalError(f"{url}: {reason}; call again to go on where it stopped") from None
