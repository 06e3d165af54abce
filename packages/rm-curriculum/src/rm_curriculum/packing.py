"""Arrays of numbers as text for JSON: at most 1.25 characters a byte, exact on every machine."""

from __future__ import annotations

import sys
import zlib
from array import array
from base64 import b85decode, b85encode
from typing import Any

from rm_curriculum.errors import CurriculumError


def pack(values: array[Any]) -> str:
    """The array as text: little-endian, deflated where that is shorter."""
    held = array(values.typecode, values)
    if sys.byteorder == "big":
        held.byteswap()
    plain = held.tobytes()
    small = zlib.compress(plain, 1)
    return "z" + b85encode(small).decode() if len(small) < len(plain) else _plain(plain)


def unpack(text: object, typecode: str, *, name: str, length: int | None = None) -> array[Any]:
    """The array that `pack` was given.

    Raises:
        CurriculumError: If it is no such text, or not of that length.
    """
    found: array[Any] = array(typecode)
    kind, body = (text[:1], text[1:]) if isinstance(text, str) else ("", "")
    try:
        raw = b85decode(body)
        found.frombytes({"z": zlib.decompress, "p": bytes}[kind](raw))
    except (KeyError, ValueError, zlib.error):
        raise CurriculumError(
            f"state: {name}: found {str(text)[:40]!r}, expected packed numbers"
        ) from None
    if length is not None and len(found) != length:
        raise CurriculumError(f"state: {name}: found {len(found)} numbers, expected {length}")
    if sys.byteorder == "big":
        found.byteswap()
    return found


def _plain(raw: bytes) -> str:
    return "p" + b85encode(raw).decode()
