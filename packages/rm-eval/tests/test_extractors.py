from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_eval import EvalError
from rm_eval.extractors import EXTRACTORS, extractors_named
from rm_eval.extractors.official import published_answer
from rm_eval.item import Form, Item

OPTIONS = {"A": "red", "B": "blue", "C": "green", "D": "yellow"}
BEFORE, PAPER, HEAD, LMMS = list(EXTRACTORS)[:4]
VERBOSE = "The correct answer is **B**. Here is why: the sky is blue in the picture."
BLUE = "The sky in it is such a clear and deep blue " * 3
EARLY = "A. red\n\nThe glove is clearly red in the image."


def choice(task: str = "mmstar", category: str = "", leaf: str = "", text: str = "") -> Item:
    return Item(
        id="1",
        task=task,
        form="choice",
        answer="B",
        options=OPTIONS,
        category=category,
        leaf=leaf,
        answer_text=text,
    )


def plus(form: Form, answer: str) -> Item:
    return Item(id="1", task="reasonmap-plus", form=form, answer=answer, options=OPTIONS)


def value(extractor: str, item: Item, reply: str) -> str | None:
    return EXTRACTORS[extractor].judge(item, reply).extraction.value


@pytest.mark.parametrize(
    "reply",
    [
        *("B", "B.", "(B)", "**B**", "B. blue", "The answer is B.", "blue", "The color is blue."),
        r"\boxed{B}",
    ],
)
def test_vlmevalkit_reads_what_is_plain_at_every_commit(reply: str) -> None:
    assert [value(name, choice(), reply) for name in (BEFORE, PAPER, HEAD)] == ["B"] * 3


@pytest.mark.parametrize(
    ("reply", "before", "at_paper", "at_head"),
    [
        (EARLY, "A", None, None),
        (VERBOSE, "B", None, "B"),
        ("B 1 2 3 4", "B", None, None),
        ("B 1 2 3", "B", "B", "B"),
        ("The answer is **c**, I am sure of it now", None, None, "C"),
        (BLUE, "B", None, None),
        ("b", None, None, None),
        ("<answer>B</answer>", None, None, None),
        ("Both A and B", None, None, None),
        ("The color is blue, not red", None, None, None),
        ("", None, None, None),
        ("A man in a red coat is B", "A", "A", "A"),
        ("Cannot determine the answer", "Z", "Z", "Z"),
        ("I'm sorry, but without the image provided B", "Z", "Z", "Z"),
        ("I can't process this file.", "Z", "Z", "Z"),
        ("Sorry, I can't help with images of people yet.", "Z", "Z", "Z"),
        ("Z", "Z", "Z", "Z"),
        ("Failed to obtain answer via API B", None, None, None),
        ("Failed to obtain answer via API: blue", "B", None, None),
    ],
)
def test_vlmevalkit_changed_with_its_commits(
    reply: str, before: str | None, at_paper: str | None, at_head: str | None
) -> None:
    found = [value(name, choice(), reply) for name in (BEFORE, PAPER, HEAD)]
    assert found == [before, at_paper, at_head]


@pytest.mark.parametrize(
    ("name", "task", "reply", "rule"),
    [
        (PAPER, "mmstar", "(B)", "letter"),
        (PAPER, "mmstar", "It is blue", "text"),
        (HEAD, "mmstar", VERBOSE, "regex"),
        (PAPER, "mmstar", "Z", "refused"),
        (PAPER, "mmstar", "no idea", "none"),
        (LMMS, "seedbench2-plus", "The answer", "letter"),
        (LMMS, "vstar", "(B)", "regex"),
        ("boxed", "mmstar", r"\boxed{B}", "boxed"),
        ("official", "mmstar", "option B", "letter"),
        ("official", "reasonmap-plus", "The answer is B", "phrase"),
        ("official", "reasonmap-plus", r"\boxed{B}", "boxed"),
        (PAPER, "chartqa", "14", "whole"),
        (HEAD, "reasonmap-plus", "B it is", "whole"),
    ],
)
def test_a_verdict_says_its_path(name: str, task: str, reply: str, rule: str) -> None:
    assert EXTRACTORS[name].judge(choice(task), reply).extraction.rule == rule


def test_an_option_without_letter_is_no_answer_even_where_the_pattern_fits() -> None:
    two = Item(id="1", task="vstar", form="choice", answer="A", options={"A": "yes", "B": "no"})
    assert value(HEAD, two, "The answer is C, which is what the long text here explains") is None


