from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from choice_runs import choices
from hypothesis import given
from hypothesis import strategies as st

from rm_eval import EvalError, compare
from rm_eval.exporting import export, guarded
from rm_eval.exporting.latex import escaped
from rm_eval.samples import read_samples
from rm_rewards import Question

if TYPE_CHECKING:
    from conftest import FinishedRuns

COMMAND = Path(sys.executable).parent / "rm-eval"
FORMULA = '=HYPERLINK("http://example.invalid","x")'


def question(place: int, text: str = "How many?") -> Question:
    return Question(
        id=f"q{place}",
        type="Counting2",
        question=text,
        answer=place,
        city=f"city_{place % 3}",
        country="land",
    )


@pytest.fixture
def run(finished: FinishedRuns) -> Path:
    replies = [
        (question(0), "\\boxed{0}"),
        (question(1, 'Say "so",\nhow many?'), FORMULA),
        (question(2), "@SUM(A1)\0 \\boxed{2}"),
        (question(3), "站台 \\boxed{7}"),
    ]
    return finished.write("run & 1", replies)


def test_samples_are_read_back_in_order(run: Path) -> None:
    samples = list(read_samples(run))
    assert [one.id for one in samples] == ["q0", "q1", "q2", "q3"]
    assert [one.correct for one in samples] == [True, False, True, False]
    assert samples[0].gold == "\\boxed{0}"
    assert {one.visual_tokens for one in samples} == {4}
    assert samples[1].cluster == "land/city_1"
    assert samples[0].weight == 1.0


def test_a_csv_holds_every_reply_and_no_formula(run: Path, tmp_path: Path) -> None:
    export(run, "csv", tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["reply"] for row in rows[:2]] == ["\\boxed{0}", f"'{FORMULA}"]
    assert rows[1]["question"] == 'Say "so",\nhow many?'
    assert rows[2]["reply"].startswith("'@SUM")
    assert [row["correct"] for row in rows] == ["true", "false", "true", "false"]
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row.values())


@given(st.text())
def test_a_guarded_text_is_no_formula_and_can_be_read_back(text: str) -> None:
    kept = guarded(text)
    assert not kept.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    assert not kept.startswith(("\t", "\r", "\n"))
    assert kept in (text, f"'{text}")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\u00a0+", "＝"])
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(start: str) -> None:
    assert guarded(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("text", ["Line 2", "", "a=b", "\\boxed{-1}", "站"])
def test_harmless_texts_stay_as_they_are(text: str) -> None:
    assert guarded(text) == text


def test_json_and_parquet_hold_the_same_rows(run: Path, tmp_path: Path) -> None:
    export(run, "json", tmp_path / "out.json")
    rows = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert rows[1]["reply"] == FORMULA
    assert rows[1]["parsed"] is None
    parquet = pytest.importorskip("pyarrow.parquet", reason="no pyarrow")
    export(run, "parquet", tmp_path / "out.parquet")
    assert parquet.read_table(tmp_path / "out.parquet").to_pylist() == rows


def test_latex_is_a_table_of_the_scores(run: Path, tmp_path: Path) -> None:
    export(run, "latex", tmp_path / "out.tex")
    text = (tmp_path / "out.tex").read_text("utf-8")
    assert text.startswith("% run \\& 1: ")
    assert "Counting2 & 4 & 3 & 50.0 [" in text
    assert text.count(r"\\") == 1 + 3
    assert text.endswith("\\end{tabular}\n")


def test_latex_holds_the_numbers_that_a_benchmark_defines(tmp_path: Path) -> None:
    folder = choices(tmp_path / "run")
    export(folder, "latex", tmp_path / "out.tex")
    text = (tmp_path / "out.tex").read_text("utf-8")
    assert "SEED-Bench-2-Plus, all & 4 & 4 & 25.0 [" in text
    assert "SEED-Bench-2-Plus, map & 2 & 2 & 50.0 [" in text


@given(st.text())
def test_no_text_can_act_on_latex(text: str) -> None:
    found = escaped(text)
    assert "\n" not in found
    for letter in "&%$#_":
        assert found.count(letter) == found.count(f"\\{letter}") == text.count(letter)


def test_a_row_of_latex_does_not_begin_like_an_argument() -> None:
    assert escaped("[2cm] & *") == r"{}[2cm] \& *"
    assert escaped("*x\x1b") == "{}*x"


def test_markdown_is_the_page_of_the_run(run: Path, tmp_path: Path) -> None:
    (run / "report.md").write_text("# page\n")
    export(run, "markdown", tmp_path / "out.md")
    assert (tmp_path / "out.md").read_text("utf-8") == "# page\n"


def test_a_comparison_has_a_row_a_type_and_benchmark(
    run: Path, finished: FinishedRuns, tmp_path: Path
) -> None:
    after = [(question(place), f"\\boxed{{{place}}}") for place in range(4)]
    other = finished.write("after", after)
    found = compare(run, other)
    export(run, "json", tmp_path / "out.json", other)
    rows = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert [row["name"] for row in rows] == [row.name for row in found.rows]
    assert [row["run_1_accuracy"] for row in rows] == [row.scores[0].accuracy for row in found.rows]
    assert [row["difference"] for row in rows] == [row.decisive.difference for row in found.rows]
    assert {row["verdict"] for row in rows} == {"tie"}
    export(run, "csv", tmp_path / "out.csv", other)
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as stream:
        told = list(csv.DictReader(stream))
    assert [row["gained"] for row in told] == [str(row.decisive.gained) for row in found.rows]
    export(run, "latex", tmp_path / "out.tex", other)
    text = (tmp_path / "out.tex").read_text("utf-8")
    assert r" & $n$ & run \& 1 & after & difference" in text
    assert text.count(r"\\") == 1 + len(found.rows)
    export(run, "markdown", tmp_path / "out.md", other)
    assert (tmp_path / "out.md").read_text("utf-8") == found.markdown()
    parquet = pytest.importorskip("pyarrow.parquet", reason="no pyarrow")
    export(run, "parquet", tmp_path / "out.parquet", other)
    assert parquet.read_table(tmp_path / "out.parquet").to_pylist() == rows


def test_a_run_that_is_not_finished_is_refused_and_leaves_nothing(
    run: Path, tmp_path: Path
) -> None:
    lines = (run / "rewards.jsonl").read_text("utf-8").splitlines(keepends=True)
    (run / "rewards.jsonl").write_text("".join(lines[:-1]), "utf-8")
    out = tmp_path / "there" / "out.csv"
    with pytest.raises(EvalError, match=r"line 4: questions.jsonl, .* do not fit together"):
        export(run, "csv", out)
    assert list(out.parent.iterdir()) == []
    (run / "rewards.jsonl").unlink()
    with pytest.raises(EvalError, match=r"no rewards.jsonl there"):
        export(run, "json", out)


def test_export_on_the_command_line(run: Path, tmp_path: Path) -> None:
    def call(*arguments: object) -> subprocess.CompletedProcess[str]:
        called = [COMMAND, "export", *map(str, arguments)]
        return subprocess.run(called, capture_output=True, text=True, check=False)

    made = call(run, "--to", "csv", "--out", tmp_path / "out.csv")
    assert (made.returncode, made.stdout, made.stderr) == (0, "", "")
    folder = call(run, "--to", "csv", "--out", tmp_path)
    assert (folder.returncode, folder.stderr.count("\n")) == (1, 1)
    assert "Is a directory" in folder.stderr
    assert call(run, "--to", "xlsx", "--out", tmp_path / "x").returncode == 2
