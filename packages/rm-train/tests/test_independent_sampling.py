from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
import torch
from transformers import GenerationConfig

from rm_eval import load_policy
from rm_train import ConfigError, TrainConfig
from rm_train.independent_sampling import HOOKED, OwnStreams, own_streams

CHANCES = torch.tensor([0.5, 0.3, 0.15, 0.05])
NONE = torch.empty(0)


def drawn(names: list[str], steps: int = 1) -> torch.Tensor:
    """Tokens (rows, steps) that those streams draw."""
    sampler = OwnStreams(names)
    scores = CHANCES.log().expand(len(names), 4)
    return torch.stack([sampler(NONE, scores).argmax(dim=1) for _ in range(steps)], dim=1)


def test_tokens_come_as_often_as_their_probabilities_say() -> None:
    n = 4000
    shares = drawn([f"row {number}" for number in range(n)], steps=2)
    for step in range(2):
        found = torch.bincount(shares[:, step], minlength=4) / n
        assert ((found - CHANCES).abs() < 4 * (CHANCES * (1 - CHANCES) / n).sqrt()).all()
    both = ((shares[:, 0] == 0) & (shares[:, 1] == 0)).float().mean()
    assert float(both) == pytest.approx(0.25, abs=0.03)  # one token tells nothing of the next


def test_a_row_draws_the_same_beside_any_other_rows() -> None:
    alone = drawn(["b"], steps=50)
    assert torch.equal(drawn(["a", "b", "c"], steps=50)[1:2], alone)
    assert not torch.equal(drawn(["a"], steps=50), alone)


def test_only_the_drawn_token_is_left_and_impossible_ones_are_never_drawn() -> None:
    scores = torch.tensor([[0.0, -torch.inf, 1.0]]).repeat(200, 1)
    left = OwnStreams([str(number) for number in range(200)])(NONE, scores)
    assert torch.equal(left.isfinite().sum(dim=1), torch.ones(200, dtype=torch.long))
    assert not left[:, 1].isfinite().any()


@pytest.mark.parametrize("sampled", [True, False])
def test_the_model_samples_from_the_streams_and_is_left_as_it_was(
    schooled_model: Path, sampled: bool
) -> None:
    policy = load_policy(schooled_model)
    model, tokenizer = cast("Any", policy.model), cast("Any", policy.processor).tokenizer
    prompt = tokenizer(["the map", "the map"], return_tensors="pt")
    settings = GenerationConfig(
        do_sample=sampled, max_new_tokens=8, top_p=0.9, temperature=2.0,
        pad_token_id=tokenizer.pad_token_id, eos_token_id=tokenizer.eos_token_id,
    )  # fmt: skip

    def replies(names: list[str]) -> list[list[int]]:
        with own_streams(model, names):
            return model.generate(**prompt, generation_config=settings).tolist()

    first, again, other = replies(["a", "b"]), replies(["b", "a"]), replies(["c", "d"])
    assert first == again[::-1]
    assert (first == other) is not sampled
    assert (first[0] == first[1]) is not sampled
    assert HOOKED not in vars(model)


def test_vllm_cannot_draw_from_them() -> None:
    with pytest.raises(ConfigError, match="found True, expected false: vLLM draws its own numbers"):
        TrainConfig(independent_sampling=True, use_vllm=True).check()
