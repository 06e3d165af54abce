from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import datasets  # pyright: ignore[reportMissingTypeStubs] - has no stubs
import pytest
from PIL import Image
from typer.testing import CliRunner

from rm_data import load_network
from rm_data.cli import app
from rm_data.published import SETS, write_published
from rm_rewards import Leg, Question, RecordError, gold_answer, score
from rm_rewards.jsonl import read

hf: Any = datasets
LISTS = {
    "Line 1": ["Ash Station (Transfer Station)", "Birch Station", "Cedar Station"],
    "Line 2": ["Ash Station (Transfer Station)", "Dale Station"],
}
SHORT = "According to the subway map, how do I get from Cedar Station to Dale Station? (short)"
LONG = "According to the subway map, how do I get from Cedar Station to Dale Station? (long)"


@pytest.fixture(autouse=True)
def hub_is_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(hf.config, "HF_DATASETS_CACHE", tmp_path / "hf-cache")
    monkeypatch.setattr(hf.config, "HF_HUB_OFFLINE", True)
    hf.disable_progress_bars()
    yield
    hf.enable_progress_bars()


def picture(colour: str) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (30, 20), colour).save(stream, "PNG")
    return stream.getvalue()


def legs(**more: object) -> list[dict[str, object]]:
    first = {"route_name": "Line 1", "departure_stop": "Cedar Station"}
    second = {"route_name": "Line 2", "departure_stop": "Ash Station"}
    return [
        {**first, "arrival_stop": "Ash Station", **more},
        {**second, "arrival_stop": "Dale Station", **more},
    ]


def reasonmap_row(**changed: object) -> dict[str, object]:
    row: dict[str, object] = {
        "country": "testland",
        "city": "ashville",
        "station_1": "Cedar Station",
        "station_2": "Dale Station",
        "figure": base64.b64encode(picture("red")).decode(),
        "question_short": SHORT,
        "question_long": LONG,
        "routes": {"1": legs(num_via_stops=1)},
        "json": LISTS,
        "difficulty_question": "middle",
        "difficulty_city": "easy",
        "city_line_count": 2,
        "city_transfer_count": 2,
        "question_transfer_count": 1,
    }
    return {**row, **changed}


COUNTING = (
    'Please solve the multiple choice problem and put your answer (one of ABCD) in one "\\boxed{}".'
    " According to the subway map, how many intermediate stops are there between Ash Station and"
    " Cedar Station (except for this two stops)? \nA) 8 \nB) 1 \nC) 25 \nD) 12 \n"
)


def plus_row(**changed: object) -> dict[str, object]:
    row: dict[str, object] = {
        "country": "testland",
        "city": "ashville",
        "station_1": "Ash Station",
        "station_2": "Cedar Station",
        "figure": "./maps/testland/ashville.png",
        "question": COUNTING,
        "answer": 1,
        "type": "Counting1",
        "difficulty_city": "easy",
        "city_line_count": 2,
        "city_transfer_count": 2,
        "json": "./stations/testland/ashville.json",
    }
    return {**row, **changed}


def in_parquet(folder: Path, *rows: dict[str, object]) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    hf.Dataset.from_list(list(rows)).to_parquet(folder / "train-00000-of-00001.parquet")
    return str(folder)


def with_files(folder: Path) -> Path:
    for path, content in (
        ("maps/testland/ashville.png", picture("blue")),
        ("stations/testland/ashville.json", json.dumps(LISTS).encode()),
    ):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def questions_in(out: Path) -> list[Question]:
    return list(read(Question, out / "questions.jsonl"))


def test_a_row_of_reasonmap_asks_twice_and_brings_picture_and_network(tmp_path: Path) -> None:
    source = in_parquet(
        tmp_path / "data", reasonmap_row(), reasonmap_row(station_1="Birch Station")
    )
    out = tmp_path / "out"
    made = write_published("reasonmap", source, out)
    questions = questions_in(out)
    assert made.questions == len(questions) == 4
    assert [q.question for q in questions[:2]] == [SHORT, LONG]
    assert len({q.id for q in questions}) == 4
    assert {q.figure for q in questions} == {"maps/testland/ashville.png"}
    assert (out / "maps/testland/ashville.png").read_bytes() == picture("red")
    first = questions[0]
    assert first.routes == (
        (
            Leg(
                route_name="Line 1",
                departure_stop="Cedar Station",
                arrival_stop="Ash Station",
                num_via_stops=1,
            ),
            Leg(
                route_name="Line 2",
                departure_stop="Ash Station",
                arrival_stop="Dale Station",
                num_via_stops=1,
            ),
        ),
    )
    assert first.network is not None
    network = load_network(out / first.network)
    assert [line.name for line in network.lines] == ["Line 1", "Line 2"]
    assert score(first, gold_answer(first), network=network).correct


def test_two_pictures_of_one_city_are_both_kept(tmp_path: Path) -> None:
    other = base64.b64encode(picture("green")).decode()
    source = in_parquet(tmp_path / "data", reasonmap_row(), reasonmap_row(figure=other))
    out = tmp_path / "out"
    write_published("reasonmap", source, out)
    shown = [(out / (q.figure or "")).read_bytes() for q in questions_in(out)]
    assert shown == [picture("red")] * 2 + [picture("green")] * 2


