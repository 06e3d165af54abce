from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_rewards import QUESTION_TYPES, Question, gold_answer, score
from rm_rewards.reading import read_answer, reader

# text, type, right answer, expected: correct, in good form, read as.
REPLIES = [
    (r"\boxed{yes}", "TorF1", 1, True, True, "yes"),
    (r"\boxed{Yes}", "TorF2", 1, True, True, "yes"),
    (r"\boxed{YES}", "TorF1", 1, True, True, "yes"),
    (r"\boxed{\text{Yes}}", "TorF1", 1, True, True, "yes"),
    (r"$\boxed{\mathrm{no}}$", "TorF1", 0, True, True, "no"),
    (r"\boxed{True}", "TorF1", 1, True, True, "yes"),
    (r"\boxed{Yes, both are on Line 1.}", "TorF1", 1, True, True, "yes"),
    (r"\boxed{no}", "TorF1", 1, False, True, "no"),
    (r"\boxed{yes or no}", "TorF1", 1, False, False, None),
    (r"\boxed{maybe} then \boxed{yes}", "TorF1", 1, True, True, "yes"),
    (r"\boxed{no} wait, \boxed{yes}", "TorF1", 1, True, False, "yes"),
    (r"\boxed{}", "TorF1", 1, False, False, None),
    ("yes", "TorF1", 1, True, False, "yes"),
    ("Yes.", "TorF1", 1, True, False, "yes"),
    ("**Yes**", "TorF1", 1, True, False, "yes"),
    ("Yes, they are on the same line.", "TorF1", 1, True, False, "yes"),
    ("No, there is no such line, so yes would be wrong here.", "TorF1", 0, True, False, "no"),
    ("<answer>yes</answer>", "TorF1", 1, True, False, "yes"),
    (r"<think>yes?</think><answer>\boxed{no}</answer>", "TorF1", 0, True, True, "no"),
    ("<think>It says no.</think>\nYes", "TorF1", 1, True, False, "yes"),
    ("I looked. The answer is yes. Thanks.", "TorF1", 1, True, False, "yes"),
    ("So the final answer is: yes", "TorF1", 1, True, False, "yes"),
    ("**Final Answer:** No", "TorF1", 0, True, False, "no"),
    ("答案是：是", "TorF1", 1, True, False, "yes"),
    ("不是。", "TorF1", 0, True, False, "no"),
    ("I know.", "TorF1", 0, False, False, None),
    ("", "TorF1", 0, False, False, None),
    ("oxed{yes}", "TorF1", 1, True, False, "yes"),
    (r"\boxed{yes", "TorF1", 1, True, False, "yes"),
    (r"<think>is it \boxed{yes}? let me", "TorF1", 1, True, False, "yes"),
    ("<think>it could be yes", "TorF1", 1, False, False, None),
    (r"\boxed{8}", "Counting2", 8, True, True, "8"),
    (r"\boxed{8 stations}", "Counting2", 8, True, True, "8"),
    (r"\boxed{8\text{ stations}}", "Counting2", 8, True, True, "8"),
    (r"\boxed{8.0}", "Counting2", 8, True, True, "8"),
    (r"\boxed{08}", "Counting2", 8, True, True, "8"),
    (r"\boxed{８}", "Counting3", 8, True, True, "8"),
    (r"\boxed{eight}", "Counting3", 8, True, True, "8"),
    (r"\boxed{3+5=8}", "Counting3", 8, True, True, "8"),
    (r"\boxed{8, 9}", "Counting3", 8, False, False, None),
    (r"\boxed{-8}", "Counting3", 8, False, True, "-8"),
    (r"\boxed{8.5}", "Counting3", 8, False, True, "8.5"),
    (r"\boxed{1} or \boxed{8}", "Counting2", 8, True, False, "8"),
    (r"\boxed{8} or \boxed{1}", "Counting2", 8, False, False, "1"),
    (r"\boxed{8} again \boxed{8}", "Counting2", 8, True, True, "8"),
    (r"It is \boxed{8}. Have a nice day, all 24 of you!", "Counting2", 8, True, True, "8"),
    ("8", "Counting2", 8, True, False, "8"),
    ("8 stations", "Counting2", 8, True, False, "8"),
    ("There are 8 stations on Line 3.", "Counting2", 8, True, False, "8"),
    ("so it is 3+5=8", "Counting2", 8, True, False, "8"),
    ("Between 5 and 8.", "Counting2", 8, False, False, None),
    ("First 5, then 3.\nTotal: 8", "Counting2", 8, True, False, "8"),
    ("The answer should be 8", "Counting2", 8, True, False, "8"),
    ("The answer is **12** lines.", "Counting3", 12, True, False, "12"),
    ("many", "Counting3", 12, False, False, None),
    (r"\boxed{B}", "Counting1", 1, True, True, "B"),
    (r"\boxed{b}", "Counting1", 1, True, True, "B"),
    (r"\boxed{(B)}", "Counting1", 1, True, True, "B"),
    (r"\boxed{B) 4}", "Counting1", 1, True, True, "B"),
    (r"\boxed{\text{B}}", "Counting1", 1, True, True, "B"),
    (r"\boxed{Option B}", "Counting1", 1, True, True, "B"),
    (r"\boxed{4}", "Counting1", 1, True, True, "B"),
    (r"\boxed{7}", "Counting1", 1, False, False, None),
    (r"\boxed{A, B}", "Counting1", 1, False, False, None),
    (r"\boxed{C}", "Counting1", 1, False, True, "C"),
    ("B", "Counting1", 1, True, False, "B"),
    ("b.", "Counting1", 1, True, False, "B"),
    ("The correct option is B.", "Counting1", 1, True, False, "B"),
    ("Answer: B) 4", "Counting1", 1, True, False, "B"),
    ("I am sure that option b fits", "Counting1", 1, True, False, "B"),
    ("A lot of stations lie between them", "Counting1", 0, False, False, None),
    ("A) 3, B) 4, C) 5 or D) 6", "Counting1", 1, False, False, None),
]


