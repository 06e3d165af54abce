from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from rm_data import ask, generate
from rm_rewards import PLANNING, Question, Reward, gold_answer, reward_spec, score_group
from rm_train.rewards import Scorer, check_sum, reward_functions

NETWORK = generate(3, style="compact")
ASKED = tuple(ask(NETWORK, seed=3, per_map=2))
JUDGEMENT = next(i for i, q in enumerate(ASKED) if q.type == "TorF2")
PLAN = next(i for i, q in enumerate(ASKED) if q.type == PLANNING)


def called(spec: str, numbers: list[int], texts: list[str]) -> tuple[list[Any], list[float], Any]:
    scorer = Scorer(ASKED, lambda _: NETWORK, reward_spec(spec))
    functions, weights = reward_functions(scorer)
    metrics: dict[str, float] = {}
    batch: dict[str, Any] = {
        "prompts": [None] * len(texts),
        "completion_ids": [[1]] * len(texts),
        "completions": [[{"role": "assistant", "content": text}] for text in texts],
        "question": numbers,
        "stage": ["s"] * len(texts),
        "log_metric": metrics.__setitem__,
        "log_extra": None,
        "trainer_state": None,
    }
    columns = [function(**batch) for function in functions]
    return (
        [dict(zip([f.__name__ for f in functions], columns, strict=True)), scorer],
        weights,
        (metrics),
    )


@pytest.mark.parametrize("spec", ["rewardmap", "paper", "sparse"])
def test_the_columns_add_up_to_the_total_of_the_specification(spec: str) -> None:
    numbers = [JUDGEMENT, JUDGEMENT, PLAN, PLAN]
    texts = [gold_answer(ASKED[JUDGEMENT]), "no idea", gold_answer(ASKED[PLAN]), "Route Name: x"]
    (columns, _), weights, _ = called(spec, numbers, texts)
    assert list(columns) == ["format", "correctness", "detail"]
    for i, (number, text) in enumerate(zip(numbers, texts, strict=True)):
        expected = score_group(ASKED[number], [text], network=NETWORK, reward=spec)[0].total
        parts = zip(columns.values(), weights, strict=True)
        assert sum((column[i] or 0.0) * w for column, w in parts) == pytest.approx(expected)


def test_detail_does_not_apply_to_a_question_without_a_route() -> None:
    (columns, _), _, _ = called("rewardmap", [JUDGEMENT, PLAN], ["x", gold_answer(ASKED[PLAN])])
    assert columns["detail"] == [None, 1.0]


def test_the_published_scorer_is_one_column_with_its_weight_inside() -> None:
    (columns, _), weights, _ = called("reference", [PLAN], [gold_answer(ASKED[PLAN])])
    assert weights == [1.0]
    assert list(columns) == ["total"]
    expected = score_group(
        ASKED[PLAN], [gold_answer(ASKED[PLAN])], network=NETWORK, reward="reference"
    )[0]
    assert columns["total"] == [expected.total]


def test_accuracy_is_logged_in_all_and_by_type() -> None:
    texts = [gold_answer(ASKED[JUDGEMENT]), "wrong", gold_answer(ASKED[PLAN])]
    _, _, metrics = called("rewardmap", [JUDGEMENT, JUDGEMENT, PLAN], texts)
    assert metrics["accuracy/TorF2"] == 0.5
    assert metrics["accuracy/planning"] == 1.0
    assert metrics["accuracy"] == pytest.approx(2 / 3)


def test_each_reply_is_scored_once_and_gets_its_place_in_the_group(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counts: Counter[str] = Counter()

    def counting(question: Question, texts: Sequence[str], **settings: Any) -> list[Reward]:  # noqa: ANN401
        counts.update(texts)
        return score_group(question, texts, **settings)

    monkeypatch.setattr("rm_train.rewards.score_group", counting)
    (_, scorer), _, _ = called("rewardmap", [PLAN, PLAN, JUDGEMENT], ["a", "b", "c"])
    assert counts == {"a": 1, "b": 1, "c": 1}
    assert [scored.reward.sample for scored in scorer.last] == [0, 1, 0]
    assert [scored.question.id for scored in scorer.last] == [
        ASKED[PLAN].id, ASKED[PLAN].id, ASKED[JUDGEMENT].id,
    ]  # fmt: skip


def test_components_that_do_not_add_up_are_noticed() -> None:
    found = score_group(ASKED[PLAN], ["x"], network=NETWORK)[0]
    check_sum(found, 0.5)
    with pytest.raises(AssertionError, match="the components make"):
        check_sum(
            Reward(
                question_id="q",
                total=9,
                format=1,
                correctness=1,
                detail=0,
                weight=1,
                correct=True,
                accuracy=1,
                reward_version="v",
            ),
            0.5,
        )
