"""The processor of Qwen2-VL and Qwen2.5-VL without its video half, which alone needs torchvision.

Imports transformers; `rm_eval.policy` loads this module only when a model is loaded.
"""

from __future__ import annotations

from typing import Any

from transformers import Qwen2_5_VLProcessor as StockProcessor
from transformers import Qwen2Tokenizer
from transformers.image_processing_utils import BaseImageProcessor


class Qwen2_5_VLProcessor(StockProcessor):  # noqa: N801 - the name that is written to disk
    """Pictures and text to tensors, on Pillow alone; videos are not supported.

    The stock class cannot be built where torchvision is missing, since its video processor has no
    other backend. This one reads the same folders, and writes folders that the stock class reads:
    it keeps the stock name and writes a `video_processor` section that it does not need itself.
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

    def to_dict(self) -> dict[str, Any]:
        """What goes to `processor_config.json`, with a section for the stock video processor."""
        written: dict[str, Any] = super().to_dict()
        images = dict(written["image_processor"])
        images.pop("image_processor_type", None)
        written["video_processor"] = {**images, "video_processor_type": "Qwen2VLVideoProcessor"}
        return written
