"""The page and the picture of a comparison."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from rm_curriculum.adapters.row_fields import QuestionRow
from rm_curriculum.simulation import Budget, Comparison, Learner, compare, synthetic
from rm_curriculum.simulation.comparison import OVERALL
from rm_curriculum.simulation.page import NOTE, page
from rm_curriculum.simulation.picture import picture
from rm_curriculum.simulation.record import record
from rm_curriculum.simulation.summary import summary

EVIL = '<script>alert("x")</script>'


@pytest.fixture(scope="module")
def found() -> Comparison:
    return compare(
        synthetic(200),
        ["gated", "gated:threshold=0.5"],
        learner=Learner(),
        budget=Budget(epochs=2),
        seeds=3,
    )


class Tags(HTMLParser):
    """The tags of a page, which must all be closed, and the heads of its table."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        assert not any(name.startswith("on") or name in {"src", "href"} for name, _ in attrs)
        if tag not in {"meta"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()


def test_the_page_is_whole_and_fetches_nothing(found: Comparison) -> None:
    tags = Tags()
    text = page(found)
    tags.feed(text)
    assert tags.open == []
    assert not {"script", "img", "link", "iframe"} & set(tags.seen)
    assert "http" not in re.sub(r"<title>.*?</title>", "", text)
    assert tags.seen.count("svg") == 2 + len(found.results)
    assert tags.seen.count("tr") == 1 + len(found.results)
    assert all(word in text for word in ("gated:threshold=0.5", "rewardmap", "uniform"))
    assert NOTE.split(":")[0] in text


def test_every_figure_of_the_page_is_in_the_record(found: Comparison) -> None:
    made = json.loads(json.dumps(record(found)))
    assert [one["schedule"] for one in made["results"]] == [r.schedule for r in found.results]
    text = page(found)
    for one in made["results"]:
        mean, low, high = one["measures"][OVERALL]
        assert low <= mean <= high
        assert f"<td>{mean:.3f}</td>" in text
        curve = one["curves"][OVERALL]
        assert curve[-1] == one["measures"][OVERALL]
        assert len(curve) == len(one["questions"])
    assert set(made["results"][0]["against"]) == {"uniform", "rewardmap"}


def test_names_cannot_write_into_the_page() -> None:
    rows = [QuestionRow(id=f"e{i}", type=EVIL) for i in range(30)]
    made = compare(rows, ["random"], learner=Learner(), budget=Budget(), seeds=1)
    tags = Tags()
    tags.feed(page(made))
    assert "script" not in tags.seen
    assert "&lt;script&gt;" in page(made)


def test_the_summary_has_a_line_for_each_schedule(found: Comparison) -> None:
    lines = list(summary(found))
    assert lines[1].split()[:2] == ["schedule", "all"]
    assert [line.split()[0] for line in lines[2:]] == [one.schedule for one in found.results]
    assert len({len(line) for line in lines[1:]}) <= 2
    alone = compare(synthetic(60), [], learner=Learner(), budget=Budget(), seeds=1)
    assert not any("±" in line for line in summary(alone))


def test_the_picture_is_the_same_twice_and_shows_a_panel_a_schedule(found: Comparison) -> None:
    drawn = picture(found)
    assert drawn == picture(found)
    with Image.open(io.BytesIO(drawn)) as image:
        assert image.format == "PNG"
        assert image.width > 1_000
        colours = image.convert("RGB").getcolors(1 << 24) or []
    assert len(colours) > 50


@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
def test_a_browser_draws_the_page(found: Comparison, tmp_path: Path) -> None:
    file, shot = tmp_path / "page.html", tmp_path / "page.png"
    file.write_text(page(found), encoding="utf-8")
    browser = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    subprocess.run(
        [*browser, f"--screenshot={shot}", "--window-size=1280,1400", file.as_uri()],
        capture_output=True,
        check=True,
        timeout=120,
    )
    with Image.open(shot) as image:
        colours = {c: n for n, c in image.convert("RGB").getcolors(1 << 24) or []}
    assert colours[255, 255, 255] > 500_000
    assert colours[28, 37, 48] > 3_000  # ink: text, dots and the curves of all families
    assert colours[0, 114, 178] > 300  # the first family's curves
