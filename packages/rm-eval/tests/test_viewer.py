from __future__ import annotations

import base64
import json
import re
import shutil
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from browser import EVIL, in_browser, in_chromium
from choice_runs import choices
from PIL import Image

from rm_eval import EvalError
from rm_eval.viewer import Written, write_viewer
from rm_rewards import Question

if TYPE_CHECKING:
    from conftest import FinishedRuns


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
    assert write_viewer(*two, out) == Written(6, 2, 1600)
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
    large.parentNode.dispatchEvent(new WheelEvent("wheel", {deltaY: -1, cancelable: true}));
    told.push(large.style.width);
    const pane = large.parentNode, x = pane.scrollLeft, move = (name, to) =>
      pane.dispatchEvent(new PointerEvent(name, {clientX: to, clientY: 9, bubbles: true}));
    move("pointerdown", 300); move("pointermove", 250); move("pointerup", 250);
    told.push(pane.scrollLeft - x);
    box.querySelector("button").click();
    told.push(box.open);
    document.title = told.join(" ");
    """
    title = in_browser(out, tmp_path / "profile", script)
    assert title == "false true true 100% 200% 250% 50 false"


@in_chromium
def test_in_a_browser_keys_go_through_questions_and_pictures(
    finished: FinishedRuns, tmp_path: Path
) -> None:
    run = finished.write("many", [(q, "x") for q in questions(finished.folder, 45)])
    out = tmp_path / "page.html"
    write_viewer(run, None, out)
    script = """
    const press = key => document.activeElement.dispatchEvent(
      new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
    const here = () => document.activeElement.querySelector("h2")?.firstChild.data.trim();
    const told = [], box = document.getElementById("zoom");
    for (const key of ["j", "j", "k", "k"]) { press(key); told.push(here()); }
    press("z"); told.push(box.open);
    press("+"); told.push(box.querySelector("img").style.width);
    box.close();
    press("n"); press("j"); told.push(here());
    press("/"); told.push(document.activeElement.id);
    press("j"); told.push(document.activeElement.id);
    document.title = told.join(" ");
    """
    title = in_browser(out, tmp_path / "profile", script)
    assert title == "q0 q1 q0 q0 true 200% q40 find find"


@in_chromium
def test_in_a_browser_categories_states_and_the_way_to_a_score_are_shown(tmp_path: Path) -> None:
    picks = [
        ("category", "map"),
        ("category", ""),
        ("state", "unparsed"),
        ("state", "truncated"),
        ("state", "parsed"),
        ("state", "any"),
    ]
    write_viewer(choices(tmp_path / "run"), None, out := tmp_path / "page.html")
    script = CHOOSE + "".join(f"pick({json.dumps(a)}, {json.dumps(b)});" for a, b in picks)
    script += """
    const ids = told.map(names => names.map(name => name.split(":")[1]).join("")).join(" ");
    const steps = [...document.querySelectorAll("details")].map(one => one.textContent);
    document.title = [ids, steps[0], steps[2]].join(" | ");
    """
    title = in_browser(out, tmp_path / "profile", script)
    graded = "graded by vlmevalkit-b862cf76"
    assert title.split(" | ") == [
        "02 0123 23 3 01 0123",
        f"reward 1, 5 tokens{graded}read by letter: it names one option by its letter",
        f"reward 0, 5 tokens{graded}read by none: no rule found an answerstatus unparsedno answer",
    ]


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({}, Written(6, 2, 1600)),
        ({"pictures": "small"}, Written(6, 2, 480)),
        ({"pictures": "none"}, Written(6, 0, 0)),
        ({"side": 200}, Written(6, 2, 200)),
    ],
)
def test_pictures_are_as_large_as_asked(
    two: tuple[Path, Path], tmp_path: Path, asked: dict[str, Any], shown: Written
) -> None:
    out = tmp_path / "page.html"
    assert write_viewer(*two, out, **asked) == shown
    held = re.findall(r"data:image/webp;base64,([^\"]+)", out.read_text("utf-8"))
    sizes = [Image.open(BytesIO(base64.b64decode(one))).size for one in held]
    side = min(shown.side, 300)
    assert sizes == [(side, side * 2 // 3)] * shown.pictures


def test_of_many_pictures_small_ones_are_shown(finished: FinishedRuns, tmp_path: Path) -> None:
    (finished.folder / "maps").mkdir(parents=True)
    asked: list[tuple[Question, str]] = []
    for place in range(61):
        Image.new("RGB", (600, 20), (place, 0, 0)).save(finished.folder / f"maps/{place}.png")
        figure = f"../maps/{place}.png"
        question = Question(id=f"q{place}", type="TorF1", question="?", answer=1, figure=figure)
        asked.append((question, ""))
    assert write_viewer(finished.write("all", asked), None, tmp_path / "a") == Written(61, 61, 480)
    fewer = finished.write("fewer", asked[1:])
    assert write_viewer(fewer, None, tmp_path / "b") == Written(60, 60, 1600)


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


def test_runs_whose_folders_are_called_the_same_are_told_apart(
    two: tuple[Path, Path], tmp_path: Path
) -> None:
    first, second = (tmp_path / "suite" / run.name / "mmstar" for run in two)
    for run, folder in zip(two, (first, second), strict=True):
        shutil.copytree(run, folder)
    write_viewer(first, second, tmp_path / "page.html", pictures="none")
    head = (tmp_path / "page.html").read_text("utf-8").partition("</title>")[0]
    assert head.endswith(f"{first} / {second}")


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
