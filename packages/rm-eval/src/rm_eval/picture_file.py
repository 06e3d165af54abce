"""A picture file opened with care: it may come from anywhere, and may be anything."""

from __future__ import annotations

import warnings
from collections.abc import Generator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from stat import S_ISREG
from typing import Final

from PIL import Image

from rm_eval.errors import EvalError

MAX_PIXELS: Final = 178_956_970
"""The largest picture that is opened: Pillow's own bound against decompression bombs, 0.5 GB in
memory. The published maps reach 140 million pixels, for which Pillow already warns."""

MAX_BYTES: Final = 256 * 1024 * 1024
"""The largest picture file that is read: five times the largest published picture."""

FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
"""What is taken for a picture. Pillow knows more; some of those run other programs to be read."""

UNREADABLE: Final = "found no picture that can be read, expected PNG, JPEG or WebP"

_SIXTEEN: Final = ("I;16", "I;16B", "I;16L", "I;16N")
_PAGES: Final = (b"<!doctype html", b"<html", b"<?xml", b"<svg")
_PNG: Final = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
_POINTER: Final = b"version https://git-lfs"


def picture_bytes(path: Path) -> bytes:
    """The bytes of a picture file.

    Raises:
        EvalError: If it is missing, no file (such as a pipe or a device), or beyond `MAX_BYTES`.
    """
    try:
        fault = _fault(path)
        if fault is None:
            return path.read_bytes()
    except OSError as error:
        raise EvalError(f"{path}: {error.strerror}") from None
    except ValueError as error:  # a NUL in the path
        raise EvalError(f"{str(path)!r}: {error}") from None
    raise EvalError(f"{path}: {fault}")


def _fault(path: Path) -> str | None:
    """Why it is not opened; None where it may be, or where opening it will tell."""
    status = path.stat()
    if not S_ISREG(status.st_mode) and not path.is_dir():
        return "found a pipe or a device, expected a file"
    if status.st_size > MAX_BYTES:
        return f"found {status.st_size} bytes, expected {MAX_BYTES} at most"
    return None


def shows_the_same(content: bytes) -> bool:
    """Whether whoever reads this file sees the pixels that `in_rgb` gives, whatever reads it.

    So it is with a PNG of 3 x 8 bits that names no transparent colour and no orientation.
    """
    plain = content[:16] == _PNG and content[24:26] == b"\x08\x02"  # depth, kind of colour
    return plain and not any(chunk in content for chunk in (b"tRNS", b"eXIf", b"acTL"))


@contextmanager
def opened_picture(content: bytes) -> Generator[Image.Image]:
    """The picture in these bytes, its pixels not decoded yet.

    Raises:
        EvalError: If there is none that can be read, it is too large, or it moves. Also for what
            goes wrong inside, while its pixels are decoded.
    """
    try:
        with warnings.catch_warnings():
            # Pillow warns of large pictures, and of odd fields in files that it can read.
            warnings.simplefilter("ignore")
            with Image.open(BytesIO(content), formats=FORMATS) as opened:
                _check(opened)
                yield opened
    except EvalError:
        raise
    except Image.DecompressionBombError as error:
        raise EvalError(
            f"found a picture that is too large, expected {MAX_PIXELS} pixels at most: "
            f"{_short(error)}"
        ) from None
    except Exception as error:  # each of Pillow's formats raises types of its own
        reason = _found(content) or _short(error)
        raise EvalError(f"{UNREADABLE}: {reason}") from None


def in_rgb(opened: Image.Image) -> Image.Image:
    """The picture in RGB with 8 bits; what is transparent becomes white, as on paper.

    Of 16 bits a pixel the upper 8 are kept. The orientation that a camera noted is not applied, as
    in VLMEvalKit: pixels stay where the file has them.

    Raises:
        EvalError: If its pixels have 32 bits, which have no agreed range.
    """
    if opened.mode in _SIXTEEN:
        upper = opened.convert("I").point(lambda value: value / 256)
        return upper.convert("L").convert("RGB")
    if opened.mode in ("I", "F"):
        raise EvalError("found pixels of 32 bits, expected 8 or 16: save it as one of these")
    if not opened.has_transparency_data:
        return opened.convert("RGB")
    layered = opened.convert("RGBA")
    paper = Image.new("RGB", layered.size, "white")
    paper.paste(layered, mask=layered.getchannel("A"))
    return paper


def _check(opened: Image.Image) -> None:
    if opened.width * opened.height > MAX_PIXELS:
        raise Image.DecompressionBombError(f"{opened.width} x {opened.height}")
    if opened.format != "MPO" and getattr(opened, "is_animated", False):
        raise EvalError("found several pictures in one file, expected one that does not move")


def _found(content: bytes) -> str:
    """What the bytes are instead, where that can be told."""
    if not content:
        return "the file is empty"
    start = content[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(_PAGES):
        return "it is a page of text, as a server sends for an error; get it anew"
    if start.startswith(_POINTER):
        return "it is a pointer of Git LFS; run git lfs pull"
    return ""


def _short(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    # Pillow names the memory address of what it was given, which helps nobody.
    return text.partition(" <_io.")[0]
