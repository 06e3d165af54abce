from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeAlias, cast

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from transformers import ProcessorMixin

from rm_data import ask, generate
from rm_eval import load_processor
from rm_rewards import PLANNING, Network, Question, gold_answer, jsonl, reward_spec, route_text
from rm_rewards.methods import grounded_prm
from rm_train import ConfigError, TrainConfig, run
from rm_train.advantages import advantages
from rm_train.config import Advantage
from rm_train.curves import read_metrics
from rm_train.methods import methods_of
from rm_train.methods.grounded_prm import GroundedPrm
from rm_train.methods.grounded_prm.credit import DECAY, leg_credits
from rm_train.methods.grounded_prm.legs import leg_spans
from rm_train.methods.rollouts import Rollouts
from rm_train.rewards import Scored, Scorer

MakeConfig: TypeAlias = Callable[..., TrainConfig]
NETWORK = generate(8, style="compact")


def compare(scale: Advantage = "none") -> Callable[[Tensor, int], Tensor]:
    return lambda rewards, group: advantages(rewards, group, scale=scale)


@pytest.fixture(scope="module")
def trip() -> Question:
    asked = ask(NETWORK, per_map={"planning": 30}, transfers=(1, 2), network_path="n.json")
    return next(q for q in asked if q.routes and len(q.routes[0]) == 2)


# -- what the tool says, and what it is worth ------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "final", "value"),
    [
        ([1, 1], 1, 1.25),
        ([1, -1], 1, 0.75),
        ([1, -1], -1, -0.25),
        ([], 1, 1.0),
        ([1] * 4, -1, 0.375),
    ],
)
def test_the_published_reward_of_a_rollout(steps: list[int], final: int, value: float) -> None:
    assert grounded_prm.rollout_reward(steps, final) == pytest.approx(value)


def test_legs_are_compared_with_all_legs_of_their_group() -> None:
    verdicts = [(1, -1), (1, 1), (), (-1,), (1,), (1, 1), (), ()]
    found = leg_credits(verdicts, 4, "step", compare())
    # group 1: mean of 1, -1, 1, 1, -1 is 0.2; group 2: all right
    expected = [[0.8, -1.2], [0.8, 0.8], [0, 0], [-1.2, 0], *[[0, 0]] * 4]
    torch.testing.assert_close(found, torch.tensor(expected))
    later = leg_credits(verdicts, 4, "return", compare())
    expected = [[0.8 - 1.2 * 0.9, -1.2], [0.8 * 1.9, 0.8], [0, 0], [-1.2, 0], *[[0, 0]] * 4]
    torch.testing.assert_close(later, torch.tensor(expected))


def test_the_setting_that_divides_rewards_divides_verdicts() -> None:
    found = leg_credits([(1, -1), (1, 1)], 2, "step", compare("group"))
    torch.testing.assert_close(found, torch.tensor([[0.5, -1.5], [0.5, 0.5]]) / (1 + 1e-4))


groups = st.lists(st.lists(st.sampled_from([1, -1]), max_size=5), min_size=3, max_size=3)


@given(groups, groups, st.sampled_from(["none", "group", "batch"]))
def test_credits_of_a_group_add_up_to_nothing_and_keep_its_order(
    one: list[list[int]], other: list[list[int]], scale: Advantage
) -> None:
    found = leg_credits([*one, *other], 3, "step", compare(scale))
    for group, rows in ((one, found[:3]), (other, found[3:])):
        assert float(rows.sum()) == pytest.approx(0, abs=1e-4)
        if scale == "none":
            assert float(rows.abs().max() if rows.numel() else 0) <= 2
        legs = [
            (v, float(c))
            for vs, cs in zip(group, rows, strict=True)
            for v, c in zip(vs, cs, strict=False)
        ]
        right, wrong = [c for v, c in legs if v > 0], [c for v, c in legs if v < 0]
        assert all(r >= 0 >= w for r in right for w in wrong)
        if not right or not wrong:
            assert all(abs(c) < 1e-6 for _, c in legs)
        for vs, cs in zip(group, rows, strict=True):
            assert not cs[len(vs) :].any()


