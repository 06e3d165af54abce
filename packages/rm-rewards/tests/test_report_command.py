import io
import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from rm_rewards import Completion, Question, Reward, score_group
from rm_rewards.cli import app
from rm_rewards.diagnostics.groups import Section
from rm_rewards.diagnostics.page import Report, html, text
from rm_rewards.jsonl import write
from rm_rewards.progress import told

QUESTIONS = [
    Question(id="a<b", type="TorF1", question="?", answer=1, country="x", city="<Rome>"),
    Question(id="n", type="Counting2", question="?", answer=8, country="x", city="Oslo"),
]
REPLIES = {"a<b": ["\\boxed{yes}", "\\boxed{no}", "yes"], "n": ["\\boxed{8}", "\\boxed{8}"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rewards: list[Reward] = []
    replies: list[Completion] = []
    for question in QUESTIONS:
        texts = REPLIES[question.id]
        rewards += score_group(question, texts)
        replies += [
            Completion(question_id=question.id, text=t, sample=i) for i, t in enumerate(texts)
        ]
    write(QUESTIONS, tmp_path / "questions.jsonl")
    write(rewards, tmp_path / "rewards.jsonl")
    write(replies, tmp_path / "completions.jsonl")
    return tmp_path


def _run(*arguments: str | Path, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, ["report", *(str(a) for a in arguments)], input=stdin)


def test_the_report_tells_of_groups_parts_and_sections(folder: Path) -> None:
    result = _run(
        folder / "rewards.jsonl",
        "--questions",
        folder / "questions.jsonl",
        "--completions",
        folder / "completions.jsonl",
    )
    assert result.exit_code == 0, result.stderr
    said = result.stdout
    for part in (
        "replies                  5 (5 ok)",
        "accuracy                 80.0%",
        "groups: 2, dead 50.0%",
        "dead groups stand at 2 (1x)",
        "of 2 pairs of a wrong and a right reply",
        "characters, r = ",
        "by type",
        "by city",
    ):
        assert part in said
    assert re.search(r"too easy +1 +50.0%", said)
    assert re.search(r"x/Oslo +2 +1 +100.0%", said)
    assert result.stderr == ""


def test_standard_input_is_read_and_questions_may_be_left_out(folder: Path) -> None:
    lines = (folder / "rewards.jsonl").read_text(encoding="utf-8")
    result = _run("-", stdin=lines)
    assert result.exit_code == 0
    assert "by type" not in result.stdout
    assert "length" not in result.stdout


def test_each_part_of_a_composition_is_told(folder: Path) -> None:
    reward, parts = folder / "own.toml", folder / "parts.jsonl"
    reward.write_text(
        '[parts.right]\nuse = "correctness"\n[parts.brief]\nuse = "brevity"\nweight = 0.1\n',
        encoding="utf-8",
    )
    source, out = folder / "completions.jsonl", folder / "own.jsonl"
    options = ("--questions", folder / "questions.jsonl", "--reward", reward)
    arguments = ["score", source, *options, "--out", out, "--components", parts]
    assert CliRunner().invoke(app, [str(a) for a in arguments]).exit_code == 0
    result = _run(out, "--components", parts)
    assert result.exit_code == 0, result.stderr
    assert re.search(r"part right +1.0000 +0.0%", result.stdout)
    assert re.search(r"part brief +0.\d+ +\d+.\d%", result.stdout)
    parts.write_text("", encoding="utf-8")
    assert f"{parts}: question_id, sample: found None" in _run(out, "--components", parts).stderr


def test_the_page_needs_nothing_else_and_escapes_names(folder: Path) -> None:
    page = folder / "deep" / "page.html"
    result = _run(
        folder / "rewards.jsonl", "--questions", folder / "questions.jsonl", "--html", page
    )
    assert result.exit_code == 0, result.stderr
    written = page.read_text(encoding="utf-8")
    assert "x/&lt;Rome&gt;" in written
    assert "<Rome>" not in written
    assert not re.search(r"<script|<link|<img|https?://|@import|url\(", written)
    assert written.count("<table") == written.count("</table>") == 5
    assert list(page.parent.iterdir()) == [page]


FAILURES: list[tuple[str, list[str], str]] = [
    ("none.jsonl", [], "none.jsonl: No such file or directory"),
    ("empty.jsonl", [], "expected at least one reward"),
    ("broken.jsonl", [], "broken.jsonl:2: line: found '{'"),
    ("questions.jsonl", [], "questions.jsonl:1: question_id: found None"),
    ("other.jsonl", ["--questions", "questions.jsonl"], "other.jsonl:1: question_id: found 'z'"),
    ("rewards.jsonl", ["--completions", "swapped.jsonl"], "rewards.jsonl:1: question_id, sample"),
    ("rewards.jsonl", ["--html", "."], "Is a directory"),
]


@pytest.mark.parametrize(("source", "options", "message"), FAILURES)
def test_a_failure_is_one_clear_line(
    folder: Path,
    source: str,
    options: list[str],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(folder)
    lines = Path("rewards.jsonl").read_text(encoding="utf-8").splitlines()
    Path("empty.jsonl").write_text("\n\n", encoding="utf-8")
    Path("broken.jsonl").write_text(f"{lines[0]}\n{{", encoding="utf-8")
    other = json.dumps({**json.loads(lines[0]), "question_id": "z"})
    Path("other.jsonl").write_text(other, encoding="utf-8")
    swapped = Path("completions.jsonl").read_text(encoding="utf-8").splitlines()[::-1]
    Path("swapped.jsonl").write_text("\n".join(swapped), encoding="utf-8")
    result = _run(source, *options)
    assert result.exit_code == 1
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_report_without_pairs_or_types_is_still_written() -> None:
    section = Section()
    for question in QUESTIONS:
        section.add(score_group(question, ["?"])[0], None)
    made = Report(title="t", versions=["v"], whole=section.figures(), by={})
    assert "groups: 2, dead -" in text(made)
    assert "<h1>t</h1>" in html(made)


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_told_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal, pipe = _Terminal(), io.StringIO()
    monkeypatch.setattr("rm_rewards.progress._EVERY_S", 0.0)
    monkeypatch.setattr("sys.stderr", pipe)
    assert list(told(range(3), "replies")) == [0, 1, 2]
    assert pipe.getvalue() == ""
    monkeypatch.setattr("sys.stderr", terminal)
    assert list(told(range(3), "replies")) == [0, 1, 2]
    assert "3 replies (" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")
