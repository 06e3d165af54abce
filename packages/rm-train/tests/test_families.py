from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any, cast

import pytest
import torch
from PIL import Image
from tiny_families import FAMILIES
from transformers import Glm4vConfig

import rm_train
from rm_eval import PolicyError, load_policy, load_processor
from rm_rewards import Question, jsonl
from rm_train import TrainConfig, resolve
from rm_train.curves import read_metrics

SIZES = [(90, 60), (50, 80)]
"""Of the two pictures: other families make of them other numbers of tiles."""


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("asked")
    made: list[Question] = []
    for number, size in enumerate(SIZES):
        noise = Image.effect_noise(size, 90).convert("RGB")
        noise.save(place / f"{number}.png")
        made.append(
            Question(
                id=f"q{number}",
                type="TorF1",
                question="Is it so?" if number else "Is it red?",
                answer=number,
                figure=f"{number}.png",
            )
        )
    jsonl.write(made, place / "q.jsonl")
    return place / "q.jsonl"


@pytest.fixture(scope="module", params=FAMILIES)
def family(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def folder(family: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp(family)
    torch.manual_seed(0)
    FAMILIES[family].write(place)
    return place


def config_of(model: Path, questions: Path, out: Path, **more: object) -> TrainConfig:
    settings: dict[str, object] = {
        "model": str(model),
        "questions": str(questions),
        "out": str(out),
        "schedule": "random",
        "prompts_per_step": 2,
        "num_generations": 4,
        "max_completion_length": 3,
        "max_steps": 2,
        "save_steps": 0,
        "beta": 0.01,
        "lr": 1e-3,
    }
    return resolve("embedded", overrides={**settings, **more})


@pytest.fixture(scope="module")
def schooled(folder: Path, asked: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Trained in full on gold answers, so that it boxes yes or no, then by reinforcement."""
    sft = {"sft.steps": 8, "sft.batch": 2, "sft.lr": 2e-2, "sft.lr_schedule": "constant"}
    out = tmp_path_factory.mktemp("schooled") / "run"
    rm_train.run(config_of(folder, asked, out, eval_questions=str(asked), **sft))
    return out


def test_a_family_learns_in_full_and_is_loaded_again(
    family: str, folder: Path, schooled: Path
) -> None:
    lines = read_metrics(schooled / "metrics.jsonl")
    assert [line["step"] for line in lines] == [1, 2]
    assert any(line["grad_norm"] > 0 for line in lines)
    assert lines[0]["kl"] == pytest.approx(0.0, abs=1e-5)
    losses = [line["loss"] for line in read_metrics(schooled / "warmup.jsonl")]
    assert losses[-1] < losses[0]
    before = load_policy(folder).model.state_dict()
    after = load_policy(schooled / "model").model.state_dict()
    moved = {name for name, value in after.items() if not torch.equal(value, before[name])}
    assert any(FAMILIES[family].projector in name for name in moved)
    assert any("visual" in name or "vision" in name for name in moved)
    assert (schooled / "eval" / "after" / "rewards.jsonl").is_file()


def test_a_step_in_parts_is_the_whole_step_whatever_the_pictures_are_cut_into(
    asked: Path, schooled: Path, tmp_path: Path
) -> None:
    found: list[dict[str, Any]] = []
    for parts in (0, 1):
        out = tmp_path / f"run-{parts}"
        more: dict[str, object] = {"micro_batch": parts, "max_steps": 1}
        more |= {"gradient_checkpointing": bool(parts)}
        rm_train.run(config_of(schooled / "warmup", asked, out, **more))
        found += read_metrics(out / "metrics.jsonl")
    whole, cut = found
    assert whole["reward"] == cut["reward"]
    assert whole["grad_norm"] == pytest.approx(cut["grad_norm"], rel=1e-3, abs=1e-6)
    assert whole["grad_norm"] > 0


def test_a_family_learns_with_adapters_of_its_preset(
    family: str, asked: Path, schooled: Path, tmp_path: Path
) -> None:
    target = resolve(FAMILIES[family].preset, overrides={"questions": "q.jsonl"}).lora.target
    lora: dict[str, object] = {"lora.r": 4, "lora.target": target, "sft.steps": 1, "sft.batch": 2}
    out = tmp_path / "run"
    rm_train.run(config_of(schooled / "warmup", asked, out, **lora))
    assert (out / "model" / "adapter_config.json").is_file()
    base = load_policy(out / "warmup").model.state_dict()
    merged = load_policy(out / "model").model.state_dict()
    moved = {name for name, value in merged.items() if not torch.equal(value, base[name])}
    assert all("language_model" in name or "text_model" in name for name in moved)


def test_the_processor_answers_for_a_row_as_in_a_batch(folder: Path, asked: Path) -> None:
    policy = load_policy(folder)
    processor = cast("Any", policy.processor)
    pictures = [Image.open(asked.parent / f"{n}.png").convert("RGB") for n in range(len(SIZES))]
    content = [{"type": "image"}, {"type": "text", "text": "Is it so?"}]
    text = processor.apply_chat_template(
        [{"role": "user", "content": content}], add_generation_prompt=True, tokenize=False
    )

    def last(images: list[Image.Image]) -> torch.Tensor:
        inputs = processor(
            images=[[image] for image in images],
            text=[text] * len(images),
            padding=True,
            return_tensors="pt",
        )
        with torch.no_grad():
            return cast("Any", policy.model)(**inputs).logits[:, -1]

    together = last(pictures)
    for row, picture in zip(together, pictures, strict=True):
        torch.testing.assert_close(row, last([picture])[0], rtol=1e-4, atol=1e-4)
    assert not torch.allclose(together[0], together[1], atol=1e-3)


def test_bounds_on_pixels_are_refused_where_a_family_has_none(family: str, folder: Path) -> None:
    if "qwen" in family:
        size = cast("Any", load_processor(folder, max_pixels=9999)).image_processor.size
        assert size["longest_edge"] == 9999
        return
    with pytest.raises(PolicyError, match="cuts pictures into tiles by rules of its own"):
        load_processor(folder, max_pixels=9999)


def test_a_family_that_needs_torchvision_says_what_to_install(
    tiny_model: Path, tmp_path: Path
) -> None:
    if importlib.util.find_spec("torchvision") is not None:
        pytest.skip("torchvision is installed, so such a family loads")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (tmp_path / name).write_bytes((tiny_model / name).read_bytes())
    Glm4vConfig().save_pretrained(tmp_path)
    settings = {"image_processor_type": "Glm4vImageProcessor", "processor_class": "Glm4vProcessor"}
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(settings), encoding="utf-8")
    with pytest.raises(PolicyError, match="needs torchvision; `pip install torchvision`") as caught:
        load_processor(tmp_path)
    assert "\n" not in str(caught.value)
