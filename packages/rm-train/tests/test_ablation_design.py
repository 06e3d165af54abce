from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from rm_train import ConfigError
from rm_train.ablation.design import Design, Factor, Level, Reach, trials
from rm_train.ablation.design_file import Wanted, read_design
from rm_train.ablation.file_keys import shipped
from rm_train.ablation.study import plan
from rm_train.cli import app

KEYS: dict[str, Any] = {
    "title": "two by two",
    "embedded": {"preset": "embedded", "max_steps": 3},
    "task": {
        "train_maps": 2,
        "held_out_maps": 2,
        "per_map": {"planning": 2},
        "held_out": {"planning": 2},
    },
    "factors": {
        "reward": ["sparse", "rewardmap"],
        "schedule": {"staged": {"schedule": "rewardmap"}, "mixed": {"schedule": "random"}},
    },
    "baseline": {"reward": "rewardmap"},
    "seeds": 2,
}


def file(folder: Path, **keys: object) -> str:
    path = folder / "own.yaml"
    path.write_text(yaml.safe_dump({**KEYS, **keys}, sort_keys=False), encoding="utf-8")
    return str(path)


def design(folder: Path, wanted: Wanted | None = None, **keys: object) -> Design:
    return read_design(file(folder, **keys), wanted or Wanted())


def test_one_factor_is_varied_at_a_time_with_the_baseline_first(tmp_path: Path) -> None:
    assert design(tmp_path).arms() == [
        {"reward": "rewardmap", "schedule": "staged"},
        {"reward": "sparse", "schedule": "staged"},
        {"reward": "rewardmap", "schedule": "mixed"},
    ]


def test_a_full_design_has_every_combination_and_also_adds_single_ones(tmp_path: Path) -> None:
    corner = {"reward": "sparse", "schedule": "mixed"}
    assert len(design(tmp_path, Wanted(style="full")).arms()) == 4
    assert corner in design(tmp_path, Wanted(style="full")).arms()
    assert corner not in design(tmp_path).arms()
    assert design(tmp_path, also=[corner]).arms()[-1] == corner


def test_a_design_cut_short_has_every_arm_of_the_repeats_it_reached(tmp_path: Path) -> None:
    made = trials(design(tmp_path, repeats={"base": ["a", "b"]}, strata={"lr": [1e-4, 2e-4]}))
    assert len(made) == 2 * 2 * 2 * 3
    for start in range(0, len(made), 3):
        part = made[start : start + 3]
        assert len({tuple(one.repeat.items()) for one in part}) == 1
        assert len({tuple(one.stratum.items()) for one in part}) == 1
    assert [dict(one.repeat) for one in made[::6]] == [
        {"seed": "0", "base": "a"},
        {"seed": "0", "base": "b"},
        {"seed": "1", "base": "a"},
        {"seed": "1", "base": "b"},
    ]


def test_names_in_braces_are_filled_and_are_no_settings(tmp_path: Path) -> None:
    keys: dict[str, Any] = {
        "embedded": {**KEYS["embedded"], "model": "bases/{base}/{start}"},
        "repeats": {"base": [7]},
        "strata": {"start": ["cold"]},
    }
    first = trials(design(tmp_path, **keys))[0]
    assert first.settings["model"] == "bases/7/cold"
    assert not {"base", "start"} & set(first.settings)
    with pytest.raises(ConfigError, match=r"\{base\}: expected one of .* in the braces"):
        trials(design(tmp_path, embedded=keys["embedded"], strata=keys["strata"]))


@pytest.mark.parametrize("labels", [["a b", "a/b"], ["ü/", "ü "]])
def test_levels_whose_runs_would_share_a_folder_are_refused(
    labels: list[str], tmp_path: Path
) -> None:
    levels = {label: {"max_steps": n + 1} for n, label in enumerate(labels)}
    made = design(tmp_path, factors={"steps": levels}, baseline={})
    with pytest.raises(ConfigError, match="two runs would be called"):
        trials(made)


@given(st.lists(st.text("ab/ .-+=,ü", min_size=1), min_size=1, max_size=4))
def test_names_of_runs_are_names_of_folders(labels: list[str]) -> None:
    levels = tuple(Level(label, {"max_steps": 1}) for label in labels)
    made = replace(EMPTY, factors=(Factor("steps", levels[:1], labels[0]),))
    (name,) = (one.name for one in trials(made))
    assert not set(name) & set("/ ")
    assert name not in {".", ".."}


EMPTY = Design(
    title="",
    style="each",
    also=(),
    factors=(),
    strata=(),
    repeats=(),
    seeds=(0,),
    settings={},
    task=None,
    reach=Reach(kind="planning", level=0.5, window=1),
    grading="rewardmap",
)


