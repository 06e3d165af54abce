"""How fast saved replies are scored again, under every extractor."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from rm_eval.rescoring import Rescored, rescore

Measure: TypeAlias = Callable[..., Any]
REPLIES = 100_000
LONGEST = 5.0
SAID = (
    *("B", "The answer is C.", "**D**", "A. red", "I cannot see any of these colours here."),
    "The correct answer is **B**. Here is why: the sky is blue in the picture, and nothing else.",
)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    options = {"A": "red", "B": "blue", "C": "green", "D": "yellow"}
    with (tmp_path / "items.jsonl").open("w") as items:
        for n in range(REPLIES):
            item = {"id": f"mmstar:{n}", "task": "mmstar", "form": "choice", "options": options}
            item |= {"answer": "ABCD"[n % 4], "category": f"c{n % 6}", "leaf": f"l{n % 18}"}
            items.write(json.dumps(item) + "\n")
    with (tmp_path / "completions.jsonl").open("w") as completions:
        for n in range(REPLIES):
            reply = {"question_id": f"mmstar:{n}", "text": SAID[n % len(SAID)]}
            completions.write(json.dumps(reply) + "\n")
    return tmp_path


@pytest.mark.parametrize("extractor", ["vlmevalkit-b862cf76", "all"])
def test_scoring_saved_replies_again(measure: Measure, run: Path, extractor: str) -> None:
    lines = (run / "completions.jsonl").read_text().splitlines()
    found: Rescored = measure(
        lambda: rescore(run, extractor),
        count=REPLIES,
        unit="replies",
        baseline=lambda: [json.loads(line) for line in lines[:10_000]],
        named="json.loads of a tenth of the replies",
        rounds=[(), ()],
    )
    assert found.tasks[0].readings[0].n == REPLIES


@pytest.mark.benchmark(timer=time.process_time)  # other work on the machine is not ours
def test_a_hundred_thousand_replies_within_five_seconds(
    benchmark: Any,  # noqa: ANN401 - pytest-benchmark is untyped
    run: Path,
) -> None:
    benchmark.pedantic(rescore, args=(run, "vlmevalkit-b862cf76"), rounds=2)
    assert benchmark.stats.stats.min < LONGEST
