import json
from collections.abc import Callable
from typing import Any, TypeAlias

from rm_data import ask, generate
from rm_rewards import Network, Question, gold_answer, jsonl, score

Measure: TypeAlias = Callable[..., Any]
MAPS = 10


def replies() -> list[tuple[Question, str, Network]]:
    """Questions of all types, each with its own answer and with that of the question before."""
    made: list[tuple[Question, str, Network]] = []
    before = ""
    for seed in range(MAPS):
        network = generate(seed, style="named")
        for question in ask(network, seed=seed, per_map=10):
            right = gold_answer(question)
            made += [(question, right, network), (question, before, network)]
            before = right
    return made


def test_scoring_beside_reading_the_same_lines(measure: Measure) -> None:
    given = replies()
    lines = [jsonl.dump(question) for question, _, _ in given]

    def work() -> list[bool]:
        return [score(q, text, network=network).correct for q, text, network in given]

    right = measure(
        work,
        count=len(given),
        unit="replies",
        baseline=lambda: [json.loads(line) for line in lines],
        named="json.loads of the questions",
    )
    assert all(right[::2])
    assert not all(right[1::2])
