from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import pytest

from rm_eval.clusters import cluster_of
from rm_eval.metrics import by_group, by_type, evaluation_weight, score_of, stratum_of
from rm_eval.results import Collector, Results
from rm_rewards import Difficulty, Question, Reward, score


@dataclass(frozen=True, slots=True)
class Graded:
    question: Question
    reward: Reward
    unit: str = ""


def collected(graded: Iterable[Graded]) -> Results:
    collector = Collector()
    for one in graded:
        cluster = one.unit or cluster_of(one.question)
        read = one.reward.parsed is not None
        collector.add(stratum_of(one.question), cluster, right=one.reward.correct, read=read)
    return collector.results()


def graded(
    kind: str, city: Difficulty, *, right: bool, reply: str | None = None, asked: int = 0
) -> Graded:
    texts = {"TorF1": ("Yes", "No"), "TorF2": ("Yes", "No"), "Counting1": ("A", "B")}
    yes, no = texts.get(kind, ("1", "0"))
    question = Question(
        id=f"{kind}-{asked}",
        type=kind,
        question="?",
        answer=0 if kind == "Counting1" else 1,
        options=("1", "2", "3", "4") if kind == "Counting1" else None,
        difficulty_city=city,
    )
    text = f"\\boxed{{{yes if right else no}}}" if reply is None else reply
    return Graded(question, score(question, text))


PLUS = [
    graded("TorF1", "easy", right=True),
    graded("TorF2", "hard", right=True),
    graded("TorF2", "middle", right=False, asked=1),
    graded("Counting1", "easy", right=True),
    graded("Counting2", "middle", right=True),
    graded("Counting3", "hard", right=False, reply="I cannot tell"),
]


def test_plus_is_weighted_by_the_map() -> None:
    groups = {name: score_of(name, ones) for name, ones in by_group(collected(PLUS)).items()}

    plus = groups["ReasonMap-Plus"]
    assert (plus.n, plus.correct, plus.accuracy) == (6, 4, 4 / 6)
    assert plus.sum_of_weights == 1 + 2 + 1.5 + 1 + 1.5 + 2
    assert plus.weighted_accuracy == (1 + 2 + 1 + 1.5) / 9
    assert groups["ReasonMap-Plus TorF"].weighted_accuracy == 3 / 4.5
    assert groups["ReasonMap-Plus Counting"].weighted_accuracy == 2.5 / 4.5
    assert groups["ReasonMap-Plus Counting"].unparsed == 1 / 3
    assert "ReasonMap planning" not in groups


@pytest.mark.parametrize(
    ("asked", "city", "weight"),
    [
        ("easy", "easy", 1.0),
        ("middle", "easy", 1.5),
        ("hard", "easy", 2.0),
        ("easy", "middle", 1.5),
        ("middle", "middle", 2.0),
        ("hard", "middle", 2.5),
        ("easy", "hard", 2.0),
        ("middle", "hard", 2.5),
        ("hard", "hard", 3.0),
    ],
)
def test_planning_is_weighted_by_question_and_map(
    asked: Difficulty, city: Difficulty, weight: float
) -> None:
    question = Question(
        id="a",
        type="planning",
        question="?",
        difficulty_city=city,
        difficulty_question=asked,
    )
    assert evaluation_weight(question) == weight


def test_a_type_outside_the_benchmarks_has_no_weight() -> None:
    question = Question(id="a", type="Terminals", question="?")
    found = Graded(question, score(Question(id="a", type="TorF1", question="?", answer=1), "Yes"))
    scored = score_of("Terminals", collected([found]))
    assert (scored.sum_of_weights, scored.weighted_accuracy) == (None, None)
    assert list(by_type(collected([found, *PLUS]))) == [
        *("TorF1", "TorF2", "Counting1", "Counting2", "Counting3"),
        "Terminals",
    ]


def test_intervals_are_over_what_questions_stand_and_fall_with() -> None:
    answers = [graded("Counting2", "easy", right=i < 8, asked=i) for i in range(16)]
    alone = score_of("x", collected(answers))
    in_fours = [replace(one, unit=f"u{i // 4}") for i, one in enumerate(answers)]
    together = score_of("x", collected(in_fours))
    by_city = [
        replace(one, question=replace(one.question, city=f"c{i // 4}"))
        for i, one in enumerate(answers)
    ]
    cities = score_of("x", collected(by_city))
    assert (alone.clusters, together.clusters, cities.clusters) == (16, 4, 4)
    assert (alone.low, alone.high) == (together.low, together.high)
    assert together.cluster_low < alone.cluster_low < 0.5
    assert together.cluster_high > alone.cluster_high > 0.5
    assert together.weighted_low == together.cluster_low
