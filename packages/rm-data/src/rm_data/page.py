"""A page to look at: each map with its questions and their answers, in one HTML file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from typing import Final

from rm_data.pictures import data_uri
from rm_data.staging import staged_files
from rm_data.templates import LETTERS
from rm_rewards import PLANNING, Question, RecordError, Route

SIDE: Final = 800
"""The longer side of a picture on the page, in pixels."""

_HEAD: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Questions about transit maps</title>
<style>
body { font: 15px/1.4 system-ui, sans-serif; margin: 1.5rem auto; max-width: 60rem; }
img { max-width: 100%; border: 1px solid #ccc; }
article { border-top: 1px solid #ddd; padding: .6rem 0; }
code { color: #666; }
p { white-space: pre-wrap; margin: .3rem 0; }
.answer { background: #eef6ee; padding: .3rem .5rem; }
</style>
"""


def write_page(questions: Iterable[Question], out: Path, *, base: Path, source: str) -> int:
    """Write the page; gives the number of questions.

    The page needs no other file: pictures stand in it, reduced to `SIDE` pixels. It appears when it
    is complete.

    Args:
        questions: In the order of the page; consecutive questions of one map share its picture.
        out: The HTML file.
        base: The folder that the pictures' paths are relative to.
        source: The name of the questions file, for errors.

    Raises:
        RecordError: For a picture that is missing or cannot be read, or if there is no question.
        OSError: If the file cannot be written.
    """
    count = 0
    with staged_files(out.absolute().parent) as folder:
        with (folder / out.name).open("w", encoding="utf-8") as stream:
            stream.write(_HEAD)
            for part in _parts(questions, base, source):
                stream.write(part)
                count += part.startswith("<article")
        if not count:
            raise RecordError("file", "no question", "at least one", where=source)
    return count


def _parts(questions: Iterable[Question], base: Path, source: str) -> Iterator[str]:
    shown: tuple[str, str, str | None] | None = None
    for question in questions:
        place = (question.country, question.city, question.figure)
        if place != shown:
            shown = place
            yield _map(question, base, source)
        yield _article(question)


def _map(question: Question, base: Path, source: str) -> str:
    title = escape(", ".join(filter(None, (question.city, question.country))))
    if question.figure is None:
        return f"<h2>{title}</h2>\n<p>(no picture)</p>\n"
    try:
        uri = data_uri(base / question.figure, SIDE)
    except RecordError as error:
        raise error.at(f"{source}: {question.id}") from None
    return f'<h2>{title}</h2>\n<img src="{uri}" alt="Map of {title}">\n'


def _article(question: Question) -> str:
    about = f"{question.type}, map {question.difficulty_city}"
    if question.type == PLANNING:
        about = f"{about}, question {question.difficulty_question}"
    return (
        f"<article><code>{escape(question.id)}</code> ({escape(about)})\n"
        f"<p>{escape(question.question)}</p>\n"
        f'<p class="answer">{escape(answer_text(question))}</p></article>\n'
    )


def answer_text(question: Question) -> str:
    """The answer in words: yes or no, the letter with its option, the number, or the routes."""
    if question.routes is not None:
        return "\n".join(_route(route) for route in question.routes)
    if question.type in {"TorF1", "TorF2"}:
        return "yes" if question.answer == 1 else "no"
    if question.options is None or question.answer is None:
        return str(question.answer)
    pairs = [*zip(LETTERS, question.options, strict=False)]
    return ") ".join(pairs[question.answer]) if question.answer < len(pairs) else "?"


def _route(route: Route) -> str:
    return "; ".join(
        f"{leg.route_name}: {leg.departure_stop} - {leg.arrival_stop}"
        f" ({leg.num_via_stops if leg.num_via_stops is not None else len(leg.via_stops)} between)"
        for leg in route
    )
