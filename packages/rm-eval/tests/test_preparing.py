from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import benchmark_files as files
import pytest
from PIL import Image

from rm_eval import EvalError
from rm_eval.benchmarks import BENCHMARKS, Benchmark, Style
from rm_eval.dataset import load_dataset
from rm_eval.item import Item
from rm_eval.pictures import check_pictures
from rm_eval.preparing import prepare
from rm_eval.sources import tsv as tsv_source
from rm_rewards import Question, jsonl

ENDING = "Please select the correct answer from the options above. \n"
LISTED = "Options:\nA. red\nB. blue\nC. green\nD. yellow\n"
PLAIN = "A. red\nB. blue\nC. green\nD. yellow\n"
ROWS = {
    "seedbench2-plus": files.seed,
    "vstar": files.vstar,
    "hrbench-4k": files.hrbench,
    "hrbench-8k": files.hrbench,
    "chartqa": files.chartqa,
    "mmstar": files.mmstar,
    "spatialeval": files.spatialeval,
}


def prepared(folder: Path, task: str, rows: list[files.Cells], prompt: Style | None = None) -> Path:
    source = files.tsv(folder / "rows.tsv", rows)
    prepare(task, source, folder / "out", any_version=True, prompt=prompt)
    return folder / "out"


def asked(folder: Path) -> list[Question]:
    return list(jsonl.read(Question, folder / "questions.jsonl"))


def items(folder: Path) -> list[Item]:
    return list(jsonl.read(Item, folder / "items.jsonl"))


def fails(folder: Path, task: str, rows: list[files.Cells]) -> str:
    with pytest.raises(EvalError) as caught:
        prepared(folder, task, rows)
    assert not (folder / "out").exists()
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("task", list(ROWS))
def test_a_prepared_benchmark_can_be_asked(tmp_path: Path, task: str) -> None:
    rows = ROWS[task]()
    dataset = load_dataset(prepared(tmp_path, task, rows), tasks=[task])
    assert [question.id for question in dataset.questions] == [
        f"{task}:{row['index']}" for row in rows
    ]
    assert list(dataset.items) == [question.id for question in dataset.questions]
    assert len(check_pictures(dataset)) == len(rows)


@pytest.mark.parametrize(
    ("task", "style", "prompt"),
    [
        ("vstar", "vlmevalkit", f"Question: Which colour 0?\n{LISTED}{ENDING}"),
        (
            "vstar",
            "lmms-eval",
            f"Which colour 0?\n{PLAIN}Answer with the option's letter from the given choices "
            "directly.",
        ),
        (
            "seedbench2-plus",
            "lmms-eval",
            f"Which colour 0?\n{PLAIN}Answer with the option's letter from the given choices "
            "directly.",
        ),
        (
            "hrbench-4k",
            "lmms-eval",
            f"Which colour 0?\n{PLAIN}Answer the option letter directly.",
        ),
        (
            "chartqa",
            "vlmevalkit",
            "How much 0?\nAnswer the question using a single word or phrase.",
        ),
        ("chartqa", "lmms-eval", "How much 0?\nAnswer the question with a single word."),
        ("mmstar", "vlmevalkit", f"Question: Which colour 0?\n{LISTED}{ENDING}"),
        ("spatialeval", "vlmevalkit", f"Question: Which colour 0?\n{LISTED}{ENDING}"),
    ],
)
def test_prompts_are_byte_exact(tmp_path: Path, task: str, style: Style, prompt: str) -> None:
    folder = prepared(tmp_path, task, ROWS[task](), prompt=style)
    assert asked(folder)[0].question == prompt


def test_a_hint_comes_first_and_an_option_that_pandas_drops_is_not_shown(tmp_path: Path) -> None:
    row = {**files.choices(0), "hint": "Look.", "C": "None", "D": "", "category": "x"}
    folder = prepared(tmp_path, "vstar", [row])
    assert asked(folder)[0].question == (
        f"Hint: Look.\nQuestion: Which colour 0?\nOptions:\nA. red\nB. blue\n{ENDING}"
    )
    assert items(folder)[0].options == {"A": "red", "B": "blue"}


