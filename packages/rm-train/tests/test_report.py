from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from rm_rewards import Completion, Question, gold_answer, jsonl, score
from rm_train import TrainConfig
from rm_train.measured import changed, read_measured, share, worth_showing
from rm_train.report import write_report
from rm_train.run_directory import RunDirectory, RunError

EVIL = "<script>alert('x')</script> & \"quotes\""


def measured_folder(folder: Path, right: str) -> Path:
    """A finished measurement of four questions; `right` says which replies are right."""
    folder.mkdir(parents=True)
    Image.new("RGB", (112, 112), (200, 30, 30)).save(folder / "map.png")
    questions = [
        Question(
            id=f"q{i}",
            type="TorF1" if i < 2 else "Counting2",
            question=f"Ask {EVIL}?",
            answer=1,
            figure="map.png",
        )
        for i in range(4)
    ]
    replies = [
        Completion(question_id=q.id, text=gold_answer(q) if r == "1" else f"no idea {EVIL}")
        for q, r in zip(questions, right, strict=True)
    ]
    jsonl.write(questions, folder / "questions.jsonl")
    jsonl.write(replies, folder / "completions.jsonl")
    rewards = [score(q, c.text) for q, c in zip(questions, replies, strict=True)]
    jsonl.write(rewards, folder / "rewards.jsonl")
    return folder


@pytest.fixture
def run(tmp_path: Path) -> Path:
    directory = RunDirectory(tmp_path / "my run")
    directory.begin(TrainConfig(reward="rewardmap"), {})
    lines = [
        {
            "step": step,
            "epoch": 0,
            "stage": "judgement" if step < 5 else "planning",
            "reward": step / 10,
            "accuracy": step / 20,
            "step_time": 0.5,
            "rewards": {"format": 1.0, "correctness": 0.1, "detail": None if step < 5 else 0.2},
        }
        for step in range(1, 10)
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    directory.metrics.write_text(text + '{"step": 10, "rew', encoding="utf-8")
    measured_folder(directory.path / "eval" / "before", "1000")
    measured_folder(directory.path / "eval" / "after", "0111")
    return directory.path


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.seen.append(tag)
        if tag not in {"meta", "img", "link"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_fetches_nothing(run: Path, tmp_path: Path) -> None:
    write_report([run], [], tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    assert "script" not in tags.seen
    assert page.count("data:image/png;base64,") == 1 + 4
    assert not re.search(r"(src|href)=\"(?!data:)", page)
    assert EVIL not in page
    assert "&lt;script&gt;" in page


def test_before_and_after_are_compared_by_type_and_paired(run: Path, tmp_path: Path) -> None:
    write_report([run], [], tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    rows = re.findall(r"<tr><td>(TorF1|Counting2|all)</td>(.*?)</tr>", page)
    shown = {kind: re.findall(r"<td>([^<]*)", rest) for kind, rest in rows}
    assert shown["TorF1"][:3] == ["2", "0.500 ", "0.500 "]
    assert shown["Counting2"][:3] == ["2", "0.000 ", "1.000 "]
    assert shown["all"][-3:] == ["3", "1", "0.62"]


def test_replies_come_with_their_components_and_reasons(run: Path, tmp_path: Path) -> None:
    write_report([run], [], tmp_path / "page.html", samples=2)
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.count('<section class="sample">') == 2
    assert page.count('class="reply right"') == page.count('class="reply wrong"') == 2
    assert "<td>reasons</td><td>" in page
    assert "Gold answer" in page


def test_more_measurements_can_be_named(run: Path, tmp_path: Path) -> None:
    other = measured_folder(tmp_path / "other", "1111")
    write_report([run], [f"big model={other}"], tmp_path / "page.html")
    assert "<th>big model</th>" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_two_runs_share_a_page(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_report([run, run], [], Path("-"), samples=0)
    page = capsys.readouterr().out
    assert page.count("<h2>Run my run</h2>") == 2
    assert "<th>my run before</th>" in page
    assert "Questions and replies" not in page


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


def test_a_measurement_without_all_replies_is_refused(tmp_path: Path) -> None:
    folder = measured_folder(tmp_path / "m", "1111")
    file = folder / "completions.jsonl"
    file.write_text("".join(file.read_text("utf-8").splitlines(True)[:-1]), encoding="utf-8")
    with pytest.raises(RunError, match="question 'q3' has no reply or no reward"):
        read_measured("m", folder)


def test_shares_changes_and_the_choice_of_samples(tmp_path: Path) -> None:
    before = read_measured("before", measured_folder(tmp_path / "a", "1000"))
    after = read_measured("after", measured_folder(tmp_path / "b", "0111"))
    assert (share(before, None).correct, share(after, None).n) == (1, 4)
    assert changed(before, after, None)[:2] == (3, 1)
    assert changed(before, after, "TorF1")[:2] == (1, 1)
    assert worth_showing([before, after], 3) == ["q1", "q2", "q0"]
    assert worth_showing([], 3) == []
    fewer = replace(after, rewards={"q0": after.rewards["q0"]})
    assert worth_showing([before, fewer], 3) == ["q0"]
