from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from rm_eval import EvalError
from rm_eval.viewer import write_viewer
from rm_rewards import Question

if TYPE_CHECKING:
    from conftest import FinishedRuns

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
EVIL = (
    "</script><script>document.title='evil'</script><img src=x onerror=\"document.title='evil'\">"
)

in_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")


def questions(folder: Path, count: int) -> list[Question]:
    (folder / "maps").mkdir(parents=True)
    for name, colour in (("a", "red"), ("b", "navy")):
        Image.new("RGB", (300, 200), colour).save(folder / "maps" / f"{name}.png")
    return [
        Question(
            id=f"q{place}",
            type=("Counting2", "TorF1")[place % 2],
            question=f"Question {place}: {EVIL if place == 0 else 'how many?'}",
            answer=1,
            figure=f"../maps/{'ab'[place % 2]}.png",
            city="ab"[place % 2],
        )
        for place in range(count)
    ]


@pytest.fixture
def two(finished: FinishedRuns) -> tuple[Path, Path]:
    """Six questions; the second run has 2 to 4 right where the first has 0 to 2."""
    asked = questions(finished.folder, 6)
    right = {"Counting2": "\\boxed{1}", "TorF1": "\\boxed{yes}"}
    before = [(q, right[q.type] if place < 3 else EVIL) for place, q in enumerate(asked)]
    after = [(q, right[q.type] if 2 <= place < 5 else "?") for place, q in enumerate(asked)]
    return finished.write("before", before), finished.write("after", after)


def in_browser(page: Path, profile: Path, script: str) -> str:
    """What the script leaves as the page's title, after it ran in a real browser."""
    assert CHROMIUM is not None
    probe = page.with_name("probe.html")
    probe.write_text(page.read_text("utf-8") + f"<script>{script}</script>", "utf-8")
    flags = [
        "--virtual-time-budget=2000",
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--dump-dom",
    ]
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    called = [CHROMIUM, *flags, *quiet, f"--user-data-dir={profile}", probe.as_uri()]
    done = subprocess.run(called, capture_output=True, text=True, timeout=120, check=True)
    found = re.search(r"<title>(.*?)</title>", done.stdout, re.DOTALL)
    assert found is not None
    return found.group(1)


CHOOSE = """
const told = [], pick = (id, value) => {
  const box = document.getElementById(id);
  box.value = value;
  box.dispatchEvent(new Event("input"));
  told.push([...document.querySelectorAll("article h2")].map(one => one.firstChild.data.trim()));
};
"""


@in_chromium
def test_in_a_browser_filters_show_what_they_say(two: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    assert write_viewer(*two, out) == 6
    wanted = [
        ("result", "all", "012345"),
        ("result", "differ", "0134"),
        ("result", "learned", "34"),
        ("result", "forgotten", "01"),
        ("result", "both", "2"),
        ("result", "neither", "5"),
        ("result", "wrong", "345"),
        ("task", "TorF1", "35"),
        ("result", "all", "135"),
        ("find", "question 3", "3"),
    ]
    picks = "".join(f"pick({json.dumps(box)}, {json.dumps(v)});" for box, v, _ in wanted)
    title = in_browser(
        out,
        tmp_path / "profile",
        CHOOSE + picks + "document.title = told.map(ids => ids.join('')).join(' ');",
    )
    assert title.replace("q", "").split(" ") == [ids for *_, ids in wanted]


@in_chromium
def test_in_a_browser_replies_are_text_and_cannot_run(
    two: tuple[Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "page.html"
    write_viewer(*two, out)
    script = """
    const shown = [...document.querySelectorAll("pre")].map(one => one.textContent).join("");
    const told = [document.title, document.querySelectorAll("script").length,
      document.querySelectorAll("article img[onerror]").length, shown.split("onerror=").length - 1];
    setTimeout(() => { document.title = told.concat(document.title).join(" | "); }, 200);
    """
    title = in_browser(out, tmp_path / "profile", script)
    assert title == "before / after | 4 | 0 | 4 | before / after"


@in_chromium
def test_in_a_browser_a_click_enlarges_the_picture(two: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    write_viewer(two[0], None, out)
    script = """
    const small = document.querySelector("article img"), box = document.getElementById("zoom");
    const large = box.querySelector("img"), told = [box.open];
    small.click();
    told.push(box.open, large.src === small.src, large.style.width);
    large.click();
    told.push(large.style.width);
    box.click();
    told.push(box.open, document.getElementById("result").options.length);
    document.title = told.join(" ");
    """
    title = in_browser(out, tmp_path / "profile", script)
    assert title == "false true true 100% 200% false 4"


@in_chromium
def test_in_a_browser_many_questions_come_in_pages(finished: FinishedRuns, tmp_path: Path) -> None:
    run = finished.write("many", [(q, "x") for q in questions(finished.folder, 95)])
    out = tmp_path / "page.html"
    write_viewer(run, None, out)
    script = """
    const count = () => document.querySelectorAll("article").length, told = [count()];
    const on = () => document.querySelectorAll("nav button")[1];
    for (const _ of [1, 2]) { on().click(); told.push(count()); }
    told.push(on().disabled);
    document.title = told.join(" ");
    """
    assert in_browser(out, tmp_path / "profile", script) == "40 40 15 true"


def test_a_page_needs_nothing_beside_it_and_holds_each_picture_once(
    two: tuple[Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "page.html"
    write_viewer(*two, out)
    page = out.read_text("utf-8")
    assert page.count("data:image/webp;base64,") == 2
    assert "default-src 'none'" in page
    assert not re.search(r"https?://|src=\"[^\"]", page)
    assert page.count("<script") == 3


def test_runs_over_other_questions_are_refused(
    two: tuple[Path, Path], finished: FinishedRuns, tmp_path: Path
) -> None:
    short = finished.write("short", [(Question(id="q0", type="TorF1", question="?", answer=1), "")])
    with pytest.raises(EvalError, match="different questions, first 'q0' and 'q0'"):
        write_viewer(two[0], short, tmp_path / "out" / "page.html")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_picture_that_is_gone_is_named(two: tuple[Path, Path], tmp_path: Path) -> None:
    (two[0].parent / "maps" / "b.png").unlink()
    with pytest.raises(EvalError, match=r"b\.png"):
        write_viewer(*two, tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()
