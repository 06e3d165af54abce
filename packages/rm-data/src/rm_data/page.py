"""A page to look at: each map with its questions and their answers, in one HTML file.

Where the picture has its pixel truth beside it (`<city>.truth.json`), a click on a question draws
over the map what it is about: all optimal routes, the ride that is counted, the line, the stations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from typing import Final

from rm_data.marks import marks
from rm_data.picture import PixelTruth, load_truth
from rm_data.pictures import data_uri
from rm_data.staging import staged_files
from rm_data.templates import LETTERS
from rm_rewards import PLANNING, Question, RecordError, Route

SIDE: Final = 1000
"""The longer side of a picture on the page, in pixels, where nothing else is asked for."""

_HEAD: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Questions about transit maps</title>
<style>
body { font: 15px/1.4 system-ui, sans-serif; margin: 1rem; color: #222; }
section { display: grid; grid-template-columns: minmax(0, 3fr) minmax(20rem, 2fr); gap: 0 1.5rem; }
h2, .map { grid-column: 1; }
.map { position: sticky; top: .5rem; align-self: start; margin: 0; line-height: 0; }
.map img { width: 100%; border: 1px solid #ccc; box-sizing: border-box; }
.map svg { position: absolute; inset: 0; width: 100%; height: 100%; }
.asked { grid-column: 2; grid-row: 1 / span 9; }
article { border-top: 1px solid #ddd; padding: .6rem; }
article.drawn { background: #fff4fa; }
article[data-drawable] { cursor: pointer; }
article > svg { display: none; }
code { color: #666; }
p { white-space: pre-wrap; margin: .3rem 0; overflow-wrap: anywhere; }
.answer { background: #eef6ee; padding: .3rem .5rem; }
@media (max-width: 50rem) { section { display: block; } }
</style>
<script>
function draw(article) {
  const section = article.closest("section"), map = section.querySelector(".map");
  const again = article.classList.contains("drawn");
  map?.querySelector(":scope > svg")?.remove();
  for (const other of section.querySelectorAll(".drawn")) other.classList.remove("drawn");
  if (again || !map) return;
  map.append(article.querySelector(":scope > svg").cloneNode(true));
  article.classList.add("drawn");
}
addEventListener("click", event => {
  const article = event.target.closest("article[data-drawable]");
  if (article) draw(article);
});
addEventListener("keydown", event => {
  if (event.key === "Enter" && event.target.matches("article[data-drawable]")) draw(event.target);
});
</script>
"""


def write_page(
    questions: Iterable[Question], out: Path, *, base: Path, source: str, side: int = SIDE
) -> int:
    """Write the page; gives the number of questions.

    The page needs no other file: pictures stand in it, reduced to `side` pixels. It appears when it
    is complete.

    Args:
        questions: In the order of the page; consecutive questions of one map share its picture.
        out: The HTML file.
        base: The folder that the pictures' paths are relative to.
        source: The name of the questions file, for errors.
        side: The longer side of a picture on the page, in pixels.

    Raises:
        RecordError: For a picture that is missing or cannot be read, or if there is no question.
        OSError: If the file cannot be written.
    """
    count = 0
    with staged_files(out.absolute().parent) as folder:
        with (folder / out.name).open("w", encoding="utf-8") as stream:
            stream.write(_HEAD)
            for part in _parts(questions, base, source, side):
                stream.write(part)
                count += part.startswith("<article")
        if not count:
            raise RecordError("file", "no question", "at least one", where=source)
    return count


def _parts(questions: Iterable[Question], base: Path, source: str, side: int) -> Iterator[str]:
    shown: tuple[str, str, str | None] | None = None
    truth: PixelTruth | None = None
    for question in questions:
        place = (question.country, question.city, question.figure)
        if place != shown:
            if shown is not None:
                yield "</div></section>\n"
            shown = place
            truth = _truth(question, base, source)
            yield _map(question, base, source, side)
        yield _article(question, "" if truth is None else marks(question, truth))
    yield "</div></section>\n"


def _truth(question: Question, base: Path, source: str) -> PixelTruth | None:
    """The pixel truth beside the picture, if there is one."""
    if question.figure is None:
        return None
    path = (base / question.figure).with_suffix(".truth.json")
    if not path.is_file():
        return None
    try:
        return load_truth(path)
    except RecordError as error:
        raise error.at(f"{source}: {question.id}: {path}") from None


def _map(question: Question, base: Path, source: str, side: int) -> str:
    title = escape(", ".join(filter(None, (question.city, question.country))))
    if question.figure is None:
        picture = "<p>(no picture)</p>"
    else:
        try:
            uri = data_uri(base / question.figure, side)
        except RecordError as error:
            raise error.at(f"{source}: {question.id}") from None
        picture = f'<figure class="map"><img src="{uri}" alt="Map of {title}"></figure>'
    return f'<section><h2>{title}</h2>\n{picture}\n<div class="asked">\n'


def _article(question: Question, drawn: str) -> str:
    about = f"{question.type}, map {question.difficulty_city}"
    if question.type == PLANNING:
        about = f"{about}, question {question.difficulty_question}"
    head = ' data-drawable tabindex="0"' if drawn else ""
    return (
        f"<article{head}><code>{escape(question.id)}</code> ({escape(about)})\n"
        f"<p>{escape(question.question)}</p>\n"
        f'<p class="answer">{escape(answer_text(question))}</p>{drawn}</article>\n'
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
