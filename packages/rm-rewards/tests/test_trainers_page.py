"""Runs the blocks of docs/trainers.md; TRL's runs with the real TRL, in rm-train's tests."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import re
import runpy
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from rm_rewards import Leg, Question, jsonl
from rm_rewards.adapters import ADAPTERS, decode_question

PAGE = (Path(__file__).resolve().parents[3] / "docs/trainers.md").read_text(encoding="utf-8")
ROUTE = (Leg(route_name="Red Line", departure_stop="Alpha", arrival_stop="Bravo"),)
QUESTIONS = [
    Question(id="q1", type="Counting2", question="How many lines?", answer=3),
    Question(id="q2", type="planning", question="How?", routes=(ROUTE,),
             station_1="Alpha", station_2="Bravo"),
]  # fmt: skip
RIGHT = [r"\boxed{3}", "Route Name: Red Line\nDeparture Stop: Alpha\nArrival Stop: Bravo"]
TOTALS = [2.0, 2.5]


@dataclass(frozen=True, slots=True)
class Block:
    language: str
    trainer: str
    code: str


BLOCKS = [
    Block(*found) for found in re.findall(r"```(\w+)(?: ([\w-]+))?\n(.*?)```", PAGE, re.DOTALL)
]


def the(language: str, trainer: str) -> str:
    (found,) = [b.code for b in BLOCKS if (b.language, b.trainer) == (language, trainer)]
    return found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    jsonl.write(QUESTIONS, tmp_path / "questions.jsonl")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run_python(trainer: str) -> str:
    code = the("python", trainer)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return run.stdout


def command(trainer: str, folder: Path) -> list[str]:
    """The words of the command in a trainer's block, as the shell hands them to the trainer."""
    code = the("bash", trainer)
    name = shlex.split(code)[0]
    program = folder / "bin" / name
    program.parent.mkdir()
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    ours = Path(sys.executable).parent
    assert (ours / "rm-rewards").is_file()
    path = os.pathsep.join([str(program.parent), str(ours), os.environ["PATH"]])
    run = subprocess.run(
        ["bash", "-ec", code], capture_output=True, text=True, check=True, env={"PATH": path}
    )
    return run.stdout.splitlines()


def option(words: list[str], name: str) -> str:
    """The value of `name=value`, or of `name value`."""
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word == name:
            return following
        if word.startswith(f"{name}="):
            return word.removeprefix(f"{name}=")
    raise AssertionError(f"{name} is not among {words}")


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_each_trainer_has_its_section_and_its_blocks() -> None:
    assert {b.trainer for b in BLOCKS if b.language == "python"} >= set(ADAPTERS)
    titles = {title.lower() for title in re.findall(r"^## (.+)$", PAGE, re.MULTILINE)}
    assert titles >= set(ADAPTERS)


@pytest.mark.parametrize("trainer", ["", "another"])
def test_the_blocks_on_labels_print_what_they_say(trainer: str) -> None:
    expected = re.findall(r"# -> (.+)", the("python", trainer))
    assert expected
    assert run_python(trainer).splitlines() == expected


def test_the_blocks_of_verl_make_a_dataset_and_name_the_function(folder: Path) -> None:
    run_python("verl")
    words = command("verl", folder)
    rows = json.loads((folder / option(words, "data.train_files")).read_text(encoding="utf-8"))
    path = option(words, "reward.custom_reward_function.path").removeprefix("pkg://")
    function = getattr(import_module(path), option(words, "reward.custom_reward_function.name"))
    given = option(words, "+reward.custom_reward_function.reward_kwargs.reward")
    found = [
        function(
            data_source=row["data_source"],
            solution_str=text,
            ground_truth=row["reward_model"]["ground_truth"],
            extra_info=row["extra_info"],
            reward=given,
        )["score"]
        for row, text in zip(rows, RIGHT, strict=True)
    ]
    assert found == TOTALS