def test_rows_of_the_hub_have_other_columns(tmp_path: Path) -> None:
    image = {"bytes": None, "path": "a.png"}
    (tmp_path / "a.png").write_bytes(files.png(3))
    rows = {
        "seedbench2-plus": {
            "question_id": "s1",
            "question": "Which?",
            **{f"choice_{letter}": text for letter, text in files.OPTIONS.items()},
            "question_image_type": "Map",
            "answer": "b",
        },
        "vstar": {
            "question_id": "v1",
            "text": "Which? (A) red (B) blue",
            "label": "B",
            "category": "direct_attributes",
        },
        "chartqa": {"question": "Which?", "answer": "B", "type": "human_test"},
        "mmstar": {
            "index": 1,
            "question": "Which?\nOptions: A: red, B: blue, C: green, D: yellow",
            "answer": "B",
            "category": "math",
            "l2_category": "geometry",
        },
        "spatialeval": {
            "id": "mazenav.vqa.7.2",
            "text": "Which?\nA. red\nB. blue",
            "oracle_answer": "blue",
            "oracle_option": "B",
        },
    }
    found: dict[str, tuple[str, Item]] = {}
    for task, row in rows.items():
        source = files.jsonl(tmp_path / f"{task}.jsonl", [{**row, "image": image}])
        style: Style = "official" if task == "spatialeval" else "lmms-eval"
        prepare(task, source, tmp_path / task, prompt=style)
        found[task] = asked(tmp_path / task)[0].question, items(tmp_path / task)[0]
        assert asked(tmp_path / task)[0].figure
    assert {task: item.answer for task, (_, item) in found.items()} == dict.fromkeys(rows, "B")
    assert found["seedbench2-plus"][1].category == "map"
    assert found["vstar"][0].startswith("Which?\nA. red\nB. blue\nAnswer with")
    assert found["mmstar"][1].options == files.OPTIONS
    assert found["mmstar"][0].endswith(
        "D: yellow\nAnswer with the option's letter from the given choices directly"
    )
    maze = found["spatialeval"]
    assert (maze[1].category, maze[1].leaf, maze[1].cycle) == ("mazenav", "2", "vqa")
    assert maze[0].startswith("Which?\nA. red\nB. blue First, provide a concise answer in one")


