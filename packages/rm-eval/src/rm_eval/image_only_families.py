"""Processors of further model families without their video half, which alone needs torchvision.

Qwen3-VL, InternVL, LLaVA-OneVision, SmolVLM and Idefics3: pictures and text on Pillow alone. Each
class reads the folders of the stock one, and writes folders that the stock one reads. Imports
transformers; `rm_eval.policy` loads this module only when such a model is loaded.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, Final, cast

from transformers import AutoTokenizer, Idefics3Processor, ProcessorMixin
from transformers import InternVLProcessor as StockInternVL
from transformers import LlavaOnevisionProcessor as StockLlavaOnevision
from transformers import Qwen3VLProcessor as StockQwen3VL
from transformers import SmolVLMProcessor as StockSmolVLM
from transformers.image_processing_utils import BaseImageProcessor
from transformers.models.idefics3.image_processing_pil_idefics3 import Idefics3ImageProcessorPil
from transformers.models.smolvlm.image_processing_pil_smolvlm import SmolVLMImageProcessorPil
from transformers.tokenization_utils_base import PreTrainedTokenizerBase

Images = BaseImageProcessor
Tokens = PreTrainedTokenizerBase


class WithoutVideos(ProcessorMixin):
    """Stands between a stock processor and its base, and keeps the video processor from both."""

    def __init__(
        self,
        image_processor: Images,
        tokenizer: Tokens,
        _video_processor: object = None,
        *,
        chat_template: str | None = None,
    ) -> None:
        super().__init__(image_processor, tokenizer, chat_template=chat_template)

    def to_dict(self) -> dict[str, Any]:
        """What goes to `processor_config.json`, with a section for the stock video processor."""
        written: dict[str, Any] = super().to_dict()
        kind = type(self).__name__.replace("Processor", "VideoProcessor")
        written["video_processor"] = {"video_processor_type": kind}
        return written


class Qwen3VLProcessor(StockQwen3VL, WithoutVideos):
    """Pictures and text of Qwen3-VL."""

    def __init__(
        self, image_processor: Images, tokenizer: Tokens, chat_template: str | None = None
    ) -> None:
        super().__init__(image_processor, tokenizer, None, chat_template=chat_template)


class InternVLProcessor(StockInternVL, WithoutVideos):  # pyright: ignore[reportIncompatibleMethodOverride] - as the stock one
    """Pictures and text of InternVL 2.5, 3 and 3.5, in the form that transformers loads (`-hf`)."""

    def __init__(
        self,
        image_processor: Images,
        tokenizer: Tokens,
        image_seq_length: int = 256,
        chat_template: str | None = None,
    ) -> None:
        super().__init__(image_processor, tokenizer, None, image_seq_length, chat_template)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - the base's own
        """As the stock method, which asks numpy for sums of a tensor: numpy 2 warns of that."""
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "__array_wrap__", DeprecationWarning)
            return cast("Any", super()).__call__(*args, **kwargs)


class LlavaOnevisionProcessor(StockLlavaOnevision, WithoutVideos):
    """Pictures and text of LLaVA-OneVision."""

    def __init__(
        self,
        image_processor: Images,
        tokenizer: Tokens,
        num_image_tokens: int | None = None,
        vision_feature_select_strategy: str | None = None,
        chat_template: str | None = None,
        image_token: str = "<image>",
        video_token: str = "<video>",
        vision_aspect_ratio: str = "anyres_max_9",
    ) -> None:
        super().__init__(
            image_processor,
            tokenizer,
            None,
            num_image_tokens,
            vision_feature_select_strategy,
            chat_template,
            image_token,
            video_token,
            vision_aspect_ratio,
        )

    @property
    def unused_input_names(self) -> list[str]:
        """What the model can do without: it assumes one picture a prompt, as all of ours have.

        TRL 1.16 hands every other entry to a method that does not know this one.
        """
        return ["batch_num_images"]


class SmolVLMProcessor(StockSmolVLM, WithoutVideos):  # pyright: ignore[reportIncompatibleMethodOverride] - as the stock one
    """Pictures and text of SmolVLM2, also without the package num2words (for videos alone)."""

    def __init__(
        self,
        image_processor: Images,
        tokenizer: Tokens,
        image_seq_len: int = 169,
        chat_template: str | None = None,
    ) -> None:
        named = cast("Any", tokenizer)
        self.fake_image_token = getattr(named, "fake_image_token", "<fake_token_around_image>")
        self.image_token = getattr(named, "image_token", "<image>")
        self.image_token_id = named.convert_tokens_to_ids(self.image_token)
        self.end_of_utterance_token = getattr(named, "end_of_utterance_token", "<end_of_utterance>")
        self.global_image_token = getattr(named, "global_image_token", "<global-img>")
        self.image_seq_len = image_seq_len
        self.video_token = getattr(named, "video_token", "<video>")
        # The stock __init__ demands num2words; the class after it in line does the work.
        super(StockSmolVLM, self).__init__(
            image_processor, tokenizer, None, chat_template=chat_template
        )

    def apply_chat_template(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - the base's own
        """The prompt of a conversation; the stock method asks the video processor first."""
        return cast("Any", super(StockSmolVLM, self)).apply_chat_template(*args, **kwargs)

    def _get_num_multimodal_tokens(self, image_sizes: Any = None, **kwargs: Any) -> Any:  # noqa: ANN401 - as of the other processors
        """Tokens of pictures from their sizes: laid out as in Idefics3, where it is written."""
        counted = cast("Any", Idefics3Processor)._get_num_multimodal_tokens
        return counted(self, image_sizes, **kwargs)


_STOCK: Final[dict[str, type[ProcessorMixin]]] = {
    "qwen3_vl": Qwen3VLProcessor,
    "internvl": InternVLProcessor,
    "llava_onevision": LlavaOnevisionProcessor,
}
_ON_PILLOW: Final[dict[str, tuple[type[ProcessorMixin], type[BaseImageProcessor]]]] = {
    "smolvlm": (SmolVLMProcessor, SmolVLMImageProcessorPil),
    "idefics3": (Idefics3Processor, Idefics3ImageProcessorPil),
}
"""Where transformers' Auto class does not find the image processor without torchvision, although it
is there and needs none."""


def family_processor(kind: str, path_or_name: str | Path) -> ProcessorMixin:
    """The processor of a folder or a name on the hub.

    Args:
        kind: `model_type` in config.json: qwen3_vl, internvl, llava_onevision, smolvlm or idefics3
            (as which the first SmolVLM is stored).
        path_or_name: Where it lies.
    """
    if kind in _STOCK:
        return _STOCK[kind].from_pretrained(path_or_name)
    whole, pictures = _ON_PILLOW[kind]
    settings = cast("Any", whole).get_processor_dict(path_or_name)[0]
    tokenizer = cast("Any", AutoTokenizer).from_pretrained(path_or_name)
    images = pictures.from_pretrained(path_or_name)
    return cast("Any", whole).from_args_and_dict([images, tokenizer], settings)