def _asked(kind: str, answer: int) -> Question:
    options = ("3", "4", "5", "6") if kind == "Counting1" else None
    return Question(id="q", type=kind, question="?", answer=answer, options=options)


@pytest.mark.parametrize(("text", "kind", "answer", "correct", "formed", "parsed"), REPLIES)
def test_a_reply_is_read_as_a_person_would_read_it(
    text: str, kind: str, answer: int, correct: bool, formed: bool, parsed: str | None
) -> None:
    reward = score(_asked(kind, answer), text)
    assert (reward.correct, reward.format, reward.parsed) == (correct, float(formed), parsed)
    full = 1.5 if kind == "Counting1" else 1.0
    assert reward.total == full * correct + float(formed)
    assert (reward.status == "ok") == (parsed is not None)


def test_a_reply_cut_off_in_its_reasoning_is_truncated() -> None:
    assert score(_asked("TorF1", 1), "<think>it could be yes").status == "truncated"


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        (r"\boxed{8}", ()),
        ("8", ("unboxed",)),
        (r"\boxed{7}", ("wrong_answer",)),
        (r"\boxed{8", ("box_broken",)),
        (r"\boxed{7} \boxed{8}", ("boxes_disagree",)),
        (r"\boxed{7 or 8}", ("several_answers",)),
        ("", ("unboxed", "no_answer")),
        (r"<answer>7</answer> \boxed{8}", ("answers_disagree",)),
        (r"\boxed{8} <answer>7</answer>", ("answers_disagree",)),
        (r"<answer>8</answer> \boxed{8}", ()),
        (r"<answer>I count \boxed{8}</answer>", ()),
        (r"<answer>7</answer><answer>8</answer> \boxed{8}", ("answers_disagree",)),
        (r"<answer>7 or 8</answer> \boxed{8}", ("answers_disagree",)),
        ("<answer>7</answer><answer>8</answer>", ("unboxed", "answers_disagree")),
        ("The answer is 7. <answer>8</answer>", ("unboxed", "answers_disagree")),
        (r"The answer is 7. \boxed{8}", ("answers_disagree",)),
        (r"The answer is 7 stops \boxed{8}", ("answers_disagree",)),
        (r"The answer is: \boxed{8}", ()),
        (r"The answer is 3 + 5 = 8. \boxed{8}", ()),
        (r"The answer is found on Line 7. \boxed{8}", ()),
        (r"Is the answer 7? The answer is 8. \boxed{8}", ()),
        (r"<think>The answer is 7.</think> \boxed{8}", ()),
        ("<think>8", ("unclosed_think", "unboxed", "no_answer")),
        (r"<think>\boxed{8}</think>", ("answer_inside_think",)),
    ],
)
def test_the_reasons_name_what_is_amiss(text: str, reasons: tuple[str, ...]) -> None:
    assert score(_asked("Counting2", 8), text).reasons == reasons


