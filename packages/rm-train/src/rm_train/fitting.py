"""Pictures in the size that the model sees, made once when they are opened.

A published map can have 140 million pixels, of which the processor keeps a few hundred thousand;
reducing it anew in every step takes longer than the model. The result is that of the processor
itself, to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from PIL import Image
from transformers import ProcessorMixin
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import (
    Qwen2VLImageProcessorPil,
    smart_resize,
)


def fitting(processor: ProcessorMixin) -> Callable[[Image.Image], Image.Image]:
    """What reduces a picture as the processor would; other kinds of processor are left to it."""
    images = cast("Any", processor).image_processor
    if not isinstance(images, Qwen2VLImageProcessorPil):
        return lambda picture: picture
    settings = cast("Any", images)

    def fit(picture: Image.Image) -> Image.Image:
        height, width = smart_resize(
            picture.height,
            picture.width,
            factor=settings.patch_size * settings.merge_size,
            min_pixels=settings.size["shortest_edge"],
            max_pixels=settings.size["longest_edge"],
        )
        return picture.resize((width, height), settings.resample)

    return fit
