from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import datasets  # pyright: ignore[reportMissingTypeStubs] - has no stubs
import pandas as pd  # pyright: ignore[reportMissingTypeStubs]
import pytest
from PIL import Image

from rm_data import ask, draw, generate
from rm_data.exporting import FORMS, export, splits_of
from rm_data.reasonmap import import_lists
from rm_rewards import Question, RecordError, gold_answer, score
from rm_rewards.adapters import decode_question
from rm_rewards.jsonl import dump, read, read_network, write

hf: Any = datasets
pandas: Any = pd


@pytest.fixture(autouse=True)
def hub_is_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(hf.config, "HF_DATASETS_CACHE", tmp_path / "hf-cache")
    hf.disable_progress_bars()
    yield
    hf.enable_progress_bars()


@pytest.fixture
def made(tmp_path: Path) -> tuple[Path, Path]:
    """A train and a test file with two maps and one."""
    folder = tmp_path / "in"
    paths: list[Path] = []
    for split, seeds in (("train", (1, 2)), ("test", (3,))):
        questions: list[Question] = []
        for seed in seeds:
            network = generate(seed)
            place = folder / "synthetic" / network.city
            place.parent.mkdir(parents=True, exist_ok=True)
            place.with_suffix(".json").write_text(dump(network), encoding="utf-8")
            draw(network).save(place.with_suffix(".png"))
            name = f"synthetic/{network.city}"
            questions += ask(network, per_map=3, figure=f"{name}.png", network_path=f"{name}.json")
        path = folder / f"asked.{split}.jsonl"
        write(questions, path)
        paths.append(path)
    return paths[0], paths[1]


def questions_of(path: Path) -> list[Question]:
    return list(read(Question, path))


def bare(question: Question) -> Question:
    return replace(question, figure=None, network=None)


def same_picture(shown: Image.Image, question: Question, folder: Path) -> bool:
    assert question.figure is not None
    with Image.open(folder / question.figure) as expected:
        return shown.convert("RGB").tobytes() == expected.convert("RGB").tobytes()


def loaded(out: Path, *config: str) -> Any:  # noqa: ANN401 - datasets has no stubs
    return hf.load_dataset(str(out), *config)


@pytest.mark.parametrize("images", ["path", "embed", "tar"])
def test_hf_datasets_loads_every_field_of_every_question(
    tmp_path: Path, made: tuple[Path, Path], images: str
) -> None:
    out = tmp_path / "out"
    counts = export(made, "hf", out, images=images)
    splits = loaded(out)
    assert {name: len(rows) for name, rows in splits.items()} == counts
    for path in made:
        rows = splits[path.suffixes[0].lstrip(".")]
        for row, question in zip(rows, questions_of(path), strict=True):
            fine = row["fine_grained_answer"]
            fields = {name: cell for name, cell in row.items() if name != "image"}
            fields["fine_grained_answer"] = None if fine is None else json.loads(fine)
            assert bare(decode_question(fields)) == bare(question)
            assert row["gold"] == gold_answer(question)
            assert (out / row["network"]).is_file()
            if images == "embed":
                assert same_picture(row["image"], question, path.parent)


def test_the_maps_of_an_hf_export_stand_once_each_and_decode(
    tmp_path: Path, made: tuple[Path, Path]
) -> None:
    out = tmp_path / "out"
    export(made, "hf", out)
    maps = loaded(out, "maps")["train"]
    shown = {row["figure"]: row["image"] for row in maps}
    rows = [row for split in loaded(out, "questions").values() for row in split]
    assert len(maps) == len(shown) == 3
    assert {row["figure"] for row in rows} == set(shown)
    asked = [question for path in made for question in questions_of(path)]
    for row, question in zip(rows, asked, strict=True):
        assert same_picture(shown[row["figure"]], question, made[0].parent)
        assert same_picture(Image.open(out / row["figure"]), question, made[0].parent)


def test_a_sharegpt_list_is_what_its_dataset_info_says(
    tmp_path: Path, made: tuple[Path, Path]
) -> None:
    out = tmp_path / "out"
    export(made, "sharegpt", out, title="metro")
    info = json.loads((out / "dataset_info.json").read_text(encoding="utf-8"))
    assert set(info) == {"metro_train", "metro_test"}
    for path in made:
        entry = info[f"metro_{path.suffixes[0].lstrip('.')}"]
        rows = hf.load_dataset("json", data_files=str(out / entry["file_name"]), split="train")
        turns, images = entry["columns"]["messages"], entry["columns"]["images"]
        for row, question in zip(rows, questions_of(path), strict=True):
            asked, answered = row[turns]
            assert (asked["from"], answered["from"]) == ("human", "gpt")
            assert asked["value"] == f"<image> {question.question}"
            assert "boxed" not in answered["value"]
            assert gold_answer(question).strip("\\boxed{}") == answered["value"].strip("\\boxed{}")
            assert same_picture(Image.open(out / row[images][0]), question, path.parent)