FRAGMENTS = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "\\boxed{",
                "}",
                "{",
                "yes",
                "no",
                "A",
                "b)",
                "8",
                "=",
                "answer is",
                "<think>",
                "</think>",
            ]
        ),
        st.text(max_size=8),
    )
).map(" ".join)


@given(FRAGMENTS, st.sampled_from([kind for kind in QUESTION_TYPES if kind != "planning"]))
def test_reading_never_raises_and_boxes_what_it_reads(text: str, kind: str) -> None:
    values = reader(kind, ("3", "4", "5", "6"))
    assert values is not None
    reading = read_answer(text, values)
    assert not reading.well_formed or reading.value is not None
    assert reading.value is None or read_answer(f"\\boxed{{{reading.value}}}", values).value == (
        reading.value
    )


OUTRIGHT = [
    ("TorF1", 1, "The answer is no.", False),
    ("TorF1", 1, "The answer is no, they are not.", False),
    ("TorF1", 1, "Final answer: false", False),
    ("TorF1", 1, "答案是：不是", False),
    ("TorF1", 1, "The answer is yes.", True),
    ("TorF1", 1, "The answer is no doubt to be found on the map.", True),
    ("Counting1", 1, "The answer is C.", False),
    ("Counting1", 1, "The answer is option C, since it has 5.", False),
    ("Counting1", 1, "The answer is 5.", False),
    ("Counting1", 1, "The answer is 4.", True),
    ("Counting1", 1, "The answer is a number between 1 and 9.", True),
    ("Counting1", 1, "The answer is B) 4.", True),
]


@pytest.mark.parametrize(("kind", "answer", "said", "agrees"), OUTRIGHT)
def test_an_answer_said_outright_must_agree_with_the_box(
    kind: str, answer: int, said: str, agrees: bool
) -> None:
    question = _asked(kind, answer)
    found = score(question, f"{said} {gold_answer(question)}")
    assert found.correct
    assert (found.format, found.reasons) == ((1.0, ()) if agrees else (0.0, ("answers_disagree",)))


@pytest.mark.parametrize("kind", ["TorF2", "Counting1", "Counting2"])
def test_the_question_repeated_is_not_read(kind: str) -> None:
    asked = replace(
        _asked(kind, 1), question=r"Put it in \boxed{}: is Stop 4 on Line 2, yes or no?"
    )
    for echo in ("{}", r"\boxed{{{}}}", "<answer>{}</answer>", "<think>{0}</think>{0}", "{0}\n{0}"):
        found = score(asked, echo.format(asked.question))
        assert (found.total, found.parsed) == (0.0, None), echo
    right = score(asked, f"{asked.question}\n{gold_answer(asked)}")
    assert (right.correct, right.format) == (True, 1.0)
