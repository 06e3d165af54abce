from __future__ import annotations

import json
import re
import shutil
import subprocess
from contextlib import redirect_stdout
from html import escape, unescape
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import pytest
from recorded_runs import EVIL, a_run, measured_folder

from rm_train import TrainConfig
from rm_train.reporting.page import write_report
from rm_train.run_directory import RunDirectory, RunError


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return a_run(tmp_path / "my run")


def page_of(*runs: Path, evals: tuple[str, ...] = (), samples: int = 12) -> str:
    with redirect_stdout(StringIO()) as stream:
        write_report(runs, evals, Path("-"), samples=samples)
    return stream.getvalue()


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        assert all(not name.startswith("on") for name, _ in attrs)
        if tag not in {"meta", "img", "link", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in {"line", "rect", "polyline", "circle"} or self.open[-1] == tag:
            assert self.open.pop() == tag


def test_the_page_is_whole_and_fetches_nothing(run: Path) -> None:
    page = page_of(run)
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    assert tags.seen.count("script") == 1
    assert tags.seen.count("img") == 3 + 4  # the samples that are known, and the held-out ones
    assert not re.search(r"(src|href)=\"(?!data:)", page.replace(escape(EVIL), ""))
    assert "://" not in page
    assert EVIL not in page
    assert escape(EVIL) in page


def test_curves_are_drawn_by_stage_with_parts_types_and_dead_groups(run: Path) -> None:
    page = page_of(run)
    titles = [unescape(found) for found in re.findall(r'aria-label="(.*?) by step"', page)]
    for title in (
        "reward (mean of a step)",
        "reward part: format",
        "reward part: detail",
        "accuracy of the samples",
        "accuracy: TorF1",
        "dead groups: all right",
        "dead groups: all wrong",
        "KL to the reference",
        "learning rate",
    ):
        assert titles.count(title) == 1, title
    assert "entropy" not in titles  # no step has it
    assert "planning &lt;b&gt; <small>steps 5 to 9</small>" in page
    first = page[page.index("<svg") : page.index("</svg>")]
    assert first.count("<rect") == 2  # a band for each stage
    assert first.count("<polyline") == 2 * 2  # thin and thick, no line over the border
    assert "nan" not in page


def test_samples_explain_their_rewards_in_words(run: Path) -> None:
    page = page_of(run)
    assert "Reward 2 = format 1 + correctness 1 + 0.5 x detail 0." in page
    assert "the answer does not stand in a \\boxed{}" in page
    assert "The question is not in the run's file any more." in page
    assert page.count('<section class="sample"') == 4 + 4
    assert 'data-type="TorF1" data-verdict="wrong" data-run="my run"' in page


def test_before_and_after_are_compared_by_type_and_paired(run: Path) -> None:
    page = page_of(run)
    rows = re.findall(r"<tr><td>(TorF1|Counting2|all)</td>(.*?)</tr>", page)
    shown = {kind: re.findall(r"<td>([^<]*)", rest) for kind, rest in rows}
    assert shown["TorF1"] == ["2", "0.500 ", "0.500 "]
    assert shown["Counting2"] == ["2", "0.000 ", "1.000 "]
    assert "+3 −1, p 0.62" in dict(rows)["all"]


def test_more_measurements_can_be_named(run: Path, tmp_path: Path) -> None:
    other = measured_folder(tmp_path / "other", "1111")
    assert "<th>big model</th>" in page_of(run, evals=(f"big model={other}",))


def test_several_runs_share_curves_and_only_what_differs_is_compared(
    run: Path, tmp_path: Path
) -> None:
    other = a_run(tmp_path / "other", lr=1e-5, **{"lora.r": 8})
    page = page_of(run, other, samples=0)
    first = page[page.index("<svg") : page.index("</svg>")]
    assert {"#0072b2", "#d55e00"} <= set(re.findall(r'stroke="(#\w+)"', first))
    table = page[page.index("Settings that differ") : page.index("All settings")]
    assert re.findall(r"<tr><td>([\w.]+)</td>", table) == ["lr", "lora.r"]
    assert "<td>0.0002</td><td>1e-05</td>" in table
    assert "Versions and fingerprints that differ: none." in page
    assert "<th>my run before</th>" in page
    assert "Replies sampled" not in page
    assert re.findall(r"<b style=\"color:#\w+\">(.*?)</b>", page_of(run, run, samples=0)) == [
        "my run (1)",
        "my run (2)",
    ]


def test_alarms_stand_in_a_table_and_none_is_said(run: Path) -> None:
    assert "<p>None recorded.</p>" in page_of(run)
    alarm = {"step": 7, "code": "kl", "level": "error", "message": f"far away {EVIL}"}
    text = json.dumps({**alarm, "values": {"kl": 0.51234}}) + "\n{broken\n"
    RunDirectory(run).alarms.write_text(text, encoding="utf-8")
    page = page_of(run)
    assert "None recorded" not in page
    assert f"<td>7</td><td>error</td><td>kl</td><td>far away {escape(EVIL)}" in page
    assert "kl 0.512" in page


def test_a_run_of_supervised_learning_alone_has_a_page(tmp_path: Path) -> None:
    directory = RunDirectory(tmp_path / "sft")
    directory.begin(TrainConfig(), {})
    lines = [{"step": n, "stage": "gold answers", "loss": 1 / n, "grad_norm": 1} for n in (1, 2)]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    directory.warmup_metrics.write_text(text, encoding="utf-8")
    page = page_of(tmp_path / "sft")
    assert 'aria-label="loss by step"' in page
    assert "<h2>Curves</h2>" not in page


@pytest.mark.parametrize(
    ("evals", "message"),
    [
        (["after"], "--eval: found 'after', expected NAME=DIR"),
        (["x=/nowhere"], "/nowhere: questions.jsonl is missing"),
    ],
)
def test_what_is_no_measurement_is_told(
    run: Path, tmp_path: Path, evals: list[str], message: str
) -> None:
    with pytest.raises(RunError, match=message):
        write_report([run], evals, tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()


def test_a_run_without_a_step_has_no_page(tmp_path: Path) -> None:
    directory = RunDirectory(tmp_path / "run")
    directory.begin(TrainConfig(), {})
    with pytest.raises(RunError, match="is missing; expected a run directory"):
        write_report([directory.path], [], tmp_path / "page.html")
    directory.metrics.write_text('{"ste', encoding="utf-8")
    with pytest.raises(RunError, match="no step yet, so there is nothing to report"):
        write_report([directory.path], [], tmp_path / "page.html")


CHROMIUM = shutil.which("chromium")


def in_browser(page: Path, choices: str = "") -> str:
    """What a browser makes of the page, once its script has run."""
    assert CHROMIUM is not None
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]
    place = f"{page.resolve().as_uri()}#{choices}"
    command = [CHROMIUM, *flags, f"--user-data-dir={page.parent / 'profile'}", place]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    return ran.stdout


@pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium to open the page in")
def test_in_a_browser_no_reply_becomes_a_script_and_choices_filter_the_lists(run: Path) -> None:
    write_report([run], [], run / "page.html")
    dom = in_browser(run / "page.html", "type=TorF1&verdict=wrong")
    assert "<title>rm-train: my run</title>" in dom
    samples = re.findall(r'<section class="sample"([^>]*)>', dom)
    hidden = ["hidden" in found for found in samples]
    wanted = ['data-type="TorF1"' in s and 'data-verdict="wrong"' in s for s in samples]
    assert hidden == [not want for want in wanted]
    assert "<output>1 of 4 shown</output>" in dom