@pytest.mark.parametrize("images", ["path", "embed"])
def test_verl_rows_carry_prompt_picture_and_a_label_that_scores_the_gold_answer(
    tmp_path: Path, made: tuple[Path, Path], images: str
) -> None:
    out = tmp_path / "out"
    export(made, "verl", out, images=images)
    for path in made:
        name = path.suffixes[0].lstrip(".")
        rows = pandas.read_parquet(out / f"{name}.parquet").to_dict("records")
        for index, (row, question) in enumerate(zip(rows, questions_of(path), strict=True)):
            assert list(row) == [
                *("data_source", "prompt", "images", "ability", "reward_model", "extra_info")
            ]
            (turn,) = row["prompt"]
            assert turn == {"role": "user", "content": f"<image>{question.question}"}
            (image,) = row["images"]
            content = io.BytesIO(image["bytes"]) if images == "embed" else image["image"][7:]
            assert same_picture(Image.open(content), question, path.parent)
            known = {"split": name, "index": index, "id": question.id, "type": question.type}
            assert row["extra_info"] == known
            asked = decode_question(row["reward_model"]["ground_truth"])
            network = read_network(asked.network or "")
            assert bare(asked) == bare(question)
            assert score(asked, gold_answer(question), network=network).correct


@pytest.mark.parametrize("images", ["path", "embed"])
def test_trl_rows_are_conversational_and_show_the_picture(
    tmp_path: Path, made: tuple[Path, Path], images: str
) -> None:
    out = tmp_path / "out"
    export(made, "trl", out, images=images)
    for path in made:
        rows = loaded(out)[path.suffixes[0].lstrip(".")]
        for row, question in zip(rows, questions_of(path), strict=True):
            assert row["prompt"] == [{"role": "user", "content": question.question}]
            assert row["completion"] == [{"role": "assistant", "content": gold_answer(question)}]
            assert same_picture(row["image"], question, path.parent)
            assert bare(decode_question(row["label"])) == bare(question)


def followed(table: list[dict[str, str]], row: dict[str, str]) -> str:
    """The base64 of a row: short cells name the index of another row, as VLMEvalKit reads them."""
    cell = row["image"]
    return table[int(cell)]["image"] if len(cell) <= 64 else cell


def test_vlmevalkit_gets_each_picture_once_and_references_to_it(
    tmp_path: Path, made: tuple[Path, Path]
) -> None:
    out = tmp_path / "out"
    export(made, "vlmevalkit", out, images="embed", title="metro")
    for path in made:
        file = out / f"metro_{path.suffixes[0].lstrip('.')}.tsv"
        frame = pandas.read_csv(file, sep="\t", dtype=str, keep_default_na=False)
        table = frame.to_dict("records")
        questions = questions_of(path)
        whole = [row for row in table if len(row["image"]) > 64]
        assert len(whole) == len({question.figure for question in questions})
        for index, (row, question) in enumerate(zip(table, questions, strict=True)):
            assert row["index"] == str(index)
            assert row["question"] == question.question
            assert row["type"] == question.type
            if question.answer is not None:
                assert int(row["answer"]) == question.answer
            picture = Image.open(io.BytesIO(base64.b64decode(followed(table, row))))
            assert same_picture(picture, question, path.parent)
        told = file.with_suffix(".tsv.md5").read_text(encoding="utf-8").split()[0]
        assert told == hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest()


def test_a_vlmevalkit_table_can_name_its_pictures_by_path(
    tmp_path: Path, made: tuple[Path, Path]
) -> None:
    out = tmp_path / "out"
    export(made[:1], "vlmevalkit", out)
    frame = pandas.read_csv(out / "asked_train.tsv", sep="\t")
    for cell, question in zip(frame["image_path"], questions_of(made[0]), strict=True):
        assert same_picture(Image.open(out / cell), question, made[0].parent)


def test_the_reasonmap_layout_loads_from_disk_with_the_published_columns(
    tmp_path: Path, made: tuple[Path, Path]
) -> None:
    out = tmp_path / "out"
    export(made, "reasonmap", out)
    splits = hf.load_from_disk(str(out))
    for path in made:
        rows = splits[path.suffixes[0].lstrip(".")]
        assert set(rows.column_names) == {
            *("country", "city", "station_1", "station_2", "figure", "question", "answer", "type"),
            *("difficulty_city", "city_line_count", "city_transfer_count", "json"),
            *("question_transfer_count", "difficulty_question"),
        }
        for row, question in zip(rows, questions_of(path), strict=True):
            assert row["question"] == question.question
            assert row["answer"] == (-1 if question.answer is None else question.answer)
            assert same_picture(Image.open(out / row["figure"]), question, path.parent)
            lists = json.loads((out / row["json"]).read_text(encoding="utf-8"))
            assert len(lists) == question.city_line_count


