from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from rm_eval import EvalError
from rm_eval.cli import app
from rm_eval.generalisation import (
    Aside,
    Level,
    Match,
    generalisation,
    matched,
    rate,
    read_training,
)
from rm_eval.generalisation.consistency import match
from rm_eval.generalisation.levels import training_of
from rm_eval.generalisation.page import as_csv, console, markdown
from rm_eval.item import Item
from rm_rewards import Leg, Question, RecordError, Route, jsonl, route_text

if TYPE_CHECKING:
    from conftest import FinishedRuns


def asked(
    identity: str,
    city: str = "Lima",
    kind: str = "Counting2",
    **changes: Any,  # noqa: ANN401
) -> Question:
    given: dict[str, Any] = {"question": f"{kind} {identity}?", "answer": 1, **changes}
    return Question(id=identity, type=kind, city=city, **given)


def planned(identity: str, stations: str, city: str = "Lima", **changes: Any) -> Question:  # noqa: ANN401
    return asked(
        identity,
        city,
        "planning",
        answer=None,
        station_1=stations[0],
        station_2=stations[-1],
        **changes,
    )


TRAINED = [
    asked("t1", country="Peru"),
    asked("t2", "Oslo", line="Red Line", station_1="Majorstuen"),
    planned("t3", "ABC", "Oslo"),
    asked("t4", "San José", country="Costa Rica"),
]


@pytest.mark.parametrize(
    ("question", "place"),
    [
        (asked("q", country="Peru"), "L1"),
        (asked("q", " LIMA  ", country="peru"), "L1"),
        (asked("q", "Lima"), "L1"),  # a country that is not told may be any
        (asked("q", "Lima", country="USA"), "L2"),  # another Lima
        (asked("q", "Oslo", country="Norway"), "L1"),  # training does not tell Oslo's country
        (asked("q", "Bergen"), "L2"),
        (planned("q", "AB", "Bergen"), "L2"),
        (asked("q", "Bergen", "TorF1"), "L3"),
        (asked("q", "Lima", "TorF1"), "unseen type, seen city"),
        (asked("q", question="counting2  T1?"), "same question"),
        (asked("q", "Bergen", question="Counting2 t1?"), "L2"),  # the same words of another city
        (planned("q", "ABC", "Oslo", question="The same, in the long form?"), "same stations"),
        (planned("q", "CBA", "Oslo"), "L1"),  # the way back is another question
        (planned("q", "ABC", "Lima"), "L1"),
        (asked("q", "Oslo", line="red line", station_1="MAJORSTUEN"), "same stations"),
        (asked("q", "Oslo", line="Blue Line", station_1="Majorstuen"), "L1"),
        (asked("q", ""), "no city"),
    ],
)
def test_a_question_is_put_on_a_level(question: Question, place: Level | Aside) -> None:
    assert training_of(TRAINED).place(question) == place


@given(st.lists(st.sampled_from(TRAINED)), st.sampled_from(TRAINED))
def test_a_trained_question_is_on_no_level(others: list[Question], question: Question) -> None:
    assert training_of([*others, question]).place(question) == "same question"


def test_training_questions_are_read_from_a_file_or_a_folder(tmp_path: Path) -> None:
    jsonl.write(TRAINED, tmp_path / "questions.jsonl")
    for place in (tmp_path, tmp_path / "questions.jsonl"):
        assert read_training(place).questions == 4
    jsonl.write([asked("a", "")], tmp_path / "bare.jsonl")
    with pytest.raises(EvalError, match=r"bare.jsonl: questions: found 1 questions, none with a c"):
        read_training(tmp_path / "bare.jsonl")
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(EvalError, match=r"empty.jsonl: questions: found none"):
        read_training(tmp_path / "empty.jsonl")
    (tmp_path / "broken.jsonl").write_text("{}\n")
    with pytest.raises(RecordError, match=r"broken.jsonl:1: id"):
        read_training(tmp_path / "broken.jsonl")


def test_what_cannot_be_read_counts_as_not_consistent() -> None:
    pairs = [("A-B-C", "A-B-C"), ("A-B", "A-D"), ("A-C", "A-C"), (None, "A")]
    matches: list[Match] = [match(*pair) for pair in pairs]
    assert matches == ["consistent", "different", "consistent", "unread"]
    assert rate(matches) == 2 / 4
    assert rate([]) == 0.0