@given(groups, st.permutations(range(3)))
def test_the_order_of_replies_plays_no_part_and_returns_sum_what_follows(
    group: list[list[int]], order: list[int]
) -> None:
    found = leg_credits(group, 3, "step", compare())
    moved = leg_credits([group[i] for i in order], 3, "step", compare())
    torch.testing.assert_close(moved, found[order])
    later = leg_credits(group, 3, "return", compare())
    rows, totals = cast("tuple[list[list[float]], ...]", (found.tolist(), later.tolist()))
    for steps, sums in zip(rows, totals, strict=True):
        for i in range(len(steps)):
            total = sum(DECAY ** (j - i) * steps[j] for j in range(i, len(steps)))
            assert sums[i] == pytest.approx(total, abs=1e-5)


# -- where a leg stands ----------------------------------------------------------------------------

LEGS = (
    "Route Name: Red\nDeparture Stop: A\nArrival Stop: B",
    "Route Name: Blue\nDeparture Stop: B\nArrival Stop: C",
)


@pytest.mark.parametrize(
    ("before", "between", "after"),
    [
        ("", "\n--\n", ""),
        ("<think>Route Name: X\nDeparture Stop: Y\nArrival Stop: Z</think>\n", "\n--\n", "\n"),
        ("I see it.\n", "\n\n", "\nHave a good trip, it is short."),
        ("<answer>", "\n--\n", "</answer>"),
    ],
)
def test_each_leg_reaches_from_its_label_to_its_last_field(
    before: str, between: str, after: str
) -> None:
    reply = before + between.join(LEGS) + after
    assert [reply[a:b] for a, b in leg_spans(reply)] == list(LEGS)


def test_stops_in_between_belong_to_their_leg() -> None:
    legs = [f"{leg}\nVia Stops: K, L" for leg in LEGS]
    reply = "\n--\n".join(legs)
    assert [reply[a:b] for a, b in leg_spans(reply)] == legs


@pytest.mark.parametrize(
    "reply",
    ["", r"\boxed{4}", "no route", "Red: A -> B", "Departure Stop: A"],
)
def test_what_is_no_route_with_labels_has_no_legs(reply: str) -> None:
    assert leg_spans(reply) == ()


@given(
    st.lists(st.sampled_from([*LEGS, "\n", "--", "Route Name:", "x", "<answer>", "*"])), st.text()
)
def test_legs_of_any_text_stand_in_order_and_do_not_overlap(parts: list[str], more: str) -> None:
    reply = "\n".join([*parts, more])
    spans = leg_spans(reply)
    assert all(0 <= a < b <= len(reply) for a, b in spans)
    assert all(b <= c for (_, b), (c, _) in pairwise(spans))


# -- on tokens -------------------------------------------------------------------------------------


class Told(dict[str, float]):
    def __call__(self, name: str, value: float) -> None:
        self[name] = value


def answered(
    question: Question,
    replies: list[str],
    processor: ProcessorMixin,
    weight: float = 1.0,
) -> tuple[Rollouts, Told]:
    """Replies as if they had been generated, one after the other of a group."""
    tokenizer = cast("Any", processor).tokenizer
    ids = [torch.tensor(tokenizer(reply)["input_ids"]) for reply in replies]
    mask = [torch.ones_like(one) for one in ids]
    own = {
        "completion_ids": torch.nn.utils.rnn.pad_sequence(ids, batch_first=True),
        "completion_mask": torch.nn.utils.rnn.pad_sequence(mask, batch_first=True),
    }

    def network_of(_question: Question) -> Network:
        return NETWORK

    def gather(own: Tensor) -> Tensor:
        return own

    def weights(made: Rollouts) -> Tensor:
        return torch.full_like(made.rewards, weight)

    scorer = Scorer([question], network_of, reward_spec("rewardmap"))
    found = [one.reward for one in scorer.group(0, replies, None)]
    scored = [Scored(question, "s", t, r) for t, r in zip(replies, found, strict=True)]
    told = Told()
    trainer = SimpleNamespace(
        accelerator=SimpleNamespace(num_processes=1, process_index=0, gather=gather),
        scorer=scorer,
        processing_class=processor,
        compared=compare(),
        weights=weights,
        tell=told,
    )
    rewards = torch.tensor([one.total for one in found])
    rows = [{"question": 0}] * len(replies)
    made = Rollouts(cast("Any", trainer), rows, own, rewards.view(-1, 1), rewards, tuple(scored), 4)
    return made, told


