from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rm_eval import EvalError, bench, compare
from rm_eval.backends.server_settings import Server
from rm_rewards import Question

if TYPE_CHECKING:
    from conftest import FinishedRuns, Maps, TinyModel


@pytest.fixture
def runs(tiny: TinyModel, maps: Maps, tmp_path: Path) -> tuple[Path, Path, Path]:
    """Blind, seeing, and cut off: on the same twelve questions."""
    data = maps.write()
    settings: list[tuple[str, dict[str, Any]]] = [
        ("before", {"blind": True}),
        ("after", {}),
        ("short", {"max_new_tokens": 3}),
    ]
    for name, changes in settings:
        chosen: dict[str, Any] = {"max_new_tokens": 16, **changes}
        bench(tiny.folder, data, tmp_path / name, **chosen)
    return tmp_path / "before", tmp_path / "after", tmp_path / "short"


def test_questions_are_paired(runs: tuple[Path, Path, Path]) -> None:
    before, after, short = runs
    comparison = compare(before, after, short)

    assert comparison.runs == ("before (blind)", "after", "short")
    assert [row.name for row in comparison.rows] == [
        *("all", "Counting2", "ReasonMap-Plus", "ReasonMap-Plus Counting"),
    ]
    row = comparison.row("Counting2")
    blind, seeing, cut = row.scores
    # Blind, the model says one number: right for two of the eight true answers,
    # and for one of the four false ones, which the seeing model never gives.
    assert (blind.correct, seeing.correct, cut.correct) == (3, 8, 0)
    assert (row.gained, row.lost, row.difference) == (6, 1, 5 / 12)
    assert row.p == 2 * (1 + 7) / 2**7
    assert comparison.differing == {
        "blind": ("True", "False", "False"),
        "max_new_tokens": ("16", "16", "3"),
    }


def test_settings_that_have_parts_are_told_part_by_part(runs: tuple[Path, Path, Path]) -> None:
    for run, url in zip(runs[1:], ("http://a/v1", "http://b/v1"), strict=True):
        manifest = json.loads((run / "manifest.json").read_bytes())
        manifest["settings"]["server"] = asdict(Server(base_url=url))
        (run / "manifest.json").write_text(json.dumps(manifest))
    assert compare(*runs[1:]).differing == {
        "max_new_tokens": ("16", "3"),
        "server.base_url": ("http://a/v1", "http://b/v1"),
    }
    differing = compare(*runs[:2]).differing
    assert differing["server.base_url"] == ("None", "http://a/v1")
    assert "server" not in differing


def test_the_table_shows_intervals_changes_and_the_tests(runs: tuple[Path, Path, Path]) -> None:
    comparison = compare(*runs[:2])
    lines = comparison.markdown(items=2).splitlines()
    assert lines[0] == (
        "|  | n | clusters | before (blind) | after | difference | 95 % interval | gained | lost "
        "| McNemar p | clustered p | Holm p | verdict |"
    )
    assert lines[3].startswith("| Counting2 | 12 | 4 | 25.0 [8.9, 53.2] | 66.7 [39.1, 86.2] | ")
    assert [line.split("|")[1].strip() for line in lines[2:8]] == [
        *("all", "Counting2", "ReasonMap-Plus", "ReasonMap-Plus, weighted"),
        *("ReasonMap-Plus Counting", "ReasonMap-Plus Counting, weighted"),
    ]
    assert lines[-1] == "Not the same in all runs: blind (True, False)."
    assert "Learned (6): `q0`, `q1` and 4 more." in lines
    assert f"Forgotten (1): `{comparison.forgotten[0]}`." in lines
    assert lines[3].endswith("| +41.7 | -9.1 to +92.4 | 6 | 1 | 0.125 | 0.25 | 0.75 | tie |")
    assert lines[5].endswith("| +41.7 | -2.5 to +85.9 | 6 | 1 |  | 0.25 | 0.25 | tie |")
    assert any(
        line.startswith("- Counting2: a tie. 7 questions changed, by +5; McNemar's test asks for 7")
        and line.endswith("4 clusters are too few for the clustered test to find anything.")
        for line in lines
    )


def test_a_margin_says_whether_the_second_run_may_be_worse(runs: tuple[Path, Path, Path]) -> None:
    comparison = compare(*runs[:2])
    assert comparison.perhaps_worse(0.02) == ("ReasonMap-Plus",)
    assert comparison.perhaps_worse(0.03) == ()
    assert (
        "Not worse by 2.0 points or more (one-sided 2.5 % level): not shown for ReasonMap-Plus."
        in comparison.markdown(margin=0.02)
    )
    assert "(one-sided 2.5 % level): shown." in comparison.markdown(margin=0.03)


def test_learned_and_forgotten_questions_are_named(runs: tuple[Path, Path, Path]) -> None:
    there, back = compare(*runs[:2]), compare(runs[1], runs[0])
    assert (len(there.learned), len(there.forgotten)) == (6, 1)
    assert (back.learned, back.forgotten) == (there.forgotten, there.learned)
    assert compare(runs[0], runs[0]).learned == ()


