import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_rewards import Completion, Question, RecordError, jsonl

ONE = Completion(question_id="q1", text="a\nb \u2028 站")
TWO = Completion(question_id="q2", text="", sample=1)


def test_a_file_is_written_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "new" / "completions.jsonl"
    assert jsonl.write([ONE, TWO], path) == 2
    assert list(jsonl.read(Completion, path)) == [ONE, TWO]
    assert len(path.read_bytes().splitlines()) == 2


def test_blank_lines_are_passed_over_and_unknown_keys_ignored(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    path.write_text('\n{"question_id": "q1", "text": "t", "mood": 3}\n\n', encoding="utf-8")
    assert [c.text for c in jsonl.read(Completion, path)] == ["t"]


def test_a_failure_while_writing_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    path.write_text("old", encoding="utf-8")

    def broken() -> Iterator[Completion]:
        yield ONE
        raise RecordError("text", 1, "a text")

    with pytest.raises(RecordError):
        jsonl.write(broken(), path)
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_is_not_overwritten(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError, match=str(tmp_path)):
        jsonl.write([ONE], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_dash_is_standard_input_and_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    jsonl.write([ONE], "-")
    out = capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(out.encode())))
    assert list(jsonl.read(Completion, "-")) == [ONE]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", r"c.jsonl:2: line: found '\{', expected a JSON object"),
        ("[1]", r"c.jsonl:2: line: found \[1\], expected a JSON object"),
        ("7", r"c.jsonl:2: line: found 7, expected a JSON object"),
        ('{"text": "t"}', r"c.jsonl:2: question_id: found None, expected a value"),
        (
            '{"question_id": 3, "text": "t"}',
            r"c.jsonl:2: question_id: found 3, expected a val",
        ),
        ('{"question_id": "q", "text": "t", "sample": -1}', r"c.jsonl:2: sample: found -1"),
        ('{"question_id": "", "text": "t"}', r"c.jsonl:2: question_id: found ''"),
        ('{"question_id": "q", "text": "\\ud800"}', r"c.jsonl:2: "),
        ('{"question_id": ' + "1" * 5000 + "}", r"c.jsonl:2: line: found "),
        ("[" * 100_000, r"c.jsonl:2: line: found "),
    ],
)
def test_a_bad_line_is_named_with_its_place(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "c.jsonl"
    path.write_text(f"{jsonl.dump(ONE)}\n{line}\n", encoding="utf-8")
    with pytest.raises(RecordError, match=message):
        list(jsonl.read(Completion, path))


def test_bytes_that_are_not_utf_8_are_named_with_their_place(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    path.write_bytes(b'{"question_id": "\xff"}\n')
    with pytest.raises(RecordError, match=r"c.jsonl:1: line: found .*, expected UTF-8"):
        list(jsonl.read(Completion, path))


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"])),
            st.sampled_from(["\n", "\r\n", "\r"]),
        )
    )
)
def test_placed_lines_are_those_of_lines_and_start_where_they_say(
    tmp_path_factory: pytest.TempPathFactory, told: list[tuple[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("lines") / "c.jsonl"
    path.write_bytes("".join(text + end for text, end in told).encode())
    content, placed = path.read_bytes(), list(jsonl.placed_lines(path))
    plain = [(where, line.rstrip("\n")) for where, line in jsonl.lines(path)]
    assert [(where, line.rstrip("\r\n")) for where, _, line in placed] == plain
    for _, start, line in placed:
        assert content[start:].startswith(line.encode())


def test_a_file_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        list(jsonl.read(Completion, tmp_path / "none.jsonl"))


def test_routes_are_read_in_reasonmaps_own_form() -> None:
    leg = {"route_name": "1", "departure_stop": "A", "arrival_stop": "B"}
    line = {"id": "q", "type": "planning", "question": "?", "routes": {"1": [leg], "2": [leg]}}
    question = jsonl.parse(Question, json.dumps(line))
    assert question.routes is not None
    assert [route[0].route_name for route in question.routes] == ["1", "1"]


@given(st.text() | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(
        st.sampled_from(["id", "type", "question", "routes", "json", "answer"]), inner),
    max_leaves=8,
).map(json.dumps))  # fmt: skip
def test_any_line_is_a_question_or_a_record_error(line: str) -> None:
    try:
        outcome = jsonl.parse(Question, line, "f:1").id
    except RecordError as error:
        outcome = error.where
    assert outcome