def test_over_leaves_other_factors_at_their_baseline_and_takes_those_that_come_along(
    tmp_path: Path,
) -> None:
    one = design(tmp_path, Wanted(over=("order", "seed")))
    assert [factor.name for factor in one.factors] == ["schedule"]
    assert {trial.settings["reward"] for trial in trials(one)} == {"rewardmap"}
    other = design(tmp_path, Wanted(over=("alpha",)))
    assert [level.label for level in other.factors[0].levels] == ["0.1", "0.3", "0.5", "0.7", "1.0"]


def test_only_keeps_levels_and_a_baseline_among_them(tmp_path: Path) -> None:
    kept = design(tmp_path, Wanted(only={"reward": ("sparse",)}))
    assert kept.arms() == [
        {"reward": "sparse", "schedule": "staged"},
        {"reward": "sparse", "schedule": "mixed"},
    ]


@pytest.mark.parametrize("name", shipped())
def test_what_comes_along_can_be_planned(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for seed in range(3):
        for start in ("cold", "weak", "ready"):
            (tmp_path / "bases" / str(seed) / start).mkdir(parents=True)
    for wanted in (Wanted(seeds=1), Wanted(preset="rewardmap-qwen2.5-vl-7b", short=True)):
        work = plan(read_design(name, wanted), tmp_path / "out")
        arms = {tuple(one.trial.arm.items()) for one in work.runs}
        assert len(arms) == len(work.design.arms()) >= 2
        big = [one for one in work.runs if one.config.lr == 1e-6]
        assert len(big) == (len(work.runs) if wanted.preset else 0)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("keys", "words", "message"),
    [
        ({"factor": {}}, [], "factor: no such key; the keys are title, design"),
        ({"factors": {}}, [], "factors: found {}, expected"),
        ({"seeds": 0}, [], "seeds: found 0, expected greater than or equal to 1"),
        ({"baseline": {"reward": "x"}}, [], "baseline.reward: found 'x', expected sparse or"),
        ({"factors": {"lr": [1, 1]}}, [], "factors.lr: found ['1', '1'], expected different"),
        ({"also": [{"reward": "x"}]}, [], "also.reward: found 'x', expected rewardmap or sparse"),
        ({"task": None}, [], "task: found none, expected one, or --questions"),
        ({}, ["--over", "colour"], "--over colour: not in "),
        ({}, ["--only", "reward=x"], "--only reward=x: expected sparse or rewardmap"),
        ({}, ["--only", "colour=x"], "--only colour: expected one of reward, schedule"),
        ({}, ["--only", "reward"], "--only reward: expected NAME=LABEL"),
        ({}, ["--set", "lr"], "--set lr: expected KEY=VALUE"),
        ({}, ["--set", "lr=-1"], "lr: found -1.0, expected a number above 0"),
        ({}, ["--set", "learning_rate=1"], "learning_rate"),
        ({}, ["--set", "model=./nowhere"], "model: ./nowhere: no such folder; base checkpoints"),
        ({}, ["--questions", "q.jsonl"], "eval_questions: found none, expected held-out"),
        ({}, ["--design", "half"], "--design: found 'half', expected each or full"),
        ({}, ["--jobs", "0"], "--jobs"),
    ],
)
def test_what_cannot_be_ablated_is_told_in_one_line_and_leaves_nothing(
    keys: dict[str, Any], words: list[str], message: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    config = file(tmp_path, **keys)
    found = CliRunner().invoke(app, ["ablate", "--config", config, "--out", str(out), *words])
    assert found.exit_code == 2, found.output
    assert message in found.stderr
    assert len(found.stderr.splitlines()) == 1
    assert not out.exists()


def test_a_config_that_is_nowhere_is_told_with_those_that_come_along(tmp_path: Path) -> None:
    found = CliRunner().invoke(app, ["ablate", "--config", "rewards"])
    assert (found.exit_code, len(found.stderr.splitlines())) == (2, 1)
    assert "--config rewards: expected a file or one of alpha, cold, embedded" in found.stderr
    missing = CliRunner().invoke(app, ["ablate", "--config", str(tmp_path / "no.yaml")])
    assert (missing.exit_code, len(missing.stderr.splitlines())) == (1, 1)
    assert "no.yaml: No such file or directory" in missing.stderr


def test_the_plan_names_the_runs_and_the_time_and_writes_nothing(tmp_path: Path) -> None:
    out = tmp_path / "out"
    found = CliRunner().invoke(
        app, ["ablate", "--config", file(tmp_path), "--out", str(out), "--plan", "--jobs", "2"]
    )
    lines = found.stdout.splitlines()
    assert lines[0] == "reward=rewardmap,schedule=staged,seed=0"
    assert len(lines) == 7
    assert lines[-1].startswith("6 runs, 0 done, 18 steps left: about 1 min with --jobs 2")
    assert not out.exists()


def test_the_list_shows_what_comes_along() -> None:
    said = CliRunner().invoke(app, ["ablate", "--list"]).stdout
    assert [line.split()[0] for line in said.splitlines()] == list(shipped())
