from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, cast

import pytest
import torch
from accelerate import Accelerator  # pyright: ignore[reportMissingTypeStubs] - has no stubs
from trl.import_utils import is_vllm_available

import rm_train.training
from rm_eval import load_policy
from rm_train import resolve, run
from rm_train.rollouts import generation
from rm_train.rollouts.guard import Agreement, RolloutGuard, measure
from rm_train.run_directory import RunError

pytestmark = pytest.mark.skipif(
    not is_vllm_available(), reason="vLLM is not installed (.ci/vllm installs it)"
)

EXACT: Final = 1e-4
"""Nats a token; measured 3e-7. The limit of a run is 0.01."""


def differences(out: Path) -> list[float]:
    lines = (out / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["rollout_difference"] for line in lines]


def weights(model: Path) -> dict[str, torch.Tensor]:
    return cast("Any", load_policy(model).model).state_dict()


@pytest.mark.parametrize("adapters", [{}, {"lora.r": 4}], ids=["all weights", "LoRA"])
def test_vllm_samples_from_the_policy_before_and_after_updates(
    sampled: dict[str, object],
    wide_model: Path,
    capfd: pytest.CaptureFixture[str],
    adapters: dict[str, object],
) -> None:
    done = run(resolve("embedded", overrides={**sampled, **adapters}))
    found = differences(done.out)
    assert len(found) == 3
    assert max(found) < EXACT
    before, after = weights(wide_model), weights(done.model)
    assert any(not torch.equal(before[name], after[name]) for name in before)
    said = capfd.readouterr().err
    assert "visual tokens (least / median / most), scaled to 3,136 to 12,544 pixels" in said
    assert "rollouts: vLLM, " in said


def untouched(ids: Sequence[int], picture: int) -> list[int]:
    assert picture in ids
    return list(ids)


def unchecked(*_prompts: object) -> None: ...


def test_pictures_expanded_twice_stop_the_run(
    sampled: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generation, "one_token_a_picture", untouched)
    with pytest.raises(RunError, match=r"vLLM read a prompt of \d+ tokens .* expanded twice"):
        run(resolve("embedded", overrides=sampled))


def test_replies_of_another_prompt_stop_the_run_before_its_first_step(
    sampled: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generation, "one_token_a_picture", untouched)
    monkeypatch.setattr(generation, "check_same_prompts", unchecked)
    config = resolve("embedded", overrides=sampled)
    with pytest.raises(RunError, match=r"vllm_tolerance: .* differ by 0\.\d+ on average"):
        run(config)
    assert not (config.out / "metrics.jsonl").exists()


def test_a_model_whose_heads_vllm_does_not_know_is_refused(
    sampled: dict[str, object], tiny_model: Path
) -> None:
    with pytest.raises(RunError, match=r"attention heads of 32, .* the model's have 16; --no-use"):
        run(resolve("embedded", overrides={**sampled, "model": str(tiny_model)}))


def test_a_server_that_is_not_there_is_one_line_with_its_start_command(wide_model: Path) -> None:
    policy = load_policy(wide_model)
    with pytest.raises(RunError) as caught:
        generation.PictureGeneration(
            engine=generation.Engine("float32", 0),
            model=policy.model,
            accelerator=Accelerator(cpu=True),
            processing_class=policy.processor,
            mode="server",
            server_base_url="http://127.0.0.1:9",
            server_timeout=0.0,
        )
    said = str(caught.value)
    assert said.startswith("vLLM server http://127.0.0.1:9: ")
    assert f"VLLM_SERVER_DEV_MODE=1 vllm serve {wide_model} --dtype float32" in said
    assert '{"size": {"shortest_edge": 3136, "longest_edge": 3136}}' in said
    assert "\n" not in said


class MeasuredError(Exception):
    """Ends a run once everything has been measured."""


class Shaken(RolloutGuard):
    """In place of the guard: changes weights by hand, and measures with and without the repair."""

    found: dict[str, Agreement | str]

    def on_train_begin(self, *_args: object, **_settings: object) -> None:
        trainer = cast("Any", self._trainer)
        type(self).found = {"start": self._measured()}
        for part in ("visual", "embed_tokens"):
            self._shake(part)
            self.found[part] = self._measured()
        self._shake("visual")
        trainer.vllm_generation.llm.llm_engine.reset_encoder_cache = lambda: None
        with pytest.raises(RuntimeError) as caught:
            self._measured()
        self.found["not forgotten"] = str(caught.value)
        raise MeasuredError

    def _shake(self, part: str) -> None:
        torch.manual_seed(0)
        with torch.no_grad():
            for name, weight in cast("Any", self._trainer.model).named_parameters():
                if part in name:
                    weight.add_(0.1 * torch.randn_like(weight))

    def _measured(self) -> Agreement:
        cast("Any", self._trainer)._last_loaded_step = -1  # as after an update
        return measure(self._trainer, self._rows())


def test_encoded_pictures_and_tied_heads_follow_the_weights(
    sampled: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rm_train.training, "RolloutGuard", Shaken)
    with pytest.raises(MeasuredError):
        run(resolve("embedded", overrides=sampled))
    for part in ("start", "visual", "embed_tokens"):
        found = Shaken.found[part]
        assert isinstance(found, Agreement)
        assert found.mean < EXACT, part
        assert found.tokens > 50
    assert "Encoder cache miss" in cast("str", Shaken.found["not forgotten"])
