from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rm_train import ConfigError, TrainConfig, run
from rm_train.curves import read_metrics
from rm_train.methods import METHODS, methods_of

MakeConfig = Callable[..., TrainConfig]

OWN = """
from dataclasses import dataclass
from typing import ClassVar

from rm_train.methods.method import Method


@dataclass
class Doubled(Method):
    source: ClassVar[str] = "arXiv 0000.00000"
    factor: float = 2.0
    plus: float = 0.0

    def acts(self):
        return f"rewards times {self.factor}"

    def rewards(self, rewards, rollouts):
        rollouts.tell("method/mean", float(rewards.mean()))
        return rewards * self.factor + self.plus

    def advantages(self, advantages, rewards, rollouts):
        rollouts.tell("method/advantage", float(advantages.abs().max()))
        return advantages


class NoMethod:
    pass
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "own.py").write_text(OWN, encoding="utf-8")
    return tmp_path / "own.py"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("grpo-car", "found 'grpo-car', expected some of grpo, "),
        ("grpo+", "found ''"),
        ("{own}:Doubled:x=1", "found 'x=1' in .*takes factor, plus"),
        ("{own}:Doubled:factor", "found 'factor' in .*takes factor, plus"),
        ("{own}:Missing", "has no attribute 'Missing'"),
        ("{own}:NoMethod", "expected a subclass of Method"),
        ("{own}.py:Doubled", "No such file"),
        ("no.such.module:Doubled", "No module named 'no'"),
    ],
)
def test_a_method_that_cannot_be_used_is_refused_by_name(
    text: str, complaint: str, own: Path
) -> None:
    with pytest.raises(ConfigError, match=complaint):
        methods_of(text.replace("{own}", str(own)))


def test_grpo_alone_is_no_method_beside_it() -> None:
    assert methods_of("grpo") == ()


@pytest.mark.parametrize("name", METHODS)
def test_every_method_says_what_it_does_and_where_it_comes_from(name: str) -> None:
    (method,) = methods_of(name)
    assert method.acts()
    assert "arXiv" in method.source


def test_methods_of_ones_own_combine_in_their_order(make_config: MakeConfig, own: Path) -> None:
    twice = f"{own}:Doubled+{own}:Doubled:factor=3,plus=1"
    config = make_config(method=twice, max_steps=2, save_steps=0, advantage="none")
    run(config)
    for line in read_metrics(config.out / "metrics.jsonl"):
        first = line["reward"]
        # both tell under one name, of which the mean is logged: r and 2 r
        assert line["method"]["mean"] == pytest.approx((first + 2 * first) / 2, abs=1e-5)


def test_a_method_that_multiplies_rewards_multiplies_the_advantages(
    make_config: MakeConfig, own: Path, tmp_path: Path
) -> None:
    seen: list[float] = []
    for factor in (1, 10):
        config = make_config(
            method=f"{own}:Doubled:factor={factor}",
            out=str(tmp_path / f"{factor}"),
            max_steps=1,
            advantage="none",
        )
        run(config)
        seen.append(read_metrics(config.out / "metrics.jsonl")[0]["method"]["advantage"])
    assert seen[1] == pytest.approx(10 * seen[0])
    assert seen[0] > 0
