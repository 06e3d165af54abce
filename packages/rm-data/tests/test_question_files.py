from __future__ import annotations

from collections import Counter
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_data import ask
from rm_data.asking import AskOrder, ByCity, Job, places_of, write_questions
from rm_data.map_files import MapOrder, make_maps
from rm_data.networks import find_networks
from rm_data.splits import cities_for_test
from rm_data.staging import staged_files, staged_folder
from rm_data.stats import stats_of, stats_table
from rm_rewards import QUESTION_TYPES, Question, RecordError
from rm_rewards.jsonl import read, read_network

ORDER = AskOrder(types=QUESTION_TYPES, seed=2, per_map=4)


@pytest.fixture(scope="module")
def maps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "maps"
    make_maps(MapOrder(count=5, seed=1, style="compact"), folder)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_paths_in_a_questions_file_lead_from_it_to_picture_and_network(
    maps: Path, tmp_path: Path
) -> None:
    out = tmp_path / "deep" / "q.jsonl"
    job = Job(order=ORDER, paths=find_networks([maps]), base=out.parent)
    asked = write_questions(job, out)
    questions = list(read(Question, out))
    assert {"": len(questions)} == asked.counts
    for question in questions:
        assert question.figure is not None
        assert question.network is not None
        assert (out.parent / question.figure).is_file()
        network = read_network(out.parent / question.network)
        assert question.id in {q.id for q in ask(network, seed=2, per_map=4)}
    assert len({question.id for question in questions}) == len(questions)


def test_a_picture_that_is_missing_or_broken_is_an_error_only_with_maps(
    maps: Path, tmp_path: Path
) -> None:
    network = tmp_path / "land" / "town.json"
    network.parent.mkdir()
    network.write_text('{"L": ["A", "B"]}')
    job = Job(order=ORDER, paths=(network,), base=tmp_path)
    write_questions(job, tmp_path / "q.jsonl")
    assert {q.figure for q in read(Question, tmp_path / "q.jsonl")} == {None}
    with pytest.raises(RecordError, match=f"{network}: figure: .*town.png.*missing"):
        write_questions(replace(job, maps=maps), tmp_path / "q.jsonl")
    network.with_suffix(".png").write_text("no picture")
    with pytest.raises(RecordError, match="expected a readable picture"):
        write_questions(job, tmp_path / "q.jsonl")
    assert {p.name for p in tmp_path.iterdir()} == {"land", "q.jsonl"}


def test_a_split_shares_no_city_and_loses_no_question(maps: Path, tmp_path: Path) -> None:
    paths = find_networks([maps])
    sides = ByCity(places_of(paths, share=0.4, seed=2))
    job = Job(order=ORDER, paths=paths, base=tmp_path)
    asked = write_questions(replace(job, sides=sides), tmp_path / "q.jsonl")
    train, test = (list(read(Question, tmp_path / f"q.{side}.jsonl")) for side in ("train", "test"))
    assert asked.counts == {"train": len(train), "test": len(test)}
    train_cities, test_cities = {q.city for q in train}, {q.city for q in test}
    assert (len(train_cities), len(test_cities)) == (3, 2)
    assert not train_cities & test_cities
    write_questions(job, tmp_path / "all.jsonl")
    whole = read(Question, tmp_path / "all.jsonl")
    assert Counter(q.id for q in whole) == Counter(q.id for q in [*train, *test])


PLACES = st.sets(st.tuples(st.sampled_from("xyz"), st.text(max_size=3)), min_size=2, max_size=20)


@given(PLACES, st.floats(0.01, 0.99), st.integers(0, 9))
def test_each_side_of_a_split_has_a_city_and_the_order_does_not_matter(
    places: set[tuple[str, str]], share: float, seed: int
) -> None:
    chosen = cities_for_test(places, share=share, seed=seed)
    assert chosen == cities_for_test(sorted(places, reverse=True), share=share, seed=seed)
    assert 0 < len(chosen) < len(places)
    assert chosen <= places
    assert abs(len(chosen) - share * len(places)) <= 1


@pytest.mark.parametrize("share", [0.0, 1.0, -1.0, float("nan")])
def test_a_share_that_leaves_one_side_empty_is_refused(share: float) -> None:
    with pytest.raises(RecordError, match="test_share: found"):
        cities_for_test([("a", "b"), ("a", "c")], share=share, seed=0)
    with pytest.raises(RecordError, match="two cities or more"):
        cities_for_test([("a", "b")], share=0.5, seed=0)


def fill_and_fail(stage: AbstractContextManager[Path]) -> None:
    with stage as folder:
        (folder / "a").write_text("new")
        raise KeyboardInterrupt


def test_a_staged_folder_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with staged_folder(target) as folder:
        (folder / "a").write_text("1")
        assert not target.exists()
    assert contents(target) == {"a": b"1"}
    with (
        pytest.raises(RecordError, match=r"--out: found .*nothing is replaced"),
        staged_folder(target),
    ):
        pass
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(KeyboardInterrupt):
        fill_and_fail(staged_folder(empty))
    assert contents(empty) == {}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["empty", "out"]


def test_staged_files_replace_the_old_ones_together(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    with pytest.raises(KeyboardInterrupt):
        fill_and_fail(staged_files(tmp_path))
    assert contents(tmp_path) == {"a": b"old"}
    with staged_files(tmp_path) as folder:
        (folder / "a").write_text("new")
        (folder / "b").write_text("new")
    assert contents(tmp_path) == {"a": b"new", "b": b"new"}


def test_statistics_count_answers_and_the_majority() -> None:
    rows = [
        Question(id=str(n), type=kind, question="?", answer=answer, city=city, options=None)
        for n, (kind, answer, city) in enumerate(
            [
                ("Counting2", 1, "a"),
                ("TorF1", 1, "a"),
                ("TorF1", 0, "b"),
                ("TorF1", 1, "b"),
                ("Counting1", 3, "a"),
                ("planning", None, "a"),
                ("own", None, "a"),
            ]
        )
    ]
    stats = stats_of(rows)
    assert list(stats) == ["TorF1", "Counting1", "Counting2", "planning", "own"]
    assert stats["TorF1"].majority == ("yes", 2 / 3)
    assert stats["TorF1"].maps == {("", "a"), ("", "b")}
    assert list(stats_table(stats)) == [
        "type       questions  maps  majority   text only  answers",
        "TorF1      3          2     yes 67%    67%        no:1 yes:2",
        "Counting1  1          1     D 100%     0%         D:1",
        "Counting2  1          1     1 100%     0%         1:1",
        "planning   1          1     -          -          0:1",
        "own        1          1     None 100%  -          None:1",
        "majority baseline of all 6 short questions: 83.3%",
    ]