@pytest.mark.parametrize(
    ("task", "reply", "found"),
    [
        ("seedbench2-plus", "The answer is B", "T"),
        ("seedbench2-plus", "Based on the chart", "B"),
        ("seedbench2-plus", " b.", "B"),
        ("vstar", "Answer: C", "A"),
        ("vstar", "Based on the image, C", "B"),
        ("vstar", "Cannot tell", "C"),
        ("vstar", "The answer is D", "D"),
        ("vstar", "none", None),
        ("hrbench-4k", EARLY, "A"),
        ("hrbench-8k", VERBOSE, "B"),
        ("mmstar", "A man is seen", "A"),
        ("mmstar", "The answer is B because A is wrong", "A"),
        ("mmstar", "(C)", "C"),
        ("mmstar", "I think it must be B", "B"),
        ("mmstar", "", None),
    ],
)
def test_lmms_eval_reads_each_benchmark_in_its_own_way(
    task: str, reply: str, found: str | None
) -> None:
    assert value(LMMS, choice(task), reply) == found


@pytest.mark.parametrize(
    ("target", "reply", "right"),
    [
        ("100", "105", True),
        ("100", "105.1", False),
        ("0.14", "14%", True),
        ("2", "2%", False),
        ("977633", "977,633", False),
        ("Yes", "Yes.", False),
        ("Yes", "yes", True),
        ("0", "0.0", False),
        ("2010", "2008", True),
        ("1.4", "1.4 billion", False),
    ],
)
def test_chartqa_is_relaxed_by_five_percent_and_no_more(
    target: str, reply: str, *, right: bool
) -> None:
    item = Item(id="1", task="chartqa", form="text", answer=target)
    assert EXTRACTORS[PAPER].judge(item, f" {reply}\n").right is right


def test_lmms_eval_takes_a_blank_for_part_of_the_answer() -> None:
    item = Item(id="1", task="chartqa", form="text", answer="Yes")
    assert not EXTRACTORS[LMMS].judge(item, "Yes ").right
    assert EXTRACTORS[LMMS].judge(item, "yes").right


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        ("b", "B"),
        ("(B) blue", "B"),
        ("Option B", "B"),
        ("The answer is B.", "B"),
        ("A man is seen", "A"),
        ("It is B", None),
    ],
)
def test_mmstar_itself_looks_at_the_beginning_alone(reply: str, found: str | None) -> None:
    assert value("official", choice(), reply) == found


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        ("Yes.", "yes"),
        (r"\boxed{13}", "13"),
        (r"\boxed{\text{Yes}}", "{yes}"),
        ("There are 13 stops.", "thereare13stops"),
        ("B) 1", "b)1"),
        ("**B**", "**b**"),
        (r"First \boxed{3}, so \boxed{4}", "4"),
        ("We count them. The answer is 7. Good.", "7"),
        ("So the final answer is: no", "no"),
        (r"\boxed{n = 5}", "5"),
    ],
)
def test_the_published_plus_scorer_reads_exactly_so(reply: str, found: str) -> None:
    assert published_answer(reply) == found


def test_a_plus_answer_in_another_form_is_unread_and_so_wrong() -> None:
    official = EXTRACTORS["official"]
    assert official.judge(plus("yes_no", "yes"), r"\boxed{yes}").right
    assert official.judge(plus("choice", "B"), r"\boxed{b}").right
    for number in ("13", "013", "+13", "13."):  # as Python's own int reads them
        assert official.judge(plus("number", "13"), rf"\boxed{{{number}}}").right
    wrong: tuple[tuple[Form, str], ...] = (
        ("yes_no", r"\boxed{\text{Yes}}"),
        ("number", "There are 13 stops."),
        ("number", r"\boxed{1.3}"),
        ("choice", "**B**"),
    )
    for form, reply in wrong:
        verdict = official.judge(plus(form, "B"), reply)
        assert (verdict.extraction.rule, verdict.right) == ("none", False)


