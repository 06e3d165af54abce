from __future__ import annotations

import base64
import io
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from rm_data import ask, draw, generate
from rm_data.layout import layout_of
from rm_data.page import SIDE, answer_text, write_page
from rm_data.picture import dump_truth, scene, to_png
from rm_data.pictures import data_uri, picture_size
from rm_rewards import Leg, Network, Question, RecordError, from_published

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


class Text(HTMLParser):
    """The texts and the pictures of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.pictures: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.pictures.extend(value or "" for name, value in attrs if name == "src")

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def shown(path: Path) -> Text:
    text = Text()
    text.feed(path.read_text(encoding="utf-8"))
    return text


def decoded(uri: str) -> Image.Image:
    prefix, _, data = uri.partition(",")
    assert prefix == "data:image/png;base64"
    return Image.open(io.BytesIO(base64.b64decode(data)))


def test_a_page_shows_each_picture_once_and_every_question_with_its_answer(tmp_path: Path) -> None:
    (tmp_path / "maps").mkdir()
    questions: list[Question] = []
    for seed in (1, 2):
        network = generate(seed)
        draw(network).save(tmp_path / f"maps/{seed}.png")
        questions.extend(ask(network, per_map=4, figure=f"maps/{seed}.png"))
    out = tmp_path / "page.html"
    made = write_page(questions, out, base=tmp_path, source="q.jsonl")
    page = shown(out)
    assert made == len(questions) == page.tags.count("article")
    assert len(page.pictures) == 2
    assert decoded(page.pictures[0]).size == draw(generate(1)).size
    for question in questions:
        assert question.question in page.texts
        assert answer_text(question) in page.texts


def test_names_cannot_write_into_the_page(tmp_path: Path) -> None:
    evil = '<script>alert("1")</script>'
    network = from_published({evil: [evil, "B & C", "D"]}, city="<b>city</b>", country="'\"><i>")
    out = tmp_path / "page.html"
    write_page(ask(network, per_map=3), out, base=tmp_path, source="q")
    page = shown(out)
    assert not {"b", "i"} & set(page.tags)
    assert page.tags.count("script") == 1  # ours
    assert any(evil in text for text in page.texts)


def test_a_page_without_questions_or_with_a_missing_picture_is_not_written(tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    with pytest.raises(RecordError, match="q: file: found 'no question', expected at least one"):
        write_page([], out, base=tmp_path, source="q")
    with pytest.raises(RecordError, match=r"q: .*/TorF1/0: figure: .*the file is missing"):
        write_page(ask(generate(1), figure="no.png"), out, base=tmp_path, source="q")
    assert list(tmp_path.iterdir()) == []


ANSWERS = {
    "yes": Question(id="1", type="TorF2", question="?", answer=1),
    "no": Question(id="1", type="TorF1", question="?", answer=0),
    "C) 7": Question(
        id="1", type="Counting1", question="?", answer=2, options=("5", "6", "7", "8")
    ),
    "4": Question(id="1", type="Counting2", question="?", answer=4),
    "L: A - C (1 between); M: C - D (0 between)": Question(
        id="1",
        type="planning",
        question="?",
        routes=(
            (
                Leg(route_name="L", departure_stop="A", arrival_stop="C", via_stops=("B",)),
                Leg(route_name="M", departure_stop="C", arrival_stop="D", num_via_stops=0),
            ),
        ),
    ),
}


@pytest.mark.parametrize("text", ANSWERS)
def test_an_answer_is_told_in_words(text: str) -> None:
    assert answer_text(ANSWERS[text]) == text


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L", "LA", "1"])
def test_pictures_of_every_mode_become_small_and_lie_on_white(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "map.png"
    Image.new(mode, (1600, 400)).save(path)
    small = decoded(data_uri(path, SIDE))
    assert small.size == (1000, 250)
    if mode in {"RGBA", "LA"}:
        assert small.getpixel((10, 10)) == (255, 255, 255)


def test_the_size_of_a_published_picture_is_read_from_its_head(map_pictures: Path) -> None:
    limit = Image.MAX_IMAGE_PIXELS
    assert picture_size(map_pictures / "singapore" / "singapore.png") == (9921, 9908)
    assert limit == Image.MAX_IMAGE_PIXELS


def test_a_file_that_is_no_picture_is_named(tmp_path: Path) -> None:
    path = tmp_path / "map.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    with pytest.raises(RecordError, match=f"{re.escape(str(path))}.*expected a readable picture"):
        picture_size(path)
    with pytest.raises(RecordError, match="expected a readable picture"):
        data_uri(tmp_path, SIDE)
    draw(generate(0)).save(path)
    path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(RecordError, match="expected a readable picture"):
        data_uri(path, SIDE)


def test_a_question_without_a_picture_says_so(tmp_path: Path) -> None:
    network: Network = generate(1)
    write_page(ask(network, per_map=1), tmp_path / "p.html", base=tmp_path, source="q")
    assert "(no picture)" in shown(tmp_path / "p.html").texts


@pytest.fixture
def drawn(tmp_path: Path) -> list[Question]:
    """Questions about a map whose picture has its pixel truth beside it."""
    network = generate(3, style="named")
    made = scene(network, layout=layout_of(network), size=900)
    (tmp_path / "map.png").write_bytes(to_png(made))
    (tmp_path / "map.truth.json").write_text(dump_truth(made.truth), encoding="utf-8")
    return list(ask(network, per_map=3, figure="map.png"))


def test_a_question_brings_the_marks_that_a_click_draws(
    tmp_path: Path, drawn: list[Question]
) -> None:
    out = tmp_path / "page.html"
    write_page(drawn, out, base=tmp_path, source="q")
    text = out.read_text(encoding="utf-8")
    about_places = [q for q in drawn if q.type != "Counting3"]
    assert text.count("<article data-drawable") == len(about_places)
    assert text.count('<svg class="marks"') == len(about_places)


def test_a_truth_that_is_broken_is_named(tmp_path: Path, drawn: list[Question]) -> None:
    (tmp_path / "map.truth.json").write_text("{", encoding="utf-8")
    with pytest.raises(RecordError, match=r"q: .*/TorF1/0: .*map\.truth\.json"):
        write_page(drawn, tmp_path / "page.html", base=tmp_path, source="q")


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
def test_in_a_browser_a_click_draws_the_route_and_a_second_click_takes_it_away(
    tmp_path: Path, drawn: list[Question]
) -> None:
    out = tmp_path / "page.html"
    planning = [q for q in drawn if q.type == "planning"]
    write_page(planning, out, base=tmp_path, source="q")
    counts = """<script>
    const article = document.querySelector("article[data-drawable]"), told = [];
    const count = () => told.push(document.querySelectorAll(".map > svg polyline").length);
    count(); article.click(); count(); article.click(); count();
    document.title = told.join(" ");
    </script>"""
    with out.open("a", encoding="utf-8") as stream:
        stream.write(counts)
    strokes = 2 * sum(map(len, planning[0].routes or ()))  # each leg on white
    assert f"<title>0 {strokes} 0</title>" in in_browser(out, tmp_path / "profile")


def in_browser(page: Path, profile: Path) -> str:
    """The page as it stands after its scripts have run."""
    assert CHROMIUM is not None
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--dump-dom"]
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    called = [CHROMIUM, *flags, *quiet, f"--user-data-dir={profile}", page.as_uri()]
    done = subprocess.run(called, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout
