"""The pictures of a run: all checked before the first question is asked, opened one by one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from PIL import Image

from rm_eval.dataset import Dataset
from rm_eval.errors import EvalError
from rm_eval.of_questions import OfQuestions
from rm_eval.picture_file import in_rgb, opened_picture, picture_bytes

GREY: Final = (128, 128, 128)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture file: its place, its size in pixels, and the SHA-256 of its bytes."""

    path: Path
    width: int
    height: int
    sha256: str


def check_pictures(dataset: Dataset) -> OfQuestions[Picture]:
    """The picture of each question that has one, by the question's id; each file is read once.

    Raises:
        EvalError: At the first question whose picture is missing, unreadable or too large.
    """
    files: dict[str, Picture] = {}
    for question in dataset.questions:
        where = f"{dataset.file}: question {question.id!r}: figure"
        if question.figure is None:
            if dataset.may_be_text(question):
                continue
            raise EvalError(f"{where}: found None, expected the path of its picture")
        if question.figure not in files:
            files[question.figure] = _checked(dataset.path(question.figure), where)
    return OfQuestions(dataset.questions, lambda one: files.get(one.figure or ""))


def pictures_fingerprint(pictures: OfQuestions[Picture]) -> str:
    """SHA-256 over the pictures of all questions, in the order of the questions."""
    digest = hashlib.sha256()
    for picture in pictures.in_order():
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
    """A picture file in RGB, as `in_rgb` makes it.

    Raises:
        EvalError: If it is missing, broken, or larger than `MAX_PIXELS`: naming the file and why.
    """
    content = picture_bytes(path)
    try:
        with opened_picture(content) as opened:
            return in_rgb(opened)
    except EvalError as error:
        raise EvalError(f"{path}: {error}") from None


@lru_cache(maxsize=2)
def blank_picture(picture: Picture) -> Image.Image:
    """One grey of the same size: what is left of the question when the map is taken away."""
    return Image.new("RGB", (picture.width, picture.height), GREY)


def _checked(path: Path, where: str) -> Picture:
    try:
        content = picture_bytes(path)
    except EvalError as error:
        raise EvalError(f"{where}: {error}") from None
    try:
        with opened_picture(content) as opened:
            width, height = opened.size
            opened.verify()
    except EvalError as error:
        raise EvalError(f"{where}: {path}: {error}") from None
    return Picture(path, width, height, hashlib.sha256(content).hexdigest())
