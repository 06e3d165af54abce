"""The pictures in a benchmark's cells: decoded, checked, and kept once each."""

from __future__ import annotations

import ast
import base64
import binascii
import hashlib
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Final, cast

from rm_eval.errors import EvalError
from rm_eval.picture_file import in_rgb, opened_picture, picture_bytes
from rm_eval.sources.row import Row

REFERENCE: Final = 64
"""The longest cell that names another row's index in place of a picture (VLMEvalKit)."""

_COLUMNS: Final = ("image", "figure", "image_path")
_CLEAR: Final = ("RGBA", "P", "LA")
_KEPT: Final = {"PNG": ".png", "JPEG": ".jpg", "MPO": ".jpg", "WEBP": ".webp"}


class Pictures:
    """Takes the picture of each row, writes it into a folder, and resolves references at the end.

    Pictures with an alpha channel or a palette lose it as in VLMEvalKit, which drops the channel
    without a look at the background; other PNG, JPEG and WebP files keep their bytes, and other
    formats become PNG.
    """

    def __init__(self, folder: Path, beside: Path) -> None:
        self._folder = folder
        self._beside = beside.resolve()
        self._names: dict[str, str] = {}
        self._references: dict[str, tuple[str, str]] = {}

    def take(self, index: str, row: Row) -> None:
        """Keep the picture of the row with that index.

        Raises:
            EvalError: If its cell holds no picture that can be read.
        """
        column = next((name for name in _COLUMNS if row.has(name)), None)
        if column is None:
            return
        where = f"{row.where}: {column}"
        cell = row.cells[column]
        if isinstance(cell, Mapping):  # the picture feature of Hugging Face
            feature = cast("Mapping[str, object]", cell)
            cell = feature.get("bytes") or feature.get("path")
        if isinstance(cell, bytes):
            self._names[index] = self._kept(cell, where)
            return
        text = _single(str(cell).strip(), where)
        if _is_path(text, column):
            self._names[index] = self._kept(self._file(text, where), where)
        elif len(text) <= REFERENCE:
            self._references[index] = (text, where)
        else:
            self._names[index] = self._kept(_decoded(text, where), where)

    def name(self, index: str) -> str | None:
        """The file of that row's picture in the folder; None if it has none.

        Raises:
            EvalError: If the row refers to one that has no picture of its own.
        """
        if index not in self._references:
            return self._names.get(index)
        target, where = self._references[index]
        if target not in self._names:
            raise EvalError(
                f"{where}: found {target!r}, expected a picture in base64 or the index of a row "
                "that holds one"
            )
        return self._names[target]

    def _kept(self, content: bytes, where: str) -> str:
        stored, suffix = _checked(content, where)
        name = hashlib.sha256(content).hexdigest()[:32] + suffix
        if not (self._folder / name).exists():
            (self._folder / name).write_bytes(stored)
        return name

    def _file(self, relative: str, where: str) -> bytes:
        path = (self._beside / relative).resolve()
        if not path.is_relative_to(self._beside):
            found = f"{where}: found {relative[:60]!r}"
            raise EvalError(f"{found}, expected a file inside {self._beside}")
        try:
            return picture_bytes(path)
        except EvalError as error:
            raise EvalError(f"{where}: {error}") from None


def _is_path(text: str, column: str) -> bool:
    return column == "image_path" or text.lower().endswith((".png", ".jpg", ".jpeg", ".webp"))


def _single(text: str, where: str) -> str:
    """The one picture of a cell that may be a list of them."""
    if not text.startswith("["):
        return text
    try:
        listed: object = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        raise EvalError(f"{where}: found a list that cannot be read: {text[:40]!r}") from None
    pictures = cast("list[object]", listed) if isinstance(listed, list) else []
    if len(pictures) != 1 or not isinstance(pictures[0], str):
        raise EvalError(f"{where}: found {len(pictures)} pictures, expected one")
    return pictures[0]


def _decoded(text: str, where: str) -> bytes:
    encoded = text.partition(";base64,")[2] or text
    try:
        return base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise EvalError(f"{where}: found {text[:24]!r}..., expected base64: {error}") from None


def _checked(content: bytes, where: str) -> tuple[bytes, str]:
    """What is kept of a picture, and the suffix of its file."""
    try:
        with opened_picture(content) as opened:
            suffix = _KEPT.get(opened.format or "")
            if suffix is not None and opened.mode not in _CLEAR:
                opened.load()
                return content, suffix
            flat = BytesIO()
            made = opened.convert("RGB") if opened.mode in _CLEAR else in_rgb(opened)
            made.save(flat, format="PNG")
            return flat.getvalue(), ".png"
    except EvalError as error:
        raise EvalError(f"{where}: {error}") from None
