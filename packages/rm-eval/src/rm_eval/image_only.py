"""The processor of Qwen2-VL and Qwen2.5-VL without its video half, which alone needs torchvision.

Imports transformers; `rm_eval.policy` loads this module only when a model is loaded.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, cast

import numpy as np
from transformers import Qwen2_5_VLProcessor as StockProcessor
from transformers import Qwen2Tokenizer
from transformers.feature_extraction_utils import BatchFeature
from transformers.image_processing_utils import BaseImageProcessor
from transformers.image_utils import make_flat_list_of_images


class Qwen2_5_VLProcessor(StockProcessor):  # noqa: N801 - the name that is written to disk
    """Pictures and text to tensors, on Pillow alone; videos are not supported.

    The stock class cannot be built where torchvision is missing, since its video processor has no
    other backend. This one reads the same folders, and writes folders that the stock class reads:
    it keeps the stock name and writes a `video_processor` section that it does not need itself.
    A picture that stands several times in a batch, as the same object, is prepared once.
    """

    def __init__(
        self,
        image_processor: BaseImageProcessor,
        tokenizer: Qwen2Tokenizer,
        chat_template: str | None = None,
        **_unused: object,
    ) -> None:
        self.image_token = "<|image_pad|>"
        self.video_token = "<|video_pad|>"
        self.image_token_id = tokenizer.convert_tokens_to_ids(self.image_token)
        self.video_token_id = tokenizer.convert_tokens_to_ids(self.video_token)
        # The stock __init__ demands a video processor; its own base class does the work.
        super(StockProcessor, self).__init__(
            image_processor, tokenizer, chat_template=chat_template
        )

    def _process_images(
        self,
        images: Any,  # noqa: ANN401 - a picture, or lists of them, as the stock method takes
        **kwargs: Any,  # noqa: ANN401
    ) -> tuple[BatchFeature, list[str]]:
        listed = cast("list[object]", make_flat_list_of_images(images))
        unique = {id(picture): picture for picture in listed}
        stock = cast("Any", super())
        made: BatchFeature
        texts: list[str]
        made, texts = stock._process_images(list(unique.values()), **kwargs)
        if len(unique) < len(listed):
            places = {key: place for place, key in enumerate(unique)}
            order = [places[id(picture)] for picture in listed]
            ends: list[int] = made["image_grid_thw"].prod(-1).cumsum(0).tolist()
            rows = [np.arange(first, last) for first, last in pairwise([0, *ends])]
            made["pixel_values"] = made["pixel_values"][np.concatenate([rows[p] for p in order])]
            made["image_grid_thw"] = made["image_grid_thw"][order]
            texts = [texts[place] for place in order]
        return made, texts

    def to_dict(self) -> dict[str, Any]:
        """What goes to `processor_config.json`, with a section for the stock video processor."""
        written: dict[str, Any] = super().to_dict()
        images = dict(written["image_processor"])
        images.pop("image_processor_type", None)
        written["video_processor"] = {**images, "video_processor_type": "Qwen2VLVideoProcessor"}
        return written
