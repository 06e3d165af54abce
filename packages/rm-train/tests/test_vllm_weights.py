from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest
import torch
from peft import get_peft_model

from rm_train import TrainConfig
from rm_train.learner import load_learner, lora_of
from rm_train.rollouts.weights import merged_parameters

MakeConfig = Callable[..., TrainConfig]


@pytest.fixture
def adapted(make_config: MakeConfig) -> Any:  # noqa: ANN401 - PEFT's model, untyped
    config = make_config(**{"lora.r": 4})
    made = cast("Any", get_peft_model)(load_learner(config, config.model).model, lora_of(config))
    torch.manual_seed(0)
    with torch.no_grad():
        for name, weight in made.named_parameters():
            if "lora_B" in name:  # zero at the start, so that an adapter adds nothing
                weight.add_(torch.randn_like(weight))
    return made


def test_vllm_gets_the_weights_of_the_base_with_the_adapters_added(adapted: Any) -> None:  # noqa: ANN401
    found = dict(merged_parameters(adapted))
    adapted.merge_adapter()
    base = adapted.base_model.model
    names = {name.replace(".base_layer", ""): w for name, w in base.named_parameters()}
    expected = {name: w for name, w in names.items() if "lora_" not in name}
    assert found.keys() == expected.keys()
    assert all(torch.allclose(found[name], expected[name], atol=1e-6) for name in found)


def test_frozen_weights_stay_the_same_bit_for_bit(adapted: Any) -> None:  # noqa: ANN401
    before = {name: weight.clone() for name, weight in adapted.named_parameters()}
    assert len(dict(merged_parameters(adapted))) > 10
    assert all(torch.equal(before[name], weight) for name, weight in adapted.named_parameters())
    adapted.merge_adapter()
    adapted.unmerge_adapter()  # what TRL does at each step
    drifted = [n for n, weight in adapted.named_parameters() if not torch.equal(before[n], weight)]
    assert drifted