def test_a_wrong_second_leg_is_blamed_on_its_own_tokens_alone(
    trip: Question, tiny_model: Path
) -> None:
    assert trip.routes
    first, second = trip.routes[0]
    other = next(line.name for line in NETWORK.lines if line.name != second.route_name)
    wrong = replace(second, route_name=other)
    replies = [route_text((first, wrong)), gold_answer(trip), "I do not know.", gold_answer(trip)]
    made, told = answered(trip, replies, load_processor(tiny_model), weight=1.5)
    outcome = torch.tensor([-0.5, 0.3, -0.1, 0.3])
    found = GroundedPrm(share=0.5).token_advantages(outcome, made)
    # verdicts 1, -1, 1, 1, 1, 1: mean 2/3
    right, bad = 0.5 * 1.5 * (1 / 3), 0.5 * 1.5 * (-1 - 2 / 3)
    text = replies[0]
    legs = [slice(0, text.index("\n--\n")), slice(text.index("\n--\n") + 4, len(text))]
    expected = torch.full((len(text),), -0.5)  # a token is a byte here
    expected[legs[0]] += right
    expected[legs[1]] += bad
    torch.testing.assert_close(found[0, : len(text)], expected)
    assert (found[0, len(text) :] == -0.5).all()
    assert (found[2] == -0.1).all()
    assert float(found[1].max()) == pytest.approx(0.3 + right)
    assert told == {"method/legs_judged": 6, "method/legs_right": pytest.approx(5 / 6)}


def test_without_a_share_or_a_route_the_outcome_alone_counts(
    trip: Question, tiny_model: Path
) -> None:
    processor = load_processor(tiny_model)
    outcome = torch.tensor([-0.5, 0.3, -0.1, 0.3])
    made, _ = answered(trip, [gold_answer(trip), "Red: A -> B", "", "?"], processor)
    found = GroundedPrm(share=0).token_advantages(outcome, made)
    assert torch.equal(found, outcome.view(-1, 1).expand(found.shape))
    dense = torch.rand(4, found.shape[1])
    assert torch.equal(GroundedPrm(share=0).token_advantages(dense, made), dense)
    made, told = answered(trip, ["no", "Red: A -> B", "", "?"], processor)
    assert GroundedPrm().token_advantages(outcome, made) is outcome
    assert told == {"method/legs_judged": 0}
    counting = replace(trip, type="Counting2", answer=2)
    made, told = answered(counting, [gold_answer(trip)] * 4, processor)
    assert GroundedPrm().token_advantages(outcome, made) is outcome


# -- runs ------------------------------------------------------------------------------------------


def test_a_run_learns_from_legs_and_combines_with_another_method(
    make_config: MakeConfig, questions: Path, tmp_path: Path
) -> None:
    plans = [q for q in jsonl.read(Question, questions) if q.type == PLANNING]
    jsonl.write(plans, questions.parent / "plans.jsonl")

    def of(method: str) -> list[dict[str, Any]]:
        config = make_config(
            model="embedded",
            questions=str(questions.parent / "plans.jsonl"),
            method=method,
            max_completion_length=48,
            max_steps=2,
            save_steps=0,
            out=str(tmp_path / method.replace(":", "_")),
        )
        run(config)
        return read_metrics(config.out / "metrics.jsonl")

    plain, legs = of("grpo"), of("grounded-prm")
    assert [line["method"]["legs_judged"] > 0 for line in legs] == [True, True]
    assert legs[0]["reward"] == plain[0]["reward"]
    assert legs[0]["grad_norm"] != plain[0]["grad_norm"]
    both = of("dynamic-sampling:rounds=1+grounded-prm:credit=return")
    assert {"legs_judged", "extra_prompts"} <= set(both[0]["method"])


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("grounded-prm:share=-1", "share: found -1, expected a number, 0 or more"),
        ("grounded-prm:credit=legs", "credit: found 'legs', expected step or return"),
    ],
)
def test_options_that_cannot_be_used_are_refused(text: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        methods_of(text)


def test_a_loss_that_takes_one_advantage_a_reply_is_refused(make_config: MakeConfig) -> None:
    with pytest.raises(ConfigError, match="loss_type: found 'vespo'"):
        run(make_config(method="grounded-prm", loss_type="vespo"))