def route(stations: str, lines: Sequence[str] = ("Line 1", "Line 2", "Line 3")) -> Route:
    return tuple(
        Leg(route_name=line, departure_stop=f"Stop {a}", arrival_stop=f"Stop {b}")
        for a, b, line in zip(stations, stations[1:], lines, strict=False)
    )


def arrows(stations: str) -> str:
    legs = route(stations)
    return "\n".join(
        f"{leg.route_name}: {leg.departure_stop} -> {leg.arrival_stop}" for leg in legs
    )


ABC, AB, AD = (route_text(route(stations)) for stations in ("ABC", "AB", "AD"))


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (f"<think>{arrows('ABC')}</think>\n{ABC}", "consistent"),
        (f"<think>{ABC}</think>\n{ABC}", "consistent"),
        (f"<think>{ABC}</think><answer>{ABC}</answer>", "consistent"),
        (f"So I go\n{arrows('ABC')}\n<answer>{ABC}</answer>", "consistent"),
        (f"So I go\n{arrows('ABC')}\n\n{ABC}", "consistent"),
        (f"<think>{ABC.upper()}</think>\n{ABC}", "consistent"),
        (f"<think>{ABC.replace('Line 1', '1')}</think>\n{ABC}", "consistent"),
        (f"<think>{arrows('AB')}</think>\n{AD}", "different"),
        (f"<think>{arrows('AB')}\nNo:\n{arrows('AD')}</think>\n{AD}", "consistent"),
        (f"<think>{arrows('AD')}\nNo:\n{arrows('AB')}</think>\n{AD}", "different"),
        (f"<think>{ABC}</think>\n{AB}", "different"),
        (f"<think>{AB}</think>\n{ABC}", "different"),
        (f"<think>{ABC}</think>\n{route_text(route('BC', ('Line 2',)))}", "different"),
        (f"<think>Two changes.</think>\n{ABC}", "unread"),
        (f"<think>{ABC}</think>\nI do not know.", "unread"),
        (f"<think>{ABC}</think>", "unread"),
        (ABC, "unread"),
        ("", "unread"),
        ("<think>", "unread"),
    ],
)
def test_a_route_is_held_against_the_one_in_the_reasoning(reply: str, expected: Match) -> None:
    assert matched(planned("q", "ABC"), reply) == expected


@pytest.mark.parametrize(
    ("kind", "reply", "expected"),
    [
        ("Counting2", r"<think>Red and blue: 2 lines.</think> \boxed{2}", "consistent"),
        ("Counting2", r"<think>Red and blue: 2 lines.</think> \boxed{3}", "different"),
        ("Counting2", r"<think>2 or 3.</think> \boxed{3}", "unread"),
        ("Counting2", r"<think>So \boxed{2}. No, \boxed{3}.</think> \boxed{3}", "consistent"),
        ("Counting2", r"I see 2 lines. So the answer is \boxed{2}", "consistent"),
        ("Counting2", "There are 3 lines.\n<answer>3</answer>", "consistent"),
        ("Counting2", r"\boxed{2}", "unread"),
        ("Counting2", "2", "unread"),
        ("TorF1", r"<think>They share a line, so yes.</think> \boxed{yes}", "consistent"),
        ("TorF1", r"<think>They share a line, so yes.</think> \boxed{no}", "different"),
        ("Counting1", r"<think>Five stops, option B.</think> \boxed{B}", "consistent"),
        ("Counting1", r"<think>Five stops, option B.</think> \boxed{C}", "different"),
        ("Colour", r"<think>red</think> \boxed{red}", None),
    ],
)
def test_a_short_answer_is_held_against_the_one_in_the_reasoning(
    kind: str, reply: str, expected: Match | None
) -> None:
    options = ("1", "5", "7", "9") if kind == "Counting1" else None
    assert matched(asked("q", kind=kind, options=options), reply) == expected


