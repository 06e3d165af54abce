"""Runs every block of docs/curriculum.md; the blocks for verl are checked against its names."""

# TRL and its libraries are typed in part.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportMissingTypeStubs=false
from __future__ import annotations

import ast
import gc
import json
import os
import re
import subprocess
import sys
import warnings
from collections.abc import Callable
from contextlib import redirect_stdout
from multiprocessing import get_context
from pathlib import Path

import pytest
import torch
from PIL import Image
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from torchdata.stateful_dataloader import StatefulDataLoader
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

from rm_curriculum import SCHEDULES, find_schedule
from rm_curriculum.adapters.trl_trainer import CurriculumGRPOTrainer
from rm_rewards import Leg, Question, jsonl

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGE = DOCS / "curriculum.md"
LOADED = (CurriculumGRPOTrainer, StatefulDataLoader)  # here, so that the processes need not
BLOCKS = re.findall(r"```(python|bash) (\S+)\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
ROUTE = (Leg(route_name="Red Line", departure_stop="Alpha", arrival_stop="Bravo"),)
SILENT = (
    "max_steps=3, per_device_train_batch_size=4, num_generations=2, max_completion_length=4, "
    "logging_steps=1, report_to='none', use_cpu=True, bf16=False, save_steps=3, seed=1, "
    "disable_tqdm=True, gradient_checkpointing=False"
)
TEMPLATE = "{% for m in messages %}{{ m['content'] }}{% endfor %}"


def block(kind: str, name: str) -> str:
    found = [text for lang, label, text in BLOCKS if (lang, label) == (kind, name)]
    assert len(found) == 1
    return found[0]


def asked(number: int) -> Question:
    kinds = ("TorF1", "TorF2", "Counting1", "Counting2", "Counting3", "planning")
    kind = kinds[number % 6]
    return Question(
        id=f"q{number}",
        type=kind,
        question=f"abc{'d' * (number % 3)}",
        answer=None if kind == "planning" else 1,
        options=("1", "2", "3", "4") if kind == "Counting1" else None,
        routes=(ROUTE,) if kind == "planning" else None,
        station_1="Alpha",
        station_2="Bravo",
    )


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a file of questions, as the page's reader has it."""
    jsonl.write([asked(number) for number in range(60)], tmp_path / "questions.jsonl")
    return tmp_path


def work(text: str, place: Path) -> None:
    """What a process of its own does with a program."""
    gc.freeze()
    os.environ |= {"ACCELERATE_USE_CPU": "true", "TOKENIZERS_PARALLELISM": "false"}
    os.chdir(place)
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    with (place / "said").open("w", encoding="utf-8") as said, redirect_stdout(said):
        exec(text, {"__name__": "__main__"})


@pytest.fixture
def run(place: Path) -> Callable[[str], str]:
    """Runs a program in a process that has loaded the libraries already; gives its last line."""

    def program(text: str) -> str:
        process = get_context("fork").Process(target=work, args=(text, place))
        process.start()
        process.join(300)
        assert process.exitcode == 0
        return (place / "said").read_text("utf-8").splitlines()[-1]

    return program


@pytest.fixture
def shell(place: Path) -> Callable[[str], str]:
    """Runs commands as a reader of the page would; gives what they print."""
    scripts = str(Path(sys.executable).parent)
    environment = os.environ | {"PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"}

    def program(text: str) -> str:
        done = subprocess.run(
            ["bash", "-ec", text],
            cwd=place,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return program


def test_every_block_of_the_page_is_run_here() -> None:
    assert [(lang, name) for lang, name, _ in BLOCKS] == [
        ("bash", "show"),
        ("python", "loop"),
        ("python", "torch"),
        ("python", "accelerate"),
        ("python", "trl"),
        ("bash", "verl"),
        ("bash", "verl-0.7.1"),
        ("bash", "plan"),
        ("bash", "simulate"),
    ]
    assert PAGE.read_text("utf-8").count("```") == 2 * len(BLOCKS)


def test_the_loop_runs_and_goes_on_from_its_file(run: Callable[[str], str], tmp_path: Path) -> None:
    text = block("python", "loop") + "print(curriculum.metrics()['updates'])"
    assert run(text) == "120"
    assert json.loads((tmp_path / "curriculum.json").read_text())["drawn"] == 120
    assert run(text) == "120"  # all was dealt: nothing is asked again


def test_the_loaders_run(run: Callable[[str], str], tmp_path: Path) -> None:
    told = "print(curriculum.done, curriculum.in_flight, curriculum.metrics()['updates'])"
    assert run(block("python", "torch") + told) == "True 0 80"  # 60, and 20 fillers
    assert (tmp_path / "loader.pt").is_file()
    assert run(block("python", "accelerate") + told) == "True 0 60"
    assert (tmp_path / "checkpoint").is_dir()


def test_the_trainer_trains_and_resumes(
    run: Callable[[str], str], tmp_path: Path, text_model: Path
) -> None:
    text = block("python", "trl").replace("Qwen/Qwen2.5-0.5B-Instruct", str(text_model))
    text = text.replace('output_dir="run"', f'output_dir="run", {SILENT}')
    run(f"{text}\nprint(trainer.state.global_step, trainer.curriculum.metrics()['updates'])")
    state = json.loads((tmp_path / "run/checkpoint-3/curriculum.json").read_text())
    assert state["chunks"] == 3
    longer = text.replace("max_steps=3", "max_steps=5").replace(
        "trainer.train()", "trainer.train(resume_from_checkpoint=True)"
    )
    made = run(f"{longer}\nprint(trainer.state.global_step, trainer.curriculum.drawn)")
    assert made == "5 10"


def test_the_commands_run(shell: Callable[[str], str], tmp_path: Path) -> None:
    shown = shell(block("bash", "show"))
    assert "judgement" in shown
    assert "gated reacts to rewards" in shown
    checked = shell(block("bash", "plan"))
    assert checked == "train.jsonl: 6 steps of 16, each of one stage; none dropped\n"
    compared = shell(block("bash", "simulate"))
    assert "gated:threshold=0.9" in compared
    assert {"simulation.html", "simulation.png"} <= {path.name for path in tmp_path.iterdir()}


def test_the_blocks_for_verl_name_what_is_there() -> None:
    for name in ("verl", "verl-0.7.1"):
        text = block("bash", name)
        for module in re.findall(r"rm_curriculum\.adapters\.\w+", text):
            parts = module.split(".")
            file = DOCS.parent / "packages/rm-curriculum/src" / Path(*parts).with_suffix(".py")
            names = {
                n.name for n in ast.walk(ast.parse(file.read_text())) if isinstance(n, ast.ClassDef)
            }
            wanted = re.findall(r"class_name=(\w+)", text)
            assert set(wanted) <= names
        for schedule in re.findall(r"schedule=(\S+)", text):
            assert schedule in SCHEDULES
    assert find_schedule("gated", threshold=0.8).name == "gated"


def test_the_page_names_schedules_and_files_that_exist() -> None:
    text = PAGE.read_text("utf-8")
    rows = re.findall(r"^\| .*? \| (.*?) \| .*\|$", text.split("## Use it")[0], re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([\w-]+)`", row)}
    assert named <= set(SCHEDULES)
    picture = re.search(r"!\[.*?\]\((\S+)\)", text)
    assert picture is not None
    with Image.open(DOCS / picture[1]) as image:
        assert image.width > 1_000


@pytest.fixture(scope="module")
def text_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A language model of one small layer whose tokens are bytes."""
    place = tmp_path_factory.mktemp("text")
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {letter: number for number, letter in enumerate([*letters, "<eos>"])}
    inside = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    inside.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inside.decoder = decoders.ByteLevel()
    PreTrainedTokenizerFast(
        tokenizer_object=inside, eos_token="<eos>", pad_token="<eos>", chat_template=TEMPLATE
    ).save_pretrained(place)
    config = Qwen2Config(
        vocab_size=len(vocabulary),
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        eos_token_id=vocabulary["<eos>"],
        pad_token_id=vocabulary["<eos>"],
        bos_token_id=None,
    )
    Qwen2ForCausalLM(config).save_pretrained(place)
    return place
