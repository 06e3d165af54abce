"""The real GRPOTrainer of the installed TRL, driven by rm-rewards' adapter as its page shows it."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any, cast

import pytest
import torch
import trl
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM
from trl import GRPOTrainer  # pyright: ignore[reportPrivateImportUsage]

from rm_rewards import Leg, Question, jsonl
from rm_rewards.adapters import adapter_path

PAGE = Path(__file__).resolve().parents[3] / "docs/trainers.md"
ROUTE = (Leg(route_name="Red Line", departure_stop="Alpha", arrival_stop="Bravo"),)
TRIP = Question(id="q1", type="planning", question="From Alpha to Bravo?", routes=(ROUTE,),
                station_1="Alpha", station_2="Bravo")  # fmt: skip
COUNT = Question(id="q2", type="Counting2", question="How many lines?", answer=3)
TEMPLATE = (
    "{% for m in messages %}{{ m['content'] }}{% endfor %}"
    "{% if add_generation_prompt %}:{% endif %}"
)


@pytest.fixture(scope="module")
def text_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A language model of one small layer whose tokens are bytes, without a vision part."""
    place = tmp_path_factory.mktemp("text")
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {letter: number for number, letter in enumerate([*letters, "<eos>"])}
    inside = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    inside.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inside.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=inside, eos_token="<eos>", pad_token="<eos>", chat_template=TEMPLATE
    )
    tokenizer.save_pretrained(place)
    torch.manual_seed(0)
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


def block(settings: str, model: Path) -> str:
    """The page's block, with a small model and so many steps that it ends."""
    page = PAGE.read_text(encoding="utf-8")
    found = re.findall(r"```python trl\n(.*?)```", page, re.DOTALL)
    assert len(found) == 1
    assert "Qwen/Qwen2.5-0.5B-Instruct" in found[0]
    code = found[0].replace("Qwen/Qwen2.5-0.5B-Instruct", str(model))
    return code.replace('output_dir="run"', f'output_dir="run", {settings}')


def test_the_block_of_the_page_trains_two_steps(
    text_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jsonl.write([TRIP, COUNT], tmp_path / "questions.jsonl")
    monkeypatch.chdir(tmp_path)
    settings = (
        "max_steps=2, per_device_train_batch_size=4, num_generations=2, max_completion_length=8, "
        "logging_steps=1, report_to='none', use_cpu=True, bf16=False, save_strategy='no', "
        "disable_tqdm=True, seed=1, num_completions_to_print=0, gradient_checkpointing=False"
    )
    space: dict[str, Any] = {}
    exec(block(settings, text_model), space)
    trainer = space["trainer"]
    assert isinstance(trainer, GRPOTrainer)
    assert trainer.state.global_step == 2
    lines = [line for line in trainer.state.log_history if "reward" in line]
    assert len(lines) == 2
    for line in lines:
        for name in ("format", "correctness", "detail"):
            assert f"rewards/{name}/mean" in line
        assert {"accuracy", "unparsed"} <= set(line)
        assert 0.0 <= line["unparsed"] <= 1.0
        assert 0.0 <= line["reward"] <= 2.5
    logs = cast("Any", trainer)._logs
    assert set(logs["extra"]) == {"gold", "pred", "status", "reasons"}


def test_the_real_trainer_gets_the_totals(
    text_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jsonl.write([TRIP, COUNT], tmp_path / "questions.jsonl")
    monkeypatch.chdir(tmp_path)
    settings = (
        "per_device_train_batch_size=2, num_generations=2, report_to='none', use_cpu=True, "
        "bf16=False"
    )
    space: dict[str, Any] = {}
    exec(block(settings, text_model).replace("trainer.train()", ""), space)
    trainer = space["trainer"]
    rows = [trainer.train_dataset[i] for i in (0, 0, 1, 1)]
    texts = [
        "Route Name: Red Line\nDeparture Stop: Alpha\nArrival Stop: Bravo", "",
        r"\boxed{3}", r"\boxed{4}",
    ]  # fmt: skip
    replies = [[{"role": "assistant", "content": text}] for text in texts]
    prompts = [row["prompt"] for row in rows]
    found = trainer._calculate_rewards(rows, prompts, replies, [[1]] * 4)
    assert torch.isnan(found[:, 2]).tolist() == [False, False, True, True]
    weights = torch.tensor(trainer.args.reward_weights)
    assert (found * weights).nansum(1).tolist() == [2.5, 0.0, 2.0, 1.0]


def test_trl_calls_as_it_did_when_the_adapter_was_written() -> None:
    assert trl.__version__.startswith("1.16.")
    method = cast("Any", GRPOTrainer)._calculate_rewards
    assert list(inspect.signature(method).parameters) == [
        "self", "inputs", "prompts", "completions", "completion_ids_list",
    ]  # fmt: skip
    source = inspect.getsource(method)
    assert "prompts=prompts, completions=completions, completion_ids=completion_ids_list" in source
    assert adapter_path("trl").name == "trl_rewards.py"