def test_items_of_a_prepared_benchmark_are_read_as_it_reads_them() -> None:
    question = Question(id="q", type="mmstar", question="Which colour?")
    choice = Item(
        id="q", task="mmstar", form="choice", answer="B", options={"A": "red", "B": "blue"}
    )
    assert matched(question, "<think>It is B</think> B", choice) == "consistent"
    assert matched(question, "<think>It is B</think> A", choice) == "different"
    assert matched(question, "<think>Hm</think> A", choice) == "unread"
    number = Item(id="q", task="chartqa", form="number", answer="4")
    chart = Question(id="q", type="chartqa", question="How much?")
    assert matched(chart, "<think>4</think> 4", number) is None


@given(st.text())
def test_no_reply_is_too_strange_to_be_read(reply: str) -> None:
    for kind in ("planning", "Counting2", "TorF1"):
        question = planned("q", "AB") if kind == "planning" else asked("q", kind=kind)
        assert matched(question, reply) in ("consistent", "different", "unread")


def reply_of(right: bool, reasoning: str = "1") -> str:
    return f"<think>{reasoning}</think>\\boxed{{{1 if right else 2}}}"


def the_questions() -> list[Question]:
    """Eight cities with four questions each on L1, then on L2 and L3; five on no level."""
    seen = [f"seen{number}" for number in range(8)]
    new = [f"new{number}" for number in range(8)]
    return [
        *(asked(f"a{city}{n}", city) for city in seen for n in range(4)),
        *(asked(f"b{city}{n}", city) for city in new for n in range(4)),
        *(asked(f"c{city}{n}", city, "TorF1") for city in new for n in range(4)),
        *(asked(f"d{n}", "seen0", "TorF2") for n in range(3)),
        asked("t0", "seen0"),
        asked("e", ""),
    ]


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    jsonl.write([asked(f"t{n}", f"seen{n}") for n in range(8)], tmp_path / "train.jsonl")
    return tmp_path / "train.jsonl"


@pytest.fixture
def two_runs(finished: FinishedRuns) -> list[Path]:
    """SFT is right on L1 alone; GRPO also on L2 and, three times of four, on L3."""
    questions = the_questions()

    def right(name: str, question: Question, place: int) -> bool:
        if question.city.startswith("seen"):
            return True
        return name == "grpo" and (question.type != "TorF1" or place % 4 != 3)

    def reply(name: str, question: Question, place: int) -> str:
        good = right(name, question, place)
        if question.type == "TorF1":
            return f"<think>yes</think>\\boxed{{{'yes' if good else 'no'}}}"
        return reply_of(good, "Hm" if name == "grpo" and place % 2 else "1")

    return [
        finished.write(name, [(q, reply(name, q, n)) for n, q in enumerate(questions)])
        for name in ("sft", "grpo")
    ]


def test_runs_are_counted_by_level_and_against_the_first(
    trained: Path, two_runs: list[Path]
) -> None:
    found = generalisation(trained, *two_runs)
    assert found.trained_on == 8
    assert found.asides == {"same question": 1, "unseen type, seen city": 3, "no city": 1}
    sft, grpo = found.runs
    assert [(cell.level, cell.accuracy.n, cell.maps) for cell in sft.cells] == [
        ("L1", 32, 8),
        ("L2", 32, 8),
        ("L3", 32, 8),
        ("all", 96, 16),
    ]
    assert [cell.accuracy.value for cell in sft.cells] == [1.0, 0.0, 0.0, 32 / 96]
    assert [cell.accuracy.value for cell in grpo.cells] == [1.0, 1.0, 0.75, 88 / 96]
    assert [(one.start, one.end, one.difference) for one in grpo.drops] == [
        ("L1", "L2", 0.0),
        ("L2", "L3", -0.25),
        ("L1", "L3", -0.25),
    ]
    assert all(one.low <= one.difference <= one.high for run in found.runs for one in run.drops)
    assert sft.drops[0].high < 0

    tests = {one.level: one for one in found.against}
    assert {level: one.verdict for level, one in tests.items()} == {
        "L1": "tie",
        "L2": "better",
        "L3": "better",
        "all": "better",
    }
    assert (tests["L3"].test.gained, tests["L3"].test.lost) == (24, 0)
    assert tests["L2"].adjusted == pytest.approx(3 * 2 * 0.5**8)  # three levels, 2^8 sign patterns
    assert tests["all"].adjusted == tests["all"].test.p  # one test: nothing to correct