@pytest.mark.parametrize("via", [["Birch Station"], "Birch Station"])
def test_via_stops_are_read_as_list_and_as_text(tmp_path: Path, via: object) -> None:
    row = reasonmap_row(routes={"1": legs(via_stops=via), "2": None})
    write_published("reasonmap", in_parquet(tmp_path / "data", row), tmp_path / "out")
    routes = questions_in(tmp_path / "out")[0].routes
    assert routes is not None
    (route,) = routes
    assert [leg.via_stops for leg in route] == [("Birch Station",)] * 2


@pytest.mark.parametrize("name", ["reasonmap-plus", "reasonmap-train"])
@pytest.mark.parametrize("on_disk", [False, True])
def test_rows_of_plus_and_train_keep_their_paths(tmp_path: Path, name: str, on_disk: bool) -> None:
    rows = [plus_row(), plus_row(type="TorF1", answer=1), plus_row(type="Counting3", answer=2)]
    source = tmp_path / "data"
    if on_disk:
        made: Any = hf.DatasetDict({"train": hf.Dataset.from_list(rows)})
        made.save_to_disk(str(source))
    else:
        in_parquet(source, *rows)
    files = with_files(tmp_path / "repository")
    out = tmp_path / "out"
    told = write_published(name, str(source), out, files=files)
    questions = questions_in(out)
    assert told.pictures == {"testland/ashville"}
    assert told.bare == set()
    assert [(q.type, q.answer) for q in questions] == [
        ("Counting1", 1),
        ("TorF1", 1),
        ("Counting3", 2),
    ]
    assert questions[0].options == ("8", "1", "25", "12")
    for question in questions:
        assert (out / (question.figure or "")).read_bytes() == picture("blue")
        network = load_network(out / (question.network or ""))
        assert score(question, gold_answer(question), network=network).correct


def test_planning_rows_of_train_have_no_answer_but_transfers(tmp_path: Path) -> None:
    row = plus_row(type="planning", answer=-1, question=SHORT, question_transfer_count=1)
    source = in_parquet(tmp_path / "data", row)
    write_published("reasonmap-train", source, tmp_path / "out", files=with_files(tmp_path / "r"))
    (question,) = questions_in(tmp_path / "out")
    assert question.answer is None
    assert question.difficulty_question == "middle"
    assert question.question_transfer_count == 1


def test_a_city_without_a_picture_at_hand_is_told(tmp_path: Path) -> None:
    source = in_parquet(tmp_path / "data", plus_row())
    told = write_published("reasonmap-plus", source, tmp_path / "out")
    assert told.bare == {"testland/ashville"}
    assert questions_in(tmp_path / "out")[0].figure is None


BAD_ROWS = {
    "figure: found 'not base64!', expected a picture as base64": reasonmap_row(
        figure="not base64!"
    ),
    "figure: .*expected a picture that can be read": reasonmap_row(figure="aGVsbG8="),
    "city: found '../up', expected a name without slashes": reasonmap_row(city="../up"),
    "difficulty_city: found 'medium'": reasonmap_row(difficulty_city="medium"),
}


@pytest.mark.parametrize("told", BAD_ROWS)
def test_a_bad_row_is_named_and_nothing_is_written(tmp_path: Path, told: str) -> None:
    source = in_parquet(tmp_path / "data", reasonmap_row(), BAD_ROWS[told])
    with pytest.raises(RecordError, match=rf"\[train\] row 1: {told}"):
        write_published("reasonmap", source, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_question_without_four_options_is_named(tmp_path: Path) -> None:
    source = in_parquet(tmp_path / "data", plus_row(question="How many?"))
    with pytest.raises(RecordError, match=r"row 0: question: .*four options"):
        write_published("reasonmap-plus", source, tmp_path / "out")


def test_a_set_a_split_and_a_source_that_are_not_there_are_named(tmp_path: Path) -> None:
    source = in_parquet(tmp_path / "data", plus_row())
    with pytest.raises(RecordError, match=f"SET: found 'x', expected one of {', '.join(SETS)}"):
        write_published("x", source, tmp_path / "out")
    with pytest.raises(RecordError, match="--split: found 'test', expected one of train of"):
        write_published("reasonmap-plus", source, tmp_path / "out", split="test")
    with pytest.raises(RecordError, match=r"SRC: found .*expected a dataset: a folder"):
        write_published("reasonmap-plus", str(tmp_path / "none"), tmp_path / "out")


def test_the_command_reads_a_folder_and_tells_what_is_missing(tmp_path: Path) -> None:
    source = in_parquet(tmp_path / "data", plus_row())
    out = tmp_path / "out"
    done = CliRunner().invoke(app, ["published", "reasonmap-plus", source, "--out", str(out)])
    assert done.exit_code == 0, done.stderr
    assert "1 questions, 0 pictures" in done.stderr
    assert "no picture at hand: testland/ashville" in done.stderr
    wrong = ["published", "reasonmap-plus", source, "--out", str(out), "--files", "nowhere"]
    refused = CliRunner().invoke(app, wrong)
    assert refused.exit_code == 1
    assert "--files: found 'nowhere', expected a folder with maps/" in refused.stderr
