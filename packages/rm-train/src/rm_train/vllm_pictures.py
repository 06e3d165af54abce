"""Repairs for pictures in vLLM inside the trainer (TRL 1.16, `vllm_mode="colocate"`).

TRL hands vLLM the tokens of the processor, in which each picture already is a run of tokens, and
vLLM expands the first of them again: replies are sampled from a prompt that is not trained on, and
nothing fails (huggingface/trl#6294). vLLM also scales pictures by the checkpoint's own bounds, not
by the trainer's, and keeps encoded pictures when the weights of the vision tower change.
Server mode needs none of this: there TRL places the pictures itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any


def one_token_a_picture(ids: Sequence[int], picture: int) -> list[int]:
    """The tokens with each run of the picture token made one, as vLLM expects them.

    Example:
        >>> one_token_a_picture([1, 9, 9, 9, 2, 9, 9, 3], picture=9)
        [1, 9, 2, 9, 3]
    """
    runs = ((token, list(run)) for token, run in groupby(ids))
    return [t for token, run in runs for t in ([token] if token == picture else run)]


def adapted(row: Mapping[str, Any], picture: int, size: Mapping[str, int]) -> dict[str, Any]:
    """A prompt of vLLM with its pictures as the trainer sees them.

    Args:
        row: `prompt_token_ids`, and `multi_modal_data` where there are pictures.
        picture: The picture token.
        size: `shortest_edge` and `longest_edge`: fewest and most pixels.
    """
    if "multi_modal_data" not in row:
        return dict(row)
    ids = one_token_a_picture(row["prompt_token_ids"], picture)
    return {**row, "prompt_token_ids": ids, "mm_processor_kwargs": {"size": dict(size)}}


def repair_colocated(generation: Any, picture: int, size: Mapping[str, int]) -> None:  # noqa: ANN401
    """Put the repairs into TRL's generation object, in place.

    Args:
        generation: TRL's `VLLMGeneration` in colocate mode; its types are vLLM's.
        picture: The picture token.
        size: As for `adapted`.
    """
    llm = generation.llm
    generate: Callable[..., Any] = llm.generate
    sync_weights: Callable[[], None] = generation.sync_weights

    def repaired(prompts: Sequence[Mapping[str, Any]], **settings: object) -> object:
        return generate([adapted(row, picture, size) for row in prompts], **settings)

    def synced() -> None:
        sync_weights()
        llm.llm_engine.reset_encoder_cache()

    llm.generate = repaired
    generation.sync_weights = synced