def test_a_parquet_file_with_pictures_is_read(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    rows = [{**row, "image": {"bytes": files.png(4), "path": None}} for row in files.mmstar()]
    parquet.write_table(arrow.Table.from_pylist(rows), tmp_path / "rows.parquet")
    prepare("mmstar", tmp_path / "rows.parquet", tmp_path / "out")
    assert len(asked(tmp_path / "out")) == len(rows)
    assert len(list((tmp_path / "out" / "pictures").iterdir())) == 1

    (tmp_path / "broken.parquet").write_bytes(b"PAR1 nothing")
    with pytest.raises(EvalError, match=r"broken\.parquet: after row 0: no parquet"):
        prepare("mmstar", tmp_path / "broken.parquet", tmp_path / "other")


def test_a_short_cell_refers_to_another_row(tmp_path: Path) -> None:
    folder = prepared(tmp_path, "hrbench-4k", files.hrbench())
    assert len({question.figure for question in asked(folder)[:4]}) == 1
    assert len({question.figure for question in asked(folder)}) == 2
    clusters = [item.cluster for item in items(folder)]
    assert (len(set(clusters)), len(set(clusters[:4]))) == (2, 1)

    rows = [files.choices(0, category="x", image="1"), files.choices(1, category="x", image="0")]
    assert (
        "expected a picture in base64 or the index of a row that holds one"
        in fails(tmp_path / "loop", "vstar", rows)
        if (tmp_path / "loop").mkdir() is None
        else False
    )


def test_questions_about_one_picture_are_one_cluster(tmp_path: Path) -> None:
    rows = [files.choices(n, category="x", image=files.picture(n // 2)) for n in range(4)]
    clusters = [item.cluster for item in items(prepared(tmp_path, "vstar", rows))]
    assert (clusters[0], clusters[2]) == (clusters[1], clusters[3])
    assert clusters[0] != clusters[2]


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_loses_its_channel_as_in_vlmevalkit(tmp_path: Path, mode: str) -> None:
    cell = base64.b64encode(files.png(200, mode)).decode()
    folder = prepared(tmp_path, "vstar", [files.choices(0, category="x", image=cell)])
    kept = Image.open(folder / str(asked(folder)[0].figure))
    assert kept.mode == "RGB"
    plain = Image.open(BytesIO(files.png(200, mode))).convert("RGB")
    assert kept.tobytes() == plain.tobytes()


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("@" * 100, "expected base64"),
        ("QUJD" * 40, "found no picture that can be read, expected PNG, JPEG or WebP"),
        ("../secret.png", "expected a file inside"),
        ("nothere.png", "No such file"),
        (str([files.picture(1), files.picture(2)]), "found 2 pictures, expected one"),
        ("[" * 90, "found a list that cannot be read"),
        ("7", "found '7', expected a picture in base64 or the index of a row that holds one"),
    ],
)
def test_a_cell_without_a_usable_picture_is_named(tmp_path: Path, cell: str, said: str) -> None:
    found = fails(tmp_path, "vstar", [files.choices(0, category="x", image=cell)])
    assert found.startswith(f"{tmp_path / 'rows.tsv'}: row 1: image: ")
    assert said in found


def test_a_decompression_bomb_is_not_opened(tmp_path: Path) -> None:
    stream = BytesIO()
    Image.new("1", (20_000, 20_000)).save(stream, format="PNG")
    bomb = base64.b64encode(stream.getvalue()).decode()
    assert len(bomb) < 200_000
    found = fails(tmp_path, "vstar", [files.choices(0, category="x", image=bomb)])
    assert "pixels at most" in found


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"answer": "E"}, "row 1: answer: found 'E', expected one of A, B, C, D"),
        ({"answer": ""}, "row 1: answer: found no value, expected one; the row has index, "),
        ({"question": ""}, "row 1: question: found no value"),
        ({"category": ""}, "row 1: category: found no value"),
    ],
)
def test_a_broken_row_is_named(tmp_path: Path, change: dict[str, str], said: str) -> None:
    assert said in fails(tmp_path, "vstar", [{**files.choices(0, category="x"), **change}])


def test_an_index_twice_is_named_with_both_rows(tmp_path: Path) -> None:
    rows = [files.choices(0, category="x"), files.choices(0, category="x")]
    assert "row 2: index: found '0', expected each once (first at " in fails(
        tmp_path, "vstar", rows
    )


