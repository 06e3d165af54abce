"""A tiny vision-language model that vLLM runs on a CPU, and questions about drawn pictures."""

import json
import random
import shutil
import string
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, Final, cast

import torch
from PIL import Image, ImageDraw
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

_TESTS: Final = Path(__file__).parents[2] / "packages/rm-eval/tests"
_HEADS: Final = {"hidden_size": 64, "num_attention_heads": 2, "num_key_value_heads": 1}
_ROPE: Final = {"rope_type": "default", "rope_theta": 1e4, "mrope_section": [4, 6, 6]}


def tiny_model(folder: Path) -> Path:
    """The random Qwen2.5-VL of rm-eval's tests, with heads as wide as vLLM needs them on a CPU."""
    spec = spec_from_file_location("tests_of_rm_eval", _TESTS / "conftest.py")
    assert spec is not None
    assert spec.loader is not None
    tests: Any = module_from_spec(spec)
    sys.modules[spec.name] = tests
    spec.loader.exec_module(tests)
    torch.set_num_threads(1)
    processor = tests._processor()
    tests._model(processor.tokenizer).save_pretrained(folder)
    processor.save_pretrained(folder)
    config = json.loads((folder / "config.json").read_text("utf-8"))
    config["text_config"] |= {**_HEADS, "rope_parameters": _ROPE, "tie_word_embeddings": False}
    config["tie_word_embeddings"] = False
    cast("Any", torch).manual_seed(0)
    whole = cast("Any", Qwen2_5_VLConfig).from_dict(config)
    made: Any = Qwen2_5_VLForConditionalGeneration(whole)
    wanted = {*string.ascii_letters, *string.digits, "<|im_end|>"}
    silent = [at for token, at in processor.tokenizer.get_vocab().items() if token not in wanted]
    with torch.no_grad():
        made.lm_head.weight[silent] = 0.0  # the largest of the others is above 0
    made.save_pretrained(folder)
    return folder


def questions(folder: Path, *, pictures: int, asked: int, side: int) -> Path:
    """`asked` questions about each picture, the pictures taking turns: question-major."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "maps").mkdir(parents=True)
    for number in range(pictures):
        _drawn(number, side).save(folder / "maps" / f"{number}.png")
    rows = [
        {
            "id": f"{number}-{place}",
            "type": "Counting2",
            "question": f"How many stations has line {place}?",
            "answer": 3,
            "figure": f"maps/{number}.png",
            "city": f"city{number}",
            "difficulty_city": "easy",
        }
        for place in range(asked)
        for number in range(pictures)
    ]
    file = folder / "questions.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return file


def _drawn(number: int, side: int) -> Image.Image:
    chance = random.Random(number)
    picture = Image.new("RGB", (side, side), (5 * number % 256, 200, 100))
    for _ in range(30):
        ends = [chance.randrange(side) for _ in range(4)]
        colour = (chance.randrange(256), chance.randrange(256), chance.randrange(256))
        ImageDraw.Draw(picture).line(ends, fill=colour, width=6)
    return picture
