from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from rm_data import Shortfall, ask, find_networks, generate, load_network
from rm_data.kinds import kinds, load_kinds, register
from rm_data.sheet import Sheet
from rm_rewards import QUESTION_TYPES, Network, Question, RecordError, gold_answer, score
from rm_rewards.jsonl import dump, parse

OURS = (
    "CountingStations",
    "CountingTransfers",
    "ChoiceTerminal",
    "ChoiceNextStop",
    "ChoiceShorterRoute",
    "ChoiceImpossible",
)


def wrong_answers(question: Question) -> list[str]:
    gold = gold_answer(question)
    values = "ABCD" if question.options else [str(n) for n in range(60)]
    return [reply for v in values if (reply := rf"\boxed{{{v}}}") != gold]


def test_all_means_the_published_six_and_the_others_are_asked_by_name() -> None:
    network = generate(5, style="named")
    assert {q.type for q in ask(network)} == set(QUESTION_TYPES)
    made = list(ask(network, ["ChoiceImpossible", "TorF1", "ChoiceTerminal"], per_map=4))
    assert list(dict.fromkeys(q.type for q in made)) == [
        "TorF1",
        "ChoiceImpossible",
        "ChoiceTerminal",
    ]
    assert set(OURS) <= set(kinds())


@pytest.mark.parametrize("kind", OURS)
def test_questions_of_a_kind_are_scored_by_rm_rewards_and_come_back_from_a_file(
    kind: str, station_lists: Path
) -> None:
    for path in find_networks([station_lists])[:9]:
        for question in ask(load_network(path), kind, seed=3):
            assert parse(Question, dump(question)) == question
            full = score(question, gold_answer(question))
            assert (full.correct, full.format, full.reasons) == (True, 1.0, ())
            assert not any(score(question, reply).correct for reply in wrong_answers(question))
            assert not score(question, question.question).correct


@pytest.mark.parametrize("kind", OURS)
def test_each_question_of_a_kind_is_asked_once_and_answers_are_balanced(
    kind: str, station_lists: Path
) -> None:
    answers: Counter[int | None] = Counter()
    for path in find_networks([station_lists]):
        made = list(ask(load_network(path), kind, seed=1))
        assert len({q.id for q in made}) == len(made)
        assert len({q.question for q in made}) == len(made)
        answers.update(q.answer for q in made)
    total = sum(answers.values())
    if kind.startswith("Choice"):
        share = 1 / (2 if kind == "ChoiceShorterRoute" else 4)
        assert set(answers) == set(range(round(1 / share)))
        assert all(abs(times / total - share) < 0.06 for times in answers.values())
    else:
        assert max(answers.values()) / total < 0.3


@pytest.mark.parametrize("kind", OURS)
@settings(deadline=None, max_examples=60)
@given(data=st.data(), seed=st.integers(0, 3))
def test_a_kind_never_fails_and_asks_no_more_than_wanted(
    kind: str, random_networks: SearchStrategy[Network], data: st.DataObject, seed: int
) -> None:
    network = data.draw(random_networks)
    short: list[Shortfall] = []
    made = list(ask(network, kind, seed, per_map=5, report=short.append))
    assert len(made) <= 5
    assert [(s.wanted, s.made) for s in short] == ([] if len(made) == 5 else [(5, len(made))])


def test_the_bytes_of_the_kinds_do_not_depend_on_the_hash_seed_of_the_process() -> None:
    program = (
        "from rm_data import ask, generate; from rm_rewards.jsonl import dump\n"
        "from rm_data.kinds import kinds\n"
        "for q in ask(generate(5, style='named'), kinds(), seed=3): print(dump(q))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


# A type of one's own.

OWN = '''
from rm_data.kinds import register
from rm_rewards import Question


def crossing(sheet, count, seed):
    """Whether one can change at a station."""
    names, lines_at = sheet.network.names, sheet.network.lines_at
    rng = sheet.random(seed, "TorFCrossing")
    for number, stop in zip(sheet.ids("TorFCrossing"), rng.sample(sheet.stations, count)):
        yield Question(
            id=number,
            type="TorFCrossing",
            question=f"Can one change at {names[stop]}?",
            answer=int(len(lines_at[stop]) > 1),
            station_1=names[stop],
            **sheet.columns,
        )


register("TorFCrossing", crossing, per_map=3)
'''


def test_a_file_of_ones_own_adds_a_type(tmp_path: Path) -> None:
    place = tmp_path / "crossing.py"
    place.write_text(OWN, encoding="utf-8")
    assert load_kinds(place) == ("TorFCrossing",)
    made = list(ask(generate(5, style="named"), "TorFCrossing"))
    assert [q.type for q in made] == ["TorFCrossing"] * 3
    assert all(score(q, gold_answer(q)).correct for q in made)
    with pytest.raises(RecordError, match="'TorFCrossing', expected a name that no other type has"):
        register("TorFCrossing", kinds()["TorFCrossing"].ask)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 / 0", r"own.py: file: found 'ZeroDivisionError: division by zero'"),
        ("def", "SyntaxError"),
        ("x = 1", "expected a call of rm_data.register"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        (
            "from rm_data import register\nregister('Riddle', None)",
            "own.py: type: found 'Riddle', expected a name that begins with TorF, Choice or Count",
        ),
    ],
)
def test_a_file_that_adds_no_type_is_refused(tmp_path: Path, text: str, message: str) -> None:
    place = tmp_path / "own.py"
    place.write_text(text, encoding="utf-8")
    with pytest.raises(RecordError, match=message):
        load_kinds(place)


@pytest.mark.parametrize("name", ["planning", "ChoiceTerminal", "Riddle", "TorF,1", "Choice/x", ""])
def test_a_name_that_is_taken_or_tells_no_form_is_refused(name: str) -> None:
    def nothing(sheet: Sheet, count: int, seed: int) -> Iterator[Question]:
        del sheet, count, seed
        yield from ()

    with pytest.raises(RecordError, match="type: found"):
        register(name, nothing)


def test_the_type_in_the_documentation_works(tmp_path: Path) -> None:
    document = Path(__file__).resolve().parents[3] / "docs" / "questions.md"
    code = document.read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    place = tmp_path / "documented.py"
    place.write_text(code.replace("TorFCrossing", "TorFDocumented"), encoding="utf-8")
    assert load_kinds(place) == ("TorFDocumented",)
    made = list(ask(generate(5, style="named"), "TorFDocumented"))
    assert len(made) == 10
    assert all(score(q, gold_answer(q)).correct for q in made)