@pytest.mark.parametrize(
    ("form", "reply", "found"),
    [
        ("choice", "there is a transfer, so C", "A"),
        ("number", "Line 2 has 13 stops", "2"),
        ("number", r"\boxed{\frac{1}{2}}", "1"),
        ("yes_no", r"\boxed{\text{Yes}}", None),
        ("yes_no", "The answer is yes. Because", "yes"),
        ("yes_no", "true", "yes"),
    ],
)
def test_vlmevalkit_reads_plus_otherwise(form: Form, reply: str, found: str | None) -> None:
    assert value(HEAD, plus(form, "x"), reply) == found


@pytest.mark.parametrize(
    ("form", "reply", "found"),
    [
        ("choice", r"\boxed{B}", "B"),
        ("choice", r"\boxed{\text{(b) blue}}", "B"),
        ("choice", r"\boxed{blue}", None),
        ("choice", "B", None),
        ("number", r"so \boxed{13}.", "13"),
        ("number", r"\boxed{a} then \boxed{007}", "7"),
        ("yes_no", r"\boxed{\text{Yes.}}", "yes"),
        ("yes_no", r"\boxed{maybe}", None),
        ("number", r"\boxed{13", None),
    ],
)
def test_boxed_takes_the_box_and_nothing_else(form: Form, reply: str, found: str | None) -> None:
    assert value("boxed", plus(form, "x"), reply) == found


@pytest.mark.parametrize(
    ("task", "question", "oracle", "reply", "right"),
    [
        ("spatialmap", "0", "Northeast", "A. Northeast.\n\nStep 1", True),
        ("spatialmap", "0", "Northeast", "It lies to the southwest", False),
        ("spatialmap", "1", "Oak Store", "C. Oak Store is there", True),
        ("spatialmap", "1", "Oak Store", "Oak Store is in the southwest of it", True),
        ("spatialmap", "2", "2", "There are two of them", True),
        ("mazenav", "0", "2", "There are 12 right turns", True),  # `2` is part of `12`
        ("mazenav", "1", "3", "No turn but 3", False),  # `no` counts as 0 and comes first
        ("mazenav", "2", "Yes", "Yes, it is", True),
        ("mazenav", "2", "No", "It is not", True),
        ("spatialgrid", "0", "4", "four blocks, not 5", True),
        ("spatialgrid", "1", "cat", "The Cat", True),
        ("mazenav", "2", "No", "Who knows?", False),  # `None` holds `no` in the official code
        ("spatialreal", "0", "4", "four", False),  # the official code has no branch for it
    ],
)
def test_spatialeval_searches_for_the_answer_in_what_it_found(
    task: str, question: str, oracle: str, reply: str, *, right: bool
) -> None:
    item = choice("spatialeval", category=task, leaf=question, text=oracle)
    assert EXTRACTORS["official"].judge(item, reply).right is right


def test_an_unknown_extractor_is_answered_by_the_list() -> None:
    assert len(extractors_named("all")) == len(EXTRACTORS)
    with pytest.raises(EvalError, match="found 'judge', expected one of all, vlmevalkit-before"):
        extractors_named("judge")


replies = st.text() | st.lists(
    st.sampled_from(["A", "B", "the answer is", "oxed{", "\\boxed{", "}", "1", "yes", "\n", "is"])
).map(" ".join)


@given(reply=replies, name=st.sampled_from(list(EXTRACTORS)))
def test_no_extractor_breaks_or_guesses(reply: str, name: str) -> None:
    extractor = EXTRACTORS[name]
    for task in extractor.tasks:
        forms: tuple[Form, ...] = ("choice", "number", "yes_no") if "plus" in task else ("choice",)
        for form in forms:
            item = Item(id="1", task=task, form=form, answer="B", options=OPTIONS)
            verdict = extractor.judge(item, reply)
            assert verdict == extractor.judge(item, reply)
            assert (verdict.extraction.value is None) == (verdict.extraction.rule == "none")
            assert not (verdict.right and verdict.extraction.value is None)


@pytest.mark.parametrize("name", list(EXTRACTORS))
@pytest.mark.parametrize(
    "reply", ["A " * 50_000, "\\boxed{" * 20_000, "{" * 100_000, "9" * 100_000, "is " * 40_000]
)
def test_a_long_reply_takes_no_long_time(name: str, reply: str) -> None:
    began = time.perf_counter()
    for task in EXTRACTORS[name].tasks:
        for leaf in ("0", "1", "2"):
            item = choice(task, category="spatialmap" if leaf == "1" else "mazenav", leaf=leaf)
            EXTRACTORS[name].judge(item, reply)
    assert time.perf_counter() - began < 3
