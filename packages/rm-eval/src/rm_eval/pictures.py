"""The pictures of a run: all checked before the first question is asked, opened one by one."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image

from rm_eval.dataset import Dataset
from rm_eval.errors import EvalError

MAX_PIXELS: Final = 178_956_970
"""The largest picture that is opened: Pillow's own bound against decompression bombs. The published
maps reach 140 million pixels, for which Pillow already warns."""

GREY: Final = (128, 128, 128)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture file: its place, its size in pixels, and the SHA-256 of its bytes."""

    path: Path
    width: int
    height: int
    sha256: str


def check_pictures(dataset: Dataset) -> dict[str, Picture]:
    """The picture of each question by the question's id; each file is read once.

    Raises:
        EvalError: At the first question whose picture is missing, unreadable or too large.
    """
    files: dict[str, Picture] = {}
    found: dict[str, Picture] = {}
    for question in dataset.questions:
        where = f"{dataset.file}: question {question.id!r}: figure"
        if question.figure is None:
            raise EvalError(f"{where}: found None, expected the path of its picture")
        if question.figure not in files:
            files[question.figure] = _checked(dataset.path(question.figure), where)
        found[question.id] = files[question.figure]
    return found


def pictures_fingerprint(pictures: Mapping[str, Picture]) -> str:
    """SHA-256 over the pictures of all questions, in the order of the questions."""
    digest = hashlib.sha256()
    for picture in pictures.values():
        digest.update(bytes.fromhex(picture.sha256))
    return digest.hexdigest()


@lru_cache(maxsize=2)  # questions about one map stand together; a map can take 50 MB in memory
def open_picture(picture: Picture) -> Image.Image:
    """The picture as `read_picture` gives it; those of the last two maps are kept.

    Raises:
        EvalError: If its body turns out to be broken.
    """
    return read_picture(picture.path)


def read_picture(path: Path) -> Image.Image:
    """A picture file in RGB; what is transparent becomes white, as on paper.

    Raises:
        EvalError: If it is missing, broken, or larger than `MAX_PIXELS`: naming the file and why.
    """
    try:
        with unwarned(), Image.open(path) as opened:
            if not opened.has_transparency_data:
                return opened.convert("RGB")
            layered = opened.convert("RGBA")
    except OSError as error:
        raise EvalError(f"{path}: {error.strerror or _short(error)}") from error
    except Exception as error:  # each of Pillow's formats raises types of its own
        raise EvalError(f"{path}: the picture cannot be read: {_short(error)}") from error
    paper = Image.new("RGB", layered.size, "white")
    paper.paste(layered, mask=layered.getchannel("A"))
    return paper


@lru_cache(maxsize=2)
def blank_picture(picture: Picture) -> Image.Image:
    """One grey of the same size: what is left of the question when the map is taken away."""
    return Image.new("RGB", (picture.width, picture.height), GREY)


def _checked(path: Path, where: str) -> Picture:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise EvalError(f"{where}: {path}: {error.strerror}") from None
    try:
        with unwarned(), Image.open(BytesIO(content)) as opened:
            width, height = opened.size
            opened.verify()
    except Image.DecompressionBombError as error:
        raise EvalError(
            f"{where}: {path}: too large, expected {MAX_PIXELS} pixels at most: {_short(error)}"
        ) from None
    except Exception as error:  # as above
        raise EvalError(f"{where}: {path}: not a picture that can be read: {_short(error)}") from (
            None
        )
    return Picture(path, width, height, hashlib.sha256(content).hexdigest())


@contextmanager
def unwarned() -> Generator[None]:
    """Without Pillow's warning of a large picture: `MAX_PIXELS` is the bound here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        yield


def _short(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    # Pillow names the memory address of what it was given, which helps nobody.
    return text.partition(" <_io.")[0]
