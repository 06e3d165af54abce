from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
import torch
from trl import GRPOTrainer  # pyright: ignore[reportPrivateImportUsage]

from rm_train import TrainConfig, training
from rm_train.methods.asking import CALLED, ask
from rm_train.methods.method import Generate, Method, Rows
from rm_train.methods.rollouts import Rollouts
from rm_train.preparation import Prepared, prepare

MakeConfig = Callable[..., TrainConfig]


@dataclass
class Asker(Method):
    """Asks each question anew in every way that there is, before the step's own replies."""

    greedy: list[list[str]] = field(default_factory=list[list[str]])
    sampled: list[list[str]] = field(default_factory=list[list[str]])
    own: list[list[str]] = field(default_factory=list[list[str]])
    quiet: list[bool] = field(default_factory=list[bool])

    def rollouts(self, rows: Rows, generate: Generate) -> Rollouts:
        made = generate(rows)
        state = torch.get_rng_state()
        self.greedy += [ask(made.trainer, rows, greedy=True), ask(made.trainer, rows, greedy=True)]
        self.quiet.append(torch.equal(state, torch.get_rng_state()))
        self.sampled.append(ask(made.trainer, rows))
        self.own.append([one.text for one in made.scored])
        return made


def _run(config: TrainConfig, method: Method, monkeypatch: pytest.MonkeyPatch) -> None:
    def with_method(config: TrainConfig) -> Prepared:
        found = prepare(config)
        object.__setattr__(found, "methods", (method,))
        return found

    monkeypatch.setattr(training, "prepare", with_method)
    training.train(config)


def test_a_method_can_ask_again_greedily_and_by_chance(
    make_config: MakeConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    method = Asker()
    config = make_config(max_steps=1, save_steps=0, temperature=1.5)
    _run(config, method, monkeypatch)
    first, again = method.greedy
    assert first == again
    groups = [set(first[i : i + 4]) for i in range(0, 8, 4)]
    assert [len(replies) for replies in groups] == [1, 1]
    assert method.quiet == [True]
    assert len(method.sampled[0]) == len(method.own[0]) == 8
    assert method.sampled[0] != method.own[0]
    assert len(set(method.sampled[0][:4])) > 1


@pytest.mark.parametrize("name", CALLED)
def test_the_trainers_methods_that_are_called_are_still_there(name: str) -> None:
    assert callable(getattr(cast("Any", GRPOTrainer), name))