def test_a_run_against_itself_shows_no_change(runs: tuple[Path, Path, Path]) -> None:
    row = compare(runs[1], runs[1]).row("all")
    assert (row.gained, row.lost, row.difference, row.p) == (0, 0, 0.0, 1.0)


def test_runs_over_other_questions_are_refused(
    runs: tuple[Path, Path, Path], tiny: TinyModel, maps: Maps, tmp_path: Path
) -> None:
    fewer = maps.write(maps.twelve()[:5], "fewer.jsonl")
    bench(tiny.folder, fewer, tmp_path / "fewer", max_new_tokens=16)
    with pytest.raises(EvalError) as caught:
        compare(runs[0], tmp_path / "fewer")
    assert str(caught.value) == (
        f"{runs[0]} and {tmp_path / 'fewer'}: different questions: 12 and 5, 5 of them the same "
        "id; 'q10' is in one run only"
    )

    other = maps.twelve()
    other[0]["question"] = "How many?"
    bench(tiny.folder, maps.write(other, "other.jsonl"), tmp_path / "other", max_new_tokens=16)
    with pytest.raises(EvalError, match="the same ids, but other texts, answers, order or pictur"):
        compare(runs[1], tmp_path / "other")


def test_runs_graded_by_other_rewards_are_refused(
    runs: tuple[Path, Path, Path], tiny: TinyModel, maps: Maps, tmp_path: Path
) -> None:
    bench(tiny.folder, maps.write(), tmp_path / "sparse", max_new_tokens=16, reward="sparse")
    with pytest.raises(EvalError, match=r"graded differently: rewardmap-.* and sparse-"):
        compare(runs[1], tmp_path / "sparse")


def test_folders_that_are_no_finished_run_are_refused(
    runs: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    with pytest.raises(EvalError, match=r"no manifest.json there, expected the folder of an rm-ev"):
        compare(runs[0], tmp_path / "data")
    (runs[1] / "rewards.jsonl").unlink()
    with pytest.raises(EvalError, match="the run is not finished; go on with the same rm-eval be"):
        compare(runs[0], runs[1])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "not JSON"),
        ("[]", "line: found [], expected a JSON object"),
        ("{}", "model: found None, expected a value: the field is missing"),
    ],
)
def test_a_damaged_manifest_is_named(
    runs: tuple[Path, Path, Path], content: str, said: str
) -> None:
    file = runs[1] / "manifest.json"
    file.write_text(content)
    with pytest.raises(EvalError) as caught:
        compare(runs[0], runs[1])
    assert str(caught.value).startswith(f"{file}: {said}")


@pytest.mark.parametrize("kept", [slice(1, None), slice(None, -1), slice(None, None, -1)])
def test_samples_that_do_not_fit_the_questions_are_refused(
    runs: tuple[Path, Path, Path], kept: slice
) -> None:
    file = runs[1] / "samples.jsonl"
    lines = file.read_text("utf-8").splitlines(keepends=True)
    file.write_text("".join(lines[kept]), "utf-8")
    with pytest.raises(EvalError, match="do not fit together"):
        compare(runs[0], runs[1])
    assert json.loads(lines[0])["id"] == "q0"


def test_a_run_of_a_version_without_samples_is_compared_alike(
    runs: tuple[Path, Path, Path],
) -> None:
    with_samples = compare(*runs[:2])
    for run in runs[:2]:
        (run / "samples.jsonl").unlink()
    assert compare(*runs[:2]) == with_samples


def test_folders_of_runs_are_one_suite(finished: FinishedRuns) -> None:
    asked = {
        kind: [
            Question(id=str(i), type=kind, question="?", answer=1, city=f"c{i}") for i in range(8)
        ]
        for kind in ("TorF1", "Counting2")
    }
    right = {"TorF1": "\\boxed{yes}", "Counting2": "\\boxed{1}"}
    for name, known in (("a", 0), ("b", 7)):
        for kind, questions in asked.items():
            replies = [(q, right[kind] if i < known else "?") for i, q in enumerate(questions)]
            finished.write(f"{name}/{kind}", replies)
    comparison = compare(finished.folder / "a", finished.folder / "b")
    assert comparison.runs == ("a", "b")
    assert [(row.name, row.test.n) for row in comparison.rows][:3] == [
        *(("all", 16), ("TorF1", 8), ("Counting2", 8)),
    ]
    # Cities stand in both: 7 changed clusters give 2 / 2^7, and five parts are corrected for.
    assert comparison.row("TorF1").test.p == comparison.row("all").test.p == 2 / 2**7
    assert comparison.row("TorF1").adjusted == 5 * 2 / 2**7
    assert comparison.row("ReasonMap-Plus").verdict == "better"
    assert len(comparison.learned) == 14
    with pytest.raises(EvalError, match=r"different runs inside: \., Counting2, TorF1 in one"):
        compare(finished.folder / "a", finished.folder / "b" / "TorF1")
