"""What a processor does with questions and pictures, found out without the model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from PIL import Image
from transformers import GenerationConfig, ProcessorMixin
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import (
    Qwen2VLImageProcessorPil,
    smart_resize,
)

from rm_train.doctor.dialogue import Dialogue
from rm_train.doctor.pictures import SeenPicture

_WORDS = "The words of the assistant."


def templated(processor: ProcessorMixin, question: str) -> str:
    """The prompt of a question with one picture, as text."""
    return _rendered(processor, [_asked(question)], prompt=True)


def dialogue_of(processor: ProcessorMixin, model: str) -> Dialogue:
    """What is written around a question and its reply.

    Args:
        processor: Has a chat template.
        model: Folder or hub name, for the generation settings that come with the model.
    """
    tokenizer = cast("Any", processor).tokenizer
    said: dict[str, object] = {"role": "assistant", "content": [{"type": "text", "text": _WORDS}]}
    whole = _rendered(processor, [_asked("What?"), said], prompt=False)
    after = whole.rpartition(_WORDS)[2]
    token = picture_token(processor)
    eos: str | None = tokenizer.eos_token
    stops = cast("list[str]", tokenizer.convert_ids_to_tokens(_stop_ids(model)))
    return Dialogue(
        pad=tokenizer.pad_token,
        eos=eos,
        stops=tuple(dict.fromkeys([*([eos] if eos else []), *stops])),
        turn_end=next((t for t in _special(tokenizer) if after.startswith(t)), ""),
        placeholders=templated(processor, "What?").count(token),
        token=token,
    )


def picture_token(processor: ProcessorMixin) -> str:
    """The text that stands for a picture in a templated prompt."""
    found: object = getattr(processor, "image_token", None)
    return found if isinstance(found, str) else "<image>"


def text_tokens(processor: ProcessorMixin, prompts: Sequence[str]) -> list[int]:
    """How many tokens each text has, no special ones added."""
    made = cast("Any", processor).tokenizer(list(prompts), add_special_tokens=False)
    return [len(ids) for ids in made["input_ids"]]


def seen_picture(processor: ProcessorMixin, path: Path) -> SeenPicture:
    """What becomes of a picture, from its size alone; its pixels are not decoded."""
    with Image.open(path) as opened:
        width, height = opened.size
    counted = cast("Any", processor)._get_num_multimodal_tokens(image_sizes=[(height, width)])
    return SeenPicture(
        name=path.name,
        width=width,
        height=height,
        tokens=int(counted.num_image_tokens[0]),
        seen=_seen_pixels(processor, width, height),
    )


def real_length(processor: ProcessorMixin, question: str, picture: Image.Image) -> int:
    """How many tokens the processor really makes of a question and its picture."""
    made = cast("Any", processor)(
        text=[templated(processor, question)], images=[picture], return_tensors="pt"
    )
    return int(made["input_ids"].shape[1])


def _seen_pixels(processor: ProcessorMixin, width: int, height: int) -> int | None:
    images = cast("Any", processor).image_processor
    if not isinstance(images, Qwen2VLImageProcessorPil):
        return None
    settings = cast("Any", images)
    rows, columns = smart_resize(
        height,
        width,
        factor=settings.patch_size * settings.merge_size,
        min_pixels=settings.size["shortest_edge"],
        max_pixels=settings.size["longest_edge"],
    )
    return int(rows * columns)


def _asked(question: str) -> dict[str, object]:
    content = [{"type": "image"}, {"type": "text", "text": question}]
    return {"role": "user", "content": content}


def _rendered(
    processor: ProcessorMixin, turns: Sequence[dict[str, object]], *, prompt: bool
) -> str:
    made: str = cast("Any", processor).apply_chat_template(
        list(turns), add_generation_prompt=prompt, tokenize=False
    )
    return made


def _special(tokenizer: Any) -> list[str]:  # noqa: ANN401 - each model has a class of its own
    found = cast("dict[int, Any]", tokenizer.added_tokens_decoder)
    return sorted((str(token) for token in found.values()), key=len, reverse=True)


def _stop_ids(model: str) -> list[int]:
    try:
        found = cast("Any", GenerationConfig.from_pretrained(model)).eos_token_id
    except OSError:  # many folders have none, and the tokenizer's own token is used
        return []
    if found is None:
        return []
    return [found] if isinstance(found, int) else list(found)
