from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias, cast

import pytest
import torch
from PIL import Image
from tiny_families import FAMILIES
from torch import Tensor

from rm_eval import load_policy
from rm_train.methods.dynamic_sampling.joining import Batch, joined

Asked: TypeAlias = tuple[tuple[int, int], str, str]
"""Size of a picture, question, reply."""

FIRST: tuple[Asked, ...] = (((90, 60), "Is it red?", "yes"), ((60, 60), "Is it?", "no, not so"))
SECOND: tuple[Asked, ...] = (
    ((50, 80), "And is it blue or green?", "yes it is"),
    ((30, 30), "?", "n"),
)
_TYPES = ("token_type_ids", "mm_token_type_ids")


def padded(rows: Sequence[list[int]], fill: int) -> Tensor:
    width = max(map(len, rows))
    return torch.tensor([[*row, *[fill] * (width - len(row))] for row in rows])


def batch_of(processor: Any, asked: Sequence[Asked]) -> Batch:  # noqa: ANN401 - of any family
    """What TRL's trainer makes of questions and replies."""
    pictures = [[Image.effect_noise(size, 90).convert("RGB")] for size, _, _ in asked]
    for (picture,), (size, text, _) in zip(pictures, asked, strict=True):
        picture.paste((len(text), 40, 90), (0, 0, size[0] // 2, size[1] // 2))
        picture.paste((9, 200, len(text)), (size[0] // 2, 0, *size))
        picture.paste((90, len(text), 7), (0, size[1] // 2, size[0] // 2, size[1]))
    texts = [
        processor.apply_chat_template(
            [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": text}]}],
            add_generation_prompt=True,
            tokenize=False,
        )
        for _, text, _ in asked
    ]
    made = dict(processor(images=pictures, text=texts, padding=True, return_tensors="pt"))
    replies = [processor.tokenizer(reply)["input_ids"] for _, _, reply in asked]
    own: Batch = {
        "prompt_ids": made.pop("input_ids"),
        "prompt_mask": made.pop("attention_mask"),
        "completion_ids": padded(replies, processor.tokenizer.pad_token_id),
        "completion_mask": padded([[1] * len(reply) for reply in replies], 0),
        "num_images": [1] * len(asked),
    }
    for name in _TYPES:
        if name in made:
            made[name] = torch.cat((made[name], torch.zeros_like(own["completion_ids"])), dim=1)
    pixels = made["pixel_values"]
    if pixels.ndim == 4 and len(pixels) != len(asked):
        tiles = processor.image_processor(pictures, crop_to_patches=True, return_tensors="pt")
        own["num_tiles"] = [int(count) for count in tiles["num_patches"]]
    return {**own, **made}


def replies_as_seen(model: Any, batch: Batch) -> list[Tensor]:  # noqa: ANN401
    """For each reply what the model expects at each of its tokens."""
    ids = torch.cat((batch["prompt_ids"], batch["completion_ids"]), dim=1)
    mask = torch.cat((batch["prompt_mask"], batch["completion_mask"]), dim=1)
    ours = ("prompt_ids", "prompt_mask", "completion_ids", "completion_mask")
    rest = {k: v for k, v in batch.items() if k not in (*ours, "num_images", "num_tiles")}
    with torch.no_grad():
        logits: Tensor = model(input_ids=ids, attention_mask=mask, **rest).logits
    width = batch["completion_ids"].shape[1]
    told = logits[:, -width - 1 : -1].log_softmax(dim=-1)
    return [row[keep.bool()] for row, keep in zip(told, batch["completion_mask"], strict=True)]


@pytest.mark.filterwarnings("ignore:__array_wrap__:DeprecationWarning")  # InternVL's processor
@pytest.mark.parametrize("family", FAMILIES)
def test_a_joined_batch_is_seen_as_each_reply_was_in_its_own(family: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    FAMILIES[family].write(tmp_path)
    policy = load_policy(tmp_path, dtype="float32")
    model, processor = policy.model, cast("Any", policy.processor)
    batches = [batch_of(processor, asked) for asked in (FIRST, SECOND)]
    choice = [(1, 1), (0, 0), (1, 0), (0, 1)]
    together = joined(batches, choice, processor.tokenizer.pad_token_id)
    seen = replies_as_seen(model, together)
    for (part, row), found in zip(choice, seen, strict=True):
        expected = replies_as_seen(model, batches[part])[row]
        torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-4)