def test_consistency_is_crossed_with_what_is_right(trained: Path, two_runs: list[Path]) -> None:
    sft, grpo = generalisation(trained, *two_runs).runs
    first, second = sft.cells[0], sft.cells[1]
    assert first.consistency is not None
    assert (first.consistency.n, first.consistency.value) == (32, 1.0)
    assert first.right == {"consistent": 32, "different": 0, "unread": 0}
    assert second.wrong == {"consistent": 0, "different": 32, "unread": 0}
    hidden = grpo.cells[0]
    assert hidden.right == {"consistent": 16, "different": 0, "unread": 16}
    assert hidden.consistency is not None
    assert hidden.consistency.value == 0.5
    assert grpo.cells[2].wrong == {"consistent": 0, "different": 8, "unread": 0}


def test_the_tables_say_it_in_every_form(trained: Path, two_runs: list[Path]) -> None:
    found = generalisation(trained, *two_runs)
    page = markdown(found)
    assert "32 on L1, 32 on L2, 32 on L3." in page
    assert "counted nowhere: 1 same question; 3 unseen type, seen city; 1 no city." in page
    assert "| level | n | maps | sft | grpo |" in page
    assert "| L2: unseen city | 32 | 8 | 0.0 [0.0, 36.9] | 100.0 [63.1, 100.0] |" in page
    assert "| L2 to L3 |  |  | +0.0 " in page
    assert "| grpo | L2 | +100.0 | " in page
    assert "| sft | L2 | 32 | 0.0 [0.0, 36.9] | 0 | 0 | 0 | 0 | 32 | 0 |" in page
    lines = console(found).splitlines()
    rows = [line for line in lines if line.startswith(("  L", "  level"))]
    assert len({len(line) for line in rows[:4]}) == 1
    read = list(csv.DictReader(StringIO(as_csv(found))))
    assert [(row["run"], row["level"]) for row in read[:5]] == [
        *(("sft", level) for level in ("L1", "L2", "L3", "all")),
        ("grpo", "L1"),
    ]
    assert (read[6]["accuracy"], read[6]["wrong_different"]) == ("0.75", "8")


def test_the_command_writes_each_form_and_fails_in_one_line(
    trained: Path, two_runs: list[Path], tmp_path: Path
) -> None:
    arguments = ["generalisation", "--train", str(trained), *map(str, two_runs)]
    for form, told in (
        (
            "table",
            "  L1: seen city, new question  32     8     100.0 [63.1, 100.0]   100.0 [63.1, 100.0]",
        ),
        ("markdown", "## Accuracy by level"),
        ("csv", "run,level,maps,n,low,high,correct,accuracy,"),
    ):
        done = CliRunner().invoke(app, [*arguments, "--format", form])
        assert done.exit_code == 0, done.stderr
        assert told in done.stdout
    done = CliRunner().invoke(app, [*arguments, "--format", "json"])
    assert json.loads(done.stdout)["runs"][1]["cells"][2]["accuracy"]["value"] == 0.75
    for changed, told in (
        ([str(tmp_path / "nowhere")], "nowhere: no manifest.json there"),
        ([], "Missing argument 'RUN...'"),
    ):
        failed = CliRunner().invoke(app, ["generalisation", "--train", str(trained), *changed])
        assert failed.exit_code in (1, 2)
        assert told in failed.stderr
        assert failed.stderr.count("\n") == 1


def test_runs_over_other_questions_are_refused(
    trained: Path, two_runs: list[Path], finished: FinishedRuns
) -> None:
    fewer = finished.write(
        "fewer", [(question, reply_of(True)) for question in the_questions()[:9]]
    )
    with pytest.raises(EvalError, match=r"sft and .*fewer: different questions, expected the same"):
        generalisation(trained, two_runs[0], fewer)


def test_a_run_with_nothing_on_a_level_says_so(trained: Path, finished: FinishedRuns) -> None:
    run = finished.write("run", [(asked("e", ""), reply_of(True))])
    found = generalisation(trained, run)
    assert found.runs[0].cells == ()
    assert "0 on L1, 0 on L2, 0 on L3." in console(found)
    assert as_csv(found) == "\n"
    part = finished.write("part", [(q, reply_of(True)) for q in the_questions()[:40]])
    assert "A level without questions has no row." in markdown(generalisation(trained, part))