def test_a_tar_holds_each_picture_once_and_has_the_same_bytes_again(
    tmp_path: Path, made: tuple[Path, Path]
) -> None:
    for name in ("one", "two"):
        export(made, "sharegpt", tmp_path / name, images="tar")
    with tarfile.open(tmp_path / "one/maps.tar") as tar:
        names = tar.getnames()
        first = tar.extractfile(names[0])
        assert first is not None
        assert same_picture(Image.open(first), questions_of(made[0])[0], made[0].parent)
    assert len(names) == len(set(names)) == 3
    assert not (tmp_path / "one/maps").exists()
    for file in ("maps.tar", "train.json", "README.md"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_the_card_tells_counts_sources_and_licences(
    tmp_path: Path, made: tuple[Path, Path], station_lists: Path
) -> None:
    import_lists(station_lists / "hungary", tmp_path / "real", licence="MIT")
    network = read_network(next((tmp_path / "real").glob("*/*.json")))
    real = tmp_path / "real" / "budapest.jsonl"
    write(ask(network, per_map=2, network_path=f"{network.country}/{network.city}.json"), real)
    asked = "rm-data questions maps --seed 7"
    export([real, made[1]], "hf", tmp_path / "out", title="cities", made_by=asked)
    card = (tmp_path / "out/README.md").read_text(encoding="utf-8")
    assert "# cities" in card
    assert f"\n    {asked}\n" in card
    assert f"| {network.country}/{network.city} | {network.source} | MIT |" in card
    assert "| synthetic/compact-000003 | rm-data synthetic generator 1 | CC0-1.0 |" in card
    assert f"| test | {len(questions_of(made[1]))} |" in card


def broken_line(folder: Path) -> None:
    with (folder / "asked.train.jsonl").open("a") as stream:
        stream.write("{\n")


def no_picture(folder: Path) -> None:
    next(folder.glob("synthetic/*.png")).unlink()


def false_picture(folder: Path) -> None:
    next(folder.glob("synthetic/*.png")).write_bytes(b"not a picture")


def no_network(folder: Path) -> None:
    next(folder.glob("synthetic/*.json")).unlink()


def climbing_city(folder: Path) -> None:
    path = folder / "asked.train.jsonl"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"country":"synthetic"', '"country":"../.."'), encoding="utf-8")


def twice(folder: Path) -> None:
    path = folder / "asked.train.jsonl"
    first = path.read_text(encoding="utf-8").splitlines()[0]
    path.write_text(f"{first}\n{first}\n", encoding="utf-8")


def empty(folder: Path) -> None:
    (folder / "asked.train.jsonl").write_text("\n")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (broken_line, r"asked\.train\.jsonl:\d+: line: found '{'"),
        (no_picture, r"asked\.t.*\.jsonl:\d+: .*: figure: .*the file is missing"),
        (false_picture, r"asked\.t.*\.jsonl:\d+: .*: figure: .*a readable picture"),
        (climbing_city, r"asked\.train\.jsonl:1: .*: country: found '\.\./\.\.'"),
        (twice, r"asked\.train\.jsonl:2: id: .*expected each id once"),
        (empty, r"asked\.train\.jsonl: file: found 'no question'"),
    ],
)
def test_bad_input_is_named_and_leaves_nothing_behind(
    tmp_path: Path, made: tuple[Path, Path], form: str, harm: Callable[[Path], None], told: str
) -> None:
    harm(made[0].parent)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(RecordError, match=told):
        export(made, form, tmp_path / "out")
    assert sorted(tmp_path.iterdir()) == before


def test_a_network_that_is_missing_is_named(tmp_path: Path, made: tuple[Path, Path]) -> None:
    no_network(made[0].parent)
    with pytest.raises(RecordError, match=r"asked\..*\.jsonl:\d+: .*: network: .*network file"):
        export(made, "verl", tmp_path / "out")


@pytest.mark.parametrize(
    ("form", "images", "told"),
    [
        ("csv", "path", "--to: found 'csv', expected one of hf"),
        ("sharegpt", "embed", "--images: found 'embed', expected one of path, tar for sharegpt"),
        ("verl", "tar", "--images: found 'tar', expected one of path, embed for verl"),
    ],
)
def test_what_a_form_cannot_do_is_refused(
    tmp_path: Path, made: tuple[Path, Path], form: str, images: str, told: str
) -> None:
    with pytest.raises(RecordError, match=told):
        export(made, form, tmp_path / "out", images=images)


def test_a_file_of_the_export_is_never_replaced(tmp_path: Path, made: tuple[Path, Path]) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine").write_text("mine")
    with pytest.raises(RecordError, match="a new folder, or an empty one"):
        export(made, "sharegpt", tmp_path / "out")


def test_the_name_of_a_file_tells_its_split(tmp_path: Path) -> None:
    for name in ("q.jsonl", "q.test.jsonl", "other.jsonl", "q.a b.jsonl"):
        (tmp_path / name).write_text("\n")
    found = splits_of([tmp_path / "q.jsonl", tmp_path / "q.test.jsonl"])
    assert [split.name for split in found] == ["train", "test"]
    with pytest.raises(RecordError, match=r"one file a split; .*q\.jsonl is 'train' too"):
        splits_of([tmp_path / "q.jsonl", tmp_path / "other.jsonl"])
    with pytest.raises(RecordError, match="a split of letters"):
        splits_of([tmp_path / "q.a b.jsonl"])
    with pytest.raises(RecordError, match="expected a questions file"):
        splits_of([tmp_path / "none.jsonl"])
    with pytest.raises(RecordError, match="at least one"):
        splits_of([])
