from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from rm_data import ask, generate
from rm_data.cli import app
from rm_data.distil import distilled, row, without_reflections
from rm_rewards import Completion, Question, RecordError, Reward, gold_answer, score
from rm_rewards.jsonl import dump, write

ASKED = Question(
    id="q", type="Counting2", question="How many lines?", answer=3, figure="maps/a.png"
)


def chain(words: int, answer: int = 3, *, end: str = "") -> str:
    """A reply of so many words that ends in the answer."""
    thought = " ".join(["so"] * (words - 1 - len(end.split())))
    return f"<think>{thought}{end}</think> \\boxed{{{answer}}}"


def right(question: Question, text: str) -> bool:
    return score(question, text).correct


def picked(
    replies: list[tuple[str, bool]], *, reflections: str = "cut", most_words: int = 500
) -> list[int]:
    completions = [
        Completion(question_id="q", text=text, sample=i) for i, (text, _) in enumerate(replies)
    ]
    verified = {("q", i): ok for i, (_, ok) in enumerate(replies)}
    found = distilled(
        {"q": ASKED},
        completions,
        verified,
        right,
        reflections=reflections,
        most_words=most_words,
    )
    return [taken.sample for taken in found]


def test_the_shortest_verified_chain_is_taken() -> None:
    replies = [
        (chain(900), True),
        (chain(400, 9), False),
        (chain(610), True),
        (chain(650), True),
    ]
    assert picked(replies) == [2]
    assert picked(replies[:2]) == [0]
    assert picked(replies[1:2]) == []
    assert picked(replies, reflections="words", most_words=620) == [2]
    assert picked(replies, reflections="words", most_words=600) == []


def test_without_rewards_the_chains_are_verified_here() -> None:
    completions = [
        Completion(question_id="q", text=chain(n, answer), sample=i)
        for i, (n, answer) in enumerate([(30, 3), (10, 4), (20, 3)])
    ]
    assert [t.sample for t in distilled({"q": ASKED}, completions, None, right)] == [2]


def test_a_chain_that_is_wrong_or_bare_after_the_cut_gives_way_to_the_next() -> None:
    doubted = r"I count \boxed{4}. Wait, no. It is the third line, so \boxed{3}"
    bare = r"<think>Wait, what?</think> \boxed{3}"
    assert picked([(bare, True), (chain(50), True)]) == [1]
    assert picked([(bare, True), (chain(50), True)], reflections="none") == [0]
    (taken,) = distilled(
        {"q": ASKED}, [Completion(question_id="q", text=doubted)], {("q", 0): True}, right
    )
    assert taken.text == "I count \\boxed{4}.\nIt is the third line, so \\boxed{3}"
    assert taken.cut


ROUTE = "Route Name: Red\nDeparture Stop: A\nArrival Stop: B"
OTHER = "Route Name: Blue\nDeparture Stop: B\nArrival Stop: C"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("<think>One. Two.</think>3", "<think>One. Two.</think>3"),
        ("<think>One. Wait, two?</think>3", "<think>One.</think>3"),
        ("<think>One.\nBut wait: two.</think>3", "<think>One.</think>3"),
        ("<think>One. But the question asks two.</think>3", "<think>One.</think>3"),
        ("<think>One. WAIT! Two.</think>\nWait, 3", "<think>One.</think>\nWait, 3"),
        ("<think>I wait here. Waitangi is a stop.</think>3",) * 2,
        ("<think>One, but wait for it.</think>3",) * 2,
        ("<think>一站。Wait，两站。</think>3", "<think>一站。</think>3"),
        (r"One. Wait, two. So it is \boxed{3}", "One.\nSo it is \\boxed{3}"),
        (r"Wait. \boxed{3}", "\n\\boxed{3}"),
        (f"Red goes. Wait, blue?\n{ROUTE}\n--\n{OTHER}", f"Red goes.\n{ROUTE}\n--\n{OTHER}"),
        (f"{OTHER}\nWait, no.\n{ROUTE}\n--\n{OTHER}", f"{OTHER}\n{ROUTE}\n--\n{OTHER}"),
        ("No box. Wait, none.", "No box. Wait, none."),
        ("", ""),
    ],
)
def test_reasoning_is_cut_at_the_first_doubt_and_the_answer_stays(text: str, kept: str) -> None:
    assert without_reflections(text) == kept


WORDS = st.lists(
    st.sampled_from(
        ["Wait,", "But wait.", "so", ".", "\n", "<think>", "</think>", r"\boxed{3}", ROUTE, "--"]
    )
)


@given(WORDS)
def test_a_cut_adds_no_word_and_what_is_taken_is_right_after_it(words: list[str]) -> None:
    text = " ".join(words)
    assert len(without_reflections(text).split()) <= len(text.split())
    verified = {("q", 0): right(ASKED, text)}
    for taken in distilled({"q": ASKED}, [Completion(question_id="q", text=text)], verified, right):
        assert verified["q", 0]
        assert right(ASKED, taken.text)


