from __future__ import annotations

import pytest

from rm_rewards import Question, RecordError, answer_form, gold_answer, score
from rm_rewards.attacks.short_answers import values_of


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("TorF1", "yes_no"),
        ("TorF2", "yes_no"),
        ("TorFOpen", "yes_no"),
        ("Counting1", "letter"),
        ("ChoiceTerminal", "letter"),
        ("Counting2", "number"),
        ("Counting3", "number"),
        ("CountingStations", "number"),
        ("planning", None),
        ("Riddle", None),
    ],
)
def test_the_beginning_of_a_name_tells_the_form_of_the_answer(kind: str, form: str | None) -> None:
    assert answer_form(kind) == form


@pytest.mark.parametrize(
    ("kind", "answer", "options", "gold", "wrong"),
    [
        ("TorFOpen", 1, None, r"\boxed{yes}", r"\boxed{no}"),
        ("TorFOpen", 0, None, r"\boxed{no}", r"\boxed{yes}"),
        ("ChoiceTerminal", 2, ("Ash", "Birch", "Cedar", "Dogwood"), r"\boxed{C}", r"\boxed{Ash}"),
        ("ChoiceTerminal", 1, ("Ash", "Birch"), r"\boxed{B}", r"\boxed{D}"),
        ("CountingStations", 17, None, r"\boxed{17}", r"\boxed{16}"),
    ],
)
def test_a_type_of_ones_own_is_graded_by_its_form(
    kind: str, answer: int, options: tuple[str, ...] | None, gold: str, wrong: str
) -> None:
    question = Question(id="q", type=kind, question="?", answer=answer, options=options)
    assert gold_answer(question) == gold
    for reward in ("rewardmap", "sparse"):
        assert score(question, gold, reward=reward).correct
        refused = score(question, wrong, reward=reward)
        assert not refused.correct
        assert refused.correctness == 0
    assert gold.removeprefix(r"\boxed{").removesuffix("}") in values_of(question)


@pytest.mark.parametrize(("kind", "answer"), [("TorFOpen", 2), ("ChoiceTerminal", 4)])
def test_an_answer_that_its_form_does_not_have_is_refused(kind: str, answer: int) -> None:
    with pytest.raises(RecordError, match=f"answer: found {answer}"):
        Question(id="q", type=kind, question="?", answer=answer)