def test_the_blocks_of_easyr1_make_a_dataset_and_name_the_file(folder: Path) -> None:
    run_python("easyr1")
    words = command("easyr1", folder)
    rows = lines_of(folder / option(words, "data.train_files"))
    path, _, name = option(words, "worker.reward.reward_function").rpartition(":")
    module = runpy.run_path(path)
    inputs = [
        {
            "response": text,
            "response_length": 1,
            "ground_truth": row[option(words, "data.answer_key")],
        }
        for row, text in zip(rows, RIGHT, strict=True)
    ]
    assert [each["overall"] for each in module[name](inputs)] == TOTALS
    assert rows[0][option(words, "data.prompt_key")] == "How many lines?"


def test_the_blocks_of_ms_swift_make_a_dataset_and_name_the_plugin(folder: Path) -> None:
    run_python("ms-swift")
    words = command("ms-swift", folder)
    rows = lines_of(folder / option(words, "--dataset"))
    registered = runpy.run_path(option(words, "--external_plugins"))["REGISTERED"]
    place = words.index("--reward_funcs")
    end = words.index("--reward_weights")
    functions: list[Callable[..., list[float | None]]] = [
        registered[name](args=None) for name in words[place + 1 : end]
    ]
    labels = [row["label"] for row in rows]
    columns = [function(RIGHT, label=labels) for function in functions]
    weights = [float(word) for word in words[end + 1 :]]
    assert [
        sum(w * (v or 0.0) for w, v in zip(weights, values, strict=True))
        for values in zip(*columns, strict=True)
    ] == TOTALS


def test_the_blocks_of_openrlhf_make_a_dataset_and_name_the_file(folder: Path) -> None:
    run_python("openrlhf")
    words = command("openrlhf", folder)
    rows = lines_of(folder / option(words, "--data.prompt_dataset"))
    function = runpy.run_path(option(words, "--reward.remote_url"))["reward_func"]
    prompts = [row[option(words, "--data.input_key")] for row in rows]
    labels = [row[option(words, "--data.label_key")] for row in rows]
    found = [
        function([prompt + text + "</s>"], [prompt], [label])["rewards"]
        for prompt, text, label in zip(prompts, RIGHT, labels, strict=True)
    ]
    assert found == TOTALS
    space: dict[str, Any] = {}
    exec(the("python", "openrlhf-file"), space)
    assert space["reward_func"](["?3"], ["?"], labels[:1])["rewards"] == 1.0


def test_the_settings_of_verifiers_name_functions_that_are_there() -> None:
    task = tomllib.loads(the("toml", "verifiers"))["env"]["taskset"]["task"]
    assert task["rewards"]["rewardmap"]["weight"] == 1.0
    for entry in [*task["rewards"].values(), *task["metrics"].values()]:
        module, _, name = entry["fn"].partition(":")
        assert callable(getattr(import_module(module), name))


@pytest.mark.filterwarnings("default")
def test_the_blocks_of_verifiers_make_tasks_that_are_scored(folder: Path) -> None:
    if importlib.util.find_spec("verifiers") is None:
        pytest.skip("verifiers is not installed")
    vf = import_module("verifiers.v1")
    space: dict[str, Any] = {"__name__": "maps_of_the_page"}
    sys.modules["maps_of_the_page"] = import_module("types").ModuleType("maps_of_the_page")
    exec(the("python", "verifiers"), space)
    task = tomllib.loads(the("toml", "verifiers"))["env"]["taskset"]["task"]
    tasks = list(space["Maps"](vf.TasksetConfig(id="maps", task=task)))
    assert [decode_question(each.data.answer).id for each in tasks] == ["q1", "q2"]
    for each, text, total in zip(tasks, RIGHT, TOTALS, strict=True):
        trace = vf.Trace.model_construct(rewards={}, metrics={}, root_reply=text)
        asyncio.run(each.score(trace))
        assert trace.rewards["rewardmap"].score == total
        assert trace.metrics["correct"] == 1.0
    assert folder.is_dir()
