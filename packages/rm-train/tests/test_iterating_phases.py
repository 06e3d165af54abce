from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import rm_train.iterating.phases
from rm_train import ConfigError, RunError, TrainConfig
from rm_train.config_file import from_yaml
from rm_train.iterating.phase import run_phase
from rm_train.iterating.phases import run_phases
from rm_train.iterating.plan import ptst, stages_of
from rm_train.iterating.summary import write_phases

MakeConfig = Callable[..., TrainConfig]
STAGES = """
- {name: short, max_completion_length: 12, num_generations: 4}
- {name: long, max_completion_length: 14, num_generations: 2, lora: {r: 0}}
"""


def silent(_line: str) -> None:
    pass


def settings_of(folder: Path) -> TrainConfig:
    return from_yaml((folder / "config.yaml").read_text(encoding="utf-8"), where="there")


def test_vision_r1s_stages_spend_as_many_tokens_on_a_question_each() -> None:
    limits = [
        (s.changes["max_completion_length"], s.changes["num_generations"])
        for s in stages_of("ptst")
    ]
    assert limits == [(4096, 16), (8192, 8), (16384, 4)]
    assert {tokens * replies for tokens, replies in limits} == {65_536}  # pyright: ignore[reportOperatorIssue] - numbers
    assert [stage.name for stage in ptst()] == ["tokens-4096", "tokens-8192", "tokens-16384"]


def test_each_stage_starts_from_the_whole_model_of_the_one_before_and_goes_on_after_a_stop(
    make_config: MakeConfig, short_questions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = tmp_path / "stages.yaml"
    plan.write_text(STAGES, encoding="utf-8")
    config = make_config(max_steps=2, eval_questions=str(short_questions), **{"lora.r": 2})
    stages, calls = stages_of(str(plan)), 0

    def stopped(*arguments: object) -> Path:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise KeyboardInterrupt
        return run_phase(*arguments)  # pyright: ignore[reportArgumentType] - handed on as they are

    monkeypatch.setattr(rm_train.iterating.phases, "run_phase", stopped)
    with pytest.raises(KeyboardInterrupt):
        run_phases(config, stages, tell=silent)
    trained = config.out / "1-short" / "model" / "adapter_model.safetensors"
    when = trained.stat().st_mtime_ns
    told: list[str] = []
    done = run_phases(config, stages, tell=told.append)
    assert trained.stat().st_mtime_ns == when
    first, second = (settings_of(config.out / one.name) for one in done)
    assert (first.max_completion_length, first.num_generations) == (12, 4)
    assert (second.max_completion_length, second.num_generations) == (14, 2)
    assert second.model == str(config.out / "1-short" / "merged")
    assert (second.seed, second.lora.r) == (config.seed + 2, 0)
    assert (config.out / "2-long" / "model" / "model.safetensors").is_file()
    assert re.fullmatch(r"2-long: 14 tokens x 2 replies; held-out \d\.\d+ -> \d\.\d+", told[1])
    assert done[0].after is not None
    assert write_phases(done, config.out).count("\n| ") == 3
    with pytest.raises(RunError, match="the stages have changed since this run began"):
        run_phases(config, stages[:1], tell=silent)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "p.yaml: found None, expected a list of settings, each with a name"),
        ("[]", "p.yaml: found no stage, expected at least one"),
        ("name: x", "p.yaml: found {'name': 'x'}, expected a list"),
        ("- {lr: 1}", "p.yaml: stage 1: name: found None, expected letters and digits"),
        ("- {name: ../x}", "p.yaml: stage 1: name: found '../x'"),
        ("- {name: x, model: y}", "p.yaml: stage 1: model: found there, but each stage is told"),
        ("- {name: x, lrr: 1}", "stage 1 (x): unknown key 'lrr', the nearest is 'lr'"),
        ("- {name: x, lr: -1}", "stage 1 (x): lr: found -1.0, expected a number above 0"),
        ("- {name: x", "p.yaml: not YAML"),
    ],
)
def test_a_plan_that_cannot_work_is_refused_before_anything_is_written(
    make_config: MakeConfig, tmp_path: Path, text: str, message: str
) -> None:
    plan = tmp_path / "p.yaml"
    plan.write_text(text, encoding="utf-8")
    config = replace(make_config(), out=tmp_path / "phases")
    with pytest.raises(ConfigError) as caught:
        run_phases(config, stages_of(str(plan)), tell=silent)
    assert message in str(caught.value)
    assert not config.out.exists()


def test_paths_in_a_plan_lie_relative_to_it(tmp_path: Path) -> None:
    plan = tmp_path / "p.yaml"
    plan.write_text("- {name: x, questions: hard.jsonl}", encoding="utf-8")
    assert stages_of(str(plan))[0].changes == {"questions": str(tmp_path / "hard.jsonl")}