def test_a_completion_without_its_question_or_reward_is_refused() -> None:
    stray = [Completion(question_id="other", text="3")]
    with pytest.raises(RecordError, match="question_id: found 'other'"):
        list(distilled({"q": ASKED}, stray, {}, right))
    with pytest.raises(RecordError, match="sample: found 4, expected a reward of question 'q'"):
        list(distilled({"q": ASKED}, [Completion(question_id="q", text="3", sample=4)], {}, right))
    with pytest.raises(RecordError, match="reflections: found 'prune', expected one of cut"):
        list(distilled({}, [], {}, right, reflections="prune"))
    with pytest.raises(RecordError, match="form: found 'xml', expected one of sharegpt, trl"):
        row(ASKED, "3", "xml", base=Path(), out=Path())


# The command.


@pytest.fixture
def work(tmp_path: Path) -> Path:
    network = generate(5, style="named")
    (tmp_path / "net.json").write_text(dump(network), encoding="utf-8")
    made = list(ask(network, per_map=3, network_path="net.json", figure="maps/city.png"))
    write(made, tmp_path / "q.jsonl")
    completions = [
        Completion(question_id=q.id, text=text, sample=i)
        for q in made
        for i, text in enumerate(
            [
                f"<think>{'on and ' * 9}on. Wait, is it?</think>\n{gold_answer(q)}",
                f"<think>{'on and ' * 5}on. But wait, is it?</think>\n{gold_answer(q)}",
                "<think>no idea</think>\nnone",
            ]
        )
    ]
    write(completions, tmp_path / "c.jsonl")
    asked = {q.id: q for q in made}
    rewards: list[Reward] = [
        score(asked[c.question_id], c.text, network=network) for c in completions
    ]
    told = [
        json.loads(dump(reward)) | {"sample": c.sample}
        for reward, c in zip(rewards, completions, strict=True)
    ]
    (tmp_path / "r.jsonl").write_text("".join(json.dumps(line) + "\n" for line in told))
    return tmp_path


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def run(*arguments: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["distil", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize("rewarded", [True, False])
def test_the_command_keeps_the_shortest_verified_chain_and_cuts_it(
    work: Path, rewarded: bool
) -> None:
    options = ["--rewards", work / "r.jsonl"] if rewarded else []
    out = work / "sft" / "rows.jsonl"
    code, _, told = run(work / "q.jsonl", work / "c.jsonl", *options, "--out", out)
    made = rows(out)
    count = len((work / "q.jsonl").read_text().splitlines())
    assert code == 0
    assert told.startswith(f"{out}: {count} rows of {count} questions; {count} chains cut; ")
    assert len(made) == count
    for one in made:
        human, gpt = one["conversations"]
        assert human["value"].startswith("<image> ")
        assert gpt["value"].startswith(f"<think>{'on and ' * 5}on.</think>")
        assert one["images"] == ["../maps/city.png"]


def test_rows_of_the_truth_answer_as_the_question_asks(work: Path) -> None:
    code, output, _ = run(work / "q.jsonl", "--out", "-", "--form", "trl")
    assert code == 0
    made = [json.loads(line) for line in output.splitlines()]
    for one in made:
        (prompt,), (completion,) = one["prompt"], one["completion"]
        assert completion["content"].startswith(("\\boxed{", "Route Name: "))
        assert prompt["role"] == "user"
    datasets = pytest.importorskip("datasets")
    run(work / "q.jsonl", "--out", work / "t.jsonl", "--form", "trl")
    loaded = datasets.load_dataset("json", data_files=str(work / "t.jsonl"), split="train")
    assert loaded.num_rows == len(made)
    assert loaded[0]["completion"] == made[0]["completion"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["none.jsonl"], 1, "none.jsonl"),
        (["q.jsonl", "q.jsonl"], 1, "q.jsonl:1: question_id: found None"),
        (["q.jsonl", "c.jsonl", "--rewards", "c.jsonl"], 1, "c.jsonl:1: "),
        (["q.jsonl", "c.jsonl", "--reward", "gold"], 1, "reward: found 'gold'"),
        (["q.jsonl", "--rewards", "r.jsonl"], 2, "rewards are of COMPLETIONS"),
        (["q.jsonl", "wrong.jsonl"], 1, "wrong.jsonl: file: found 'no row'"),
        (["q.jsonl", "stray.jsonl"], 1, "stray.jsonl: question_id: found 'stray'"),
        (["q.jsonl", "c.jsonl", "--rewards", "few.jsonl"], 1, "expected a reward of question"),
        (["empty.jsonl"], 1, "empty.jsonl: file: found 'no row'"),
    ],
)
def test_what_cannot_be_distilled_ends_in_one_line_and_writes_nothing(
    work: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, message: str
) -> None:
    monkeypatch.chdir(work)
    first = json.loads((work / "q.jsonl").read_text().splitlines()[0])["id"]
    write([Completion(question_id=first, text="none")], "wrong.jsonl")
    write([Completion(question_id="stray", text="none")], "stray.jsonl")
    Path("few.jsonl").write_text((work / "r.jsonl").read_text().splitlines()[0] + "\n")
    Path("empty.jsonl").write_text("")
    before = sorted(work.rglob("*"))
    status, _, told = run(*arguments, "--out", "rows.jsonl")
    assert (status, len(told.splitlines())) == (code, 1)
    assert message in told
    assert sorted(work.rglob("*")) == before
