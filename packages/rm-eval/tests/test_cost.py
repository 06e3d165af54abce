from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_eval import EvalError
from rm_eval.ahead import Ahead, Made
from rm_eval.backends.backend import Reply
from rm_eval.cost import OverBudget, Purse, Spent, Tokens, check_prices, cost_of, tokens_in
from rm_eval.journal import Batch, Journal
from rm_eval.progress import Meter
from rm_eval.stored import stored
from rm_rewards import Completion, Question, jsonl


@dataclass(frozen=True)
class Prices:
    price_in: float | None = None
    price_out: float | None = None
    budget: float | None = None


DEAR = Prices(2.5, 10.0)


def test_tokens_cost_what_a_million_of_them_cost() -> None:
    assert cost_of(Tokens(prompt=2_000_000, new=100_000), DEAR) == 6.0
    assert cost_of(Tokens(prompt=2_000_000, new=100_000), Prices()) is None
    assert cost_of(Tokens(prompt=None, new=100_000), DEAR) is None


def completion(place: int, tokens: int | None) -> Completion:
    return Completion(question_id=f"q{place}", text="", tokens=tokens)


def test_usage_is_told_in_all_and_by_type() -> None:
    spent = Spent()
    spent.add("TorF1", prompt=20, visual=7, new=3)
    spent.add("Counting2", prompt=30, visual=9, new=4)
    spent.add("TorF1", prompt=40, visual=5, new=5)
    usage = spent.usage(
        [
            Batch(questions=2, seconds=1.0, prompt_tokens=50, cached_tokens=20),
            Batch(questions=1, seconds=1.0, prompt_tokens=40, cached_tokens=0),
        ],
        DEAR,
    )
    assert usage.tokens == Tokens(prompt=90, visual=21, cached=20, new=12)
    assert usage.types == {
        "TorF1": Tokens(prompt=60, visual=12, cached=None, new=8),
        "Counting2": Tokens(prompt=30, visual=9, cached=None, new=4),
    }
    assert usage.cost == (90 * 2.5 + 12 * 10) / 1e6
    assert list(usage.lines()) == [
        "- tokens: 90 in prompts, 21 of them in pictures, 20 from the cache, 12 in replies",
        "  - TorF1: 60 in prompts, 12 of them in pictures, 8 in replies",
        "  - Counting2: 30 in prompts, 9 of them in pictures, 4 in replies",
        "- cost 0.0003",
    ]


def test_what_a_backend_does_not_tell_is_left_out() -> None:
    spent = Spent()
    spent.add("TorF1", prompt=None, visual=None, new=None)
    usage = spent.usage([Batch(questions=1, seconds=1.0)], DEAR)
    assert usage.tokens == Tokens(prompt=None, visual=None, cached=None, new=None)
    assert (usage.cost, list(usage.lines())) == (None, [])


def test_the_tokens_of_an_unfinished_run_are_counted_once(tmp_path: Path) -> None:
    names = ["q0", "q1", "q2"]
    with Journal(tmp_path, names) as journal:
        journal.append([completion(0, 3)], Batch(questions=1, seconds=1.0, prompt_tokens=40))
    asked = [Question(id=name, type="TorF1", question="?", answer=1) for name in names]
    jsonl.write(asked, tmp_path / "questions.jsonl")
    with Ahead(tmp_path, stored(Question, tmp_path / "questions.jsonl")) as ahead:
        early = [Made(name, Reply("", 5, "stop", prompt_tokens=60), 1.0) for name in ("q0", "q2")]
        ahead.keep(dict(zip((0, 2), early, strict=True)))  # the journal has taken that of q0
    with (tmp_path / "completions.jsonl").open("a") as stream:
        stream.write('{"question_id": "q1", "te')
    found = tokens_in(tmp_path)
    assert (found.prompt, found.new) == (100, 8)
    assert tokens_in(tmp_path / "none") == Tokens()


@pytest.mark.parametrize(
    ("prices", "said"),
    [
        (Prices(-1.0, 1.0), "price_in: found -1.0, expected 0 or more"),
        (Prices(1.0, float("nan")), "price_out: found nan, expected 0 or more"),
        (Prices(1.0), "price_in, price_out: found one of them, expected both or none"),
        (Prices(budget=1.0), "budget: found it without price_in and price_out"),
    ],
)
def test_prices_that_cannot_be_reckoned_with_are_refused(prices: Prices, said: str) -> None:
    with pytest.raises(EvalError, match=said):
        check_prices(prices)


def replied(prompt: int | None, new: int | None) -> Reply:
    return Reply("", new, "stop", prompt_tokens=prompt)


@given(
    budget=st.floats(0.0, 2.0),
    replies=st.lists(st.integers(1, 100), min_size=1, max_size=60),
    at_once=st.integers(1, 16),
)
def test_no_budget_is_exceeded_and_none_is_left_that_would_do(
    budget: float, replies: list[int], at_once: int
) -> None:
    prices = Prices(100.0, 1000.0, budget)
    purse = Purse(prices)
    meter = Meter(len(replies), purse, longest=100)
    left = list(replies)
    worst = (200 * 100.0 + 100 * 1000.0) / 1e6
    try:
        while left:
            meter.check(len(replies) - len(left))
            asked: list[int] = []
            while left and len(asked) < at_once and meter.may_ask():
                asked.append(left.pop())
            meter.took([replied(200, new) for new in asked], len(replies) - len(left))
    except OverBudget:
        assert (purse.spent or 0.0) + worst > budget
    unknown = 200 * 100.0 / 1e6 if budget < worst else 0.0  # the prompt of the first question
    assert (purse.spent or 0.0) <= budget + unknown + 1e-9


def test_a_budget_needs_a_backend_that_tells_its_tokens() -> None:
    purse = Purse(replace(DEAR, budget=1.0))
    meter = Meter(2, purse, longest=10)
    assert meter.may_ask()
    assert not meter.may_ask()  # the first alone, to learn from
    meter.took([replied(None, 5)], 1)
    with pytest.raises(EvalError, match="budget: cannot be kept, since the backend does not tell"):
        meter.check(1)