def test_a_cell_that_is_too_long_is_refused_in_little_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tsv_source, "MAX_CELL", 100_000)
    rows = [files.choices(0, category="x", image="A" * 150_000)]
    assert "row 1: found a cell of more than 100000 characters" in fails(tmp_path, "vstar", rows)
    (tmp_path / "rows.tsv").write_text("index\timage\n1\t" + "A" * 300_000)
    with pytest.raises(EvalError, match="found a row of more than 200000 characters"):
        prepare("vstar", tmp_path / "rows.tsv", tmp_path / "out", any_version=True)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty, expected a header"),
        (b"index\tquestion\n", "holds no row"),
        (b"index\n1\t2\t3\n", "row 1: found 3 cells, expected 1 as in the header"),
        (b"index\tquestion\n\xff\xfe\t1\n", "expected UTF-8"),
    ],
)
def test_a_file_that_is_no_tsv_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "rows.tsv").write_bytes(content)
    with pytest.raises(EvalError, match=said):
        prepare("vstar", tmp_path / "rows.tsv", tmp_path / "out", any_version=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rows.tsv"]


def test_another_version_of_the_file_is_refused_unless_it_is_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = files.tsv(tmp_path / "rows.tsv", files.vstar())
    found = hashlib.md5(source.read_bytes()).hexdigest()
    with pytest.raises(EvalError, match=f"MD5 {found}, expected b18854d7075574be06b631cd5f7d2d6a"):
        prepare("vstar", source, tmp_path / "out")
    assert not prepare("vstar", source, tmp_path / "any", any_version=True).as_published

    fits = _published_as(BENCHMARKS["vstar"], found)
    monkeypatch.setattr("rm_eval.preparing.BENCHMARKS", {"vstar": fits})
    assert prepare("vstar", source, tmp_path / "out").as_published
    told = json.loads((tmp_path / "out" / "source.json").read_bytes())
    assert (told["task"], told["prompt"], told["questions"]) == ("vstar", "vlmevalkit", 5)


def _published_as(benchmark: Benchmark, md5: str) -> Benchmark:
    assert benchmark.published is not None
    return replace(benchmark, published=replace(benchmark.published, md5=md5))


def test_what_cannot_be_prepared_is_said(tmp_path: Path) -> None:
    source = files.tsv(tmp_path / "rows.tsv", files.mmstar())
    out = tmp_path / "out"
    with pytest.raises(
        EvalError, match="prompt: found 'official', expected one of vlmevalkit, lmm"
    ):
        prepare("mmstar", source, out, prompt="official", any_version=True)
    with pytest.raises(EvalError, match="the lmms-eval prompt needs the rows of Lin-Chen/MMStar"):
        prepare("mmstar", source, out, prompt="lmms-eval", any_version=True)
    with pytest.raises(EvalError, match="task: found 'six', expected one of reasonmap, "):
        prepare("six", source, out)
    with pytest.raises(EvalError, match="no such file or folder"):
        prepare("mmstar", tmp_path / "nowhere", out)
    with pytest.raises(EvalError, match="is there already; take another --out"):
        prepare("mmstar", source, tmp_path, any_version=True)
    (tmp_path / "mixed").mkdir()
    with pytest.raises(EvalError, match="found none, expected files of one kind"):
        prepare("mmstar", tmp_path / "mixed", out)


def test_rows_without_a_picture_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = [files.choices(0, category="x"), files.choices(1, category="x", image="")]
    source = files.tsv(tmp_path / "rows.tsv", rows)
    made = prepare("spatialeval", source, tmp_path / "out", any_version=True)
    assert (made.questions, made.without_picture) == (1, 1)
    assert [item.id for item in items(tmp_path / "out")] == ["spatialeval:0"]
    (tmp_path / "none").mkdir()
    assert "holds no row with a picture" in fails(tmp_path / "none", "vstar", rows[1:])


def test_rows_of_text_alone_are_asked_with_the_prompt_of_their_authors(tmp_path: Path) -> None:
    source = files.jsonl(tmp_path / "rows.jsonl", files.spatialeval_as_published())
    made = prepare("spatialeval", source, tmp_path / "out", prompt="official")
    assert (made.questions, made.without_picture) == (6, 0)
    dataset = load_dataset(tmp_path / "out")
    told = [
        item.cycle
        for item, one in zip(items(tmp_path / "out"), dataset.questions, strict=True)
        if one.figure is None
    ]
    assert told == ["tqa", "tqa"]
    clusters = [item.cluster for item in items(tmp_path / "out")]
    assert clusters == [clusters[0]] * 2 + [clusters[2]] * 4  # by the text, by the picture
    assert clusters[0] != clusters[2]
    assert len(check_pictures(dataset)) == 4
    with pytest.raises(EvalError, match="SpatialEval"):
        prepare("spatialeval", source, tmp_path / "other")  # VLMEvalKit's needs its own columns


def test_a_question_of_text_alone_is_refused_where_its_benchmark_has_none(tmp_path: Path) -> None:
    out = prepared(tmp_path, "vstar", files.vstar())
    lines = (out / "questions.jsonl").read_text().splitlines()
    lines[0] = json.dumps({**json.loads(lines[0]), "figure": None})
    (out / "questions.jsonl").write_text("\n".join(lines) + "\n")
    with pytest.raises(EvalError, match=r"question 'vstar:0': figure: found None, expected the pa"):
        check_pictures(load_dataset(out))


def test_rows_whose_first_option_is_always_right_are_refused(tmp_path: Path) -> None:
    rows = [files.choices(n, category="x", answer="A") for n in range(20)]
    said = fails(tmp_path, "vstar", rows)
    assert said.endswith(
        "the right option is A in each of 20 rows: take rows whose options were shuffled"
    )
    assert len(asked(prepared(tmp_path, "vstar", rows[:19]))) == 19
